"""Open, sweep and close signals."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Sum
from psycopg.types.range import DateRange

from audit.services import record
from audit.units import atomic
from casework.models import Signal
from casework.rules import MEDICAL_ALERT, Alert, medical_alert
from exchange.registry import RESULTS
from households.models import Category, Household, MedicalBill, Person, Recognition
from kernel import clock
from kernel.access import Actor, require
from kernel.errors import Refused
from policy.parameters import lookup_number
from regions.models import Region

_LISTED = (Category.DIBAO, Category.DIBAO_EDGE, Category.TEKUN)
_CHUNK = 1_000


def medical_lines(region: Region, on: date) -> tuple[int, int]:
    """Return the lines for listed and unlisted people that a region has on a day."""
    chain = region.chain
    return (
        lookup_number("casework.medical_alert_listed_fen", region_chain=chain, on=on),
        lookup_number("casework.medical_alert_unlisted_fen", region_chain=chain, on=on),
    )


@atomic()
def medical_signal(
    *, person: Person, household: Household, year: int, actor: Actor
) -> Signal | None:
    """Open SM-01 when a person's bills of a year pass the line; ``None`` when they do not.

    An open signal of the person is returned as it is. Raises ``Refused("parameter_missing")``.
    """
    sums = MedicalBill.objects.filter(person=person, settled_on__year=year).aggregate(
        gross=Sum("gross_fen"), net=Sum(F("gross_fen") - F("insurance_fen") - F("third_party_fen"))
    )
    listed_line, unlisted_line = medical_lines(household.region, clock.today())
    alerts = {
        listed: medical_alert(
            listed=listed,
            gross_fen=sums["gross"] or 0,
            self_paid_fen=sums["net"] or 0,
            listed_line_fen=listed_line,
            unlisted_line_fen=unlisted_line,
        )
        for listed in (True, False)
    }
    if not any(alerts.values()):
        return None  # listed or not, no line is passed
    recognised = Recognition.objects.filter(
        person=person,
        category__in=_LISTED,
        period__overlap=DateRange(date(year, 1, 1), date(year + 1, 1, 1)),
    )
    alert = alerts[recognised.exists()]
    if alert is None:
        return None
    open_ = Signal.objects.filter(person=person, rule=MEDICAL_ALERT).exclude(
        state=Signal.State.CLOSED
    )
    if found := open_.first():
        return found
    signal = Signal(
        person=person,
        household=household,
        region_id=household.region_id,
        rule=MEDICAL_ALERT,
        evidence=_evidence(alert, year),
        opened_on=clock.today(),
    )
    signal.save(force_insert=True)
    record("signal.opened", signal, actor, rule=signal.rule, **signal.evidence)
    return signal


def _evidence(alert: Alert, year: int) -> dict[str, Any]:
    return {
        "year": year,
        "measure": alert.measure,
        "amount_fen": alert.amount_fen,
        "line_fen": alert.line_fen,
    }


@transaction.atomic
def medical_signals_sweep(*, region: Region, year: int, actor: Actor) -> int:
    """Open SM-01 for everybody under a region whose bills of a year pass the line; return how many.

    Running it again opens nothing anew while the first signal is open.
    """
    require(actor, "signal.work", region_path=region.path)
    # Codes, not joins: right after a bulk load PostgreSQL has no statistics to plan joins by.
    places = Region.objects.filter(path__startswith=region.path).in_bulk()
    sums = (
        MedicalBill.objects.filter(region_id__in=list(places), settled_on__year=year)
        .values("person_id", "household_id", "region_id")
        .annotate(
            gross=Sum("gross_fen"),
            net=Sum(F("gross_fen") - F("insurance_fen") - F("third_party_fen")),
        )
        .order_by("person_id")
    )
    listed = set(
        Recognition.objects.filter(
            region_id__in=list(places),
            category__in=_LISTED,
            period__overlap=DateRange(date(year, 1, 1), date(year + 1, 1, 1)),
        ).values_list("person_id", flat=True)
    )
    already = set(
        Signal.objects.filter(rule=MEDICAL_ALERT)
        .exclude(state=Signal.State.CLOSED)
        .values_list("person_id", flat=True)
    )
    lines: dict[str, tuple[int, int]] = {}
    found: list[Signal] = []
    for row in sums.iterator():
        place = row["region_id"]
        if place not in lines:
            lines[place] = medical_lines(places[place], clock.today())
        alert = medical_alert(
            listed=row["person_id"] in listed,
            gross_fen=row["gross"],
            self_paid_fen=row["net"],
            listed_line_fen=lines[place][0],
            unlisted_line_fen=lines[place][1],
        )
        if alert and row["person_id"] not in already:
            already.add(row["person_id"])
            found.append(
                Signal(
                    person_id=row["person_id"],
                    household_id=row["household_id"],
                    region_id=place,
                    rule=MEDICAL_ALERT,
                    evidence=_evidence(alert, year),
                    opened_on=clock.today(),
                )
            )
    Signal.objects.bulk_create(found, batch_size=_CHUNK)
    record("signals.swept", region, actor, region_id=region.pk, year=year, opened=len(found))
    return len(found)


@transaction.atomic
def signal_close(*, signal: Signal, result: str, actor: Actor) -> Signal:
    """Close a signal with a result code (domain.md section 2).

    Raises ``Refused`` ``denied``, ``wrong_state`` or ``result_unknown``.
    """
    locked = (
        Signal.objects.select_for_update(of=("self",)).select_related("region").get(pk=signal.pk)
    )
    require(actor, "signal.work", region_path=locked.region.path)
    if locked.state == Signal.State.CLOSED:
        raise Refused("wrong_state", "该线索已办结")
    if result not in RESULTS:
        raise Refused("result_unknown", f"请选择办理结果：{'、'.join(RESULTS.values())}")
    before, locked.state, locked.result = locked.state, Signal.State.CLOSED, result
    locked.save(update_fields=["state", "result"])
    record("signal.closed", locked, actor, before=before, result=result)
    return locked
