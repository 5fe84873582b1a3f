"""The numbers of a pack for (region, as_of, known_at): what was so then, as far as known then.

Facts count when they took effect by ``as_of`` and were recorded by ``known_at``; the money lines
come from the append-only ledger, so that a later correction does not change them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Sum

from aid.models import AidEntry, Brand, Finding, Layer, Outcome, Prevented
from casework.selectors import gaps
from households.models import Category, Household, Member, Need, Purpose, Recognition
from kernel.clock import SHANGHAI
from matching.models import Proposal, Run
from projects.models import Delivery, Wish, WishOutcome
from regions.models import Region
from regions.selectors import regions_under

_KIND = AidEntry.Kind


@dataclass(frozen=True)
class Moment:
    """What a pack is about: the region, its date, and the time up to which facts are known."""

    region: Region
    as_of: date
    known_at: datetime

    @property
    def since(self) -> date:
        """1 January of the year reported on."""
        return date(self.as_of.year, 1, 1)

    @property
    def until(self) -> datetime:
        """The end of the reported day or ``known_at``, whichever is earlier."""
        end = datetime.combine(self.as_of + timedelta(days=1), time(), SHANGHAI)
        return min(end, self.known_at)

    def facts(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the region that were recorded by ``known_at``."""
        return rows.filter(
            region__path__startswith=self.region.path, recorded_at__lte=self.known_at
        )


def numbers_of(moment: Moment) -> dict[str, Any]:
    """Return everything the pack reports, as JSON values; money in fen."""
    return {
        "stock": _stock(moment),
        "money": _money(moment),
        "new_cases": _new_cases(moment),
        "prevented": _prevented(moment),
        "findings": _findings(moment),
        "gaps": _gaps(moment),
        "wishes": _wishes(moment),
        "brands": _brands(moment),
        "matching": _matching(moment),
    }


def _labelled(choices: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    return {str(code): str(label) for code, label in choices}


def _stock(moment: Moment) -> dict[str, Any]:
    labels = _labelled(Category.choices)
    held = moment.facts(Recognition.objects.filter(period__contains=moment.as_of))
    households = moment.facts(Household.objects.filter(opened_on__lte=moment.as_of)).exclude(
        closed_on__lte=moment.as_of
    )
    members = moment.facts(Member.objects.filter(period__contains=moment.as_of))
    return {
        "households": households.count(),
        "persons": members.values("person").distinct().count(),
        "categories": [
            {"code": row["category"], "label": labels[row["category"]], **_two(row)}
            for row in held.values("category")
            .annotate(
                persons=Count("person", distinct=True),
                households=Count("household", distinct=True),
            )
            .order_by("category")
        ],
    }


def _two(row: dict[str, Any]) -> dict[str, int]:
    return {"persons": row["persons"], "households": row["households"]}


def _entries(moment: Moment) -> QuerySet[AidEntry]:
    return moment.facts(
        AidEntry.objects.filter(effective_on__gte=moment.since, effective_on__lte=moment.as_of)
    )


def _money(moment: Moment) -> dict[str, Any]:
    """Paid in the year by layer and by scheme or brand: payments and reported facts less reversals.

    A reversal of a promise releases it and is no money.
    """
    by_layer: dict[str, int] = defaultdict(int)
    by_source: dict[str, int] = defaultdict(int)
    events: dict[str, int] = defaultdict(int)
    rows = _entries(moment).values(
        "kind", "layer", "scheme__name", "brand__name", "organisation__name", "of_entry__kind"
    )
    for row in rows.annotate(fen=Sum("amount_fen"), count=Count("id")):
        paid = row["kind"] in (_KIND.PAYMENT, _KIND.REPORTED)
        undone = row["kind"] == _KIND.REVERSAL and row["of_entry__kind"] != _KIND.PROMISE
        if not paid and not undone:
            continue
        fen = int(row["fen"]) * (1 if paid else -1)
        by_layer[row["layer"]] += fen
        source = row["scheme__name"] or row["brand__name"] or row["organisation__name"]
        by_source[source] += fen
        events[row["layer"]] += row["count"] if paid else 0
    promised = _entries(moment).filter(kind=_KIND.PROMISE).aggregate(fen=Sum("amount_fen"))
    return {
        "total_fen": sum(by_layer.values()),
        "promised_fen": int(promised["fen"] or 0),
        "layers": [
            {"code": code, "label": label, "fen": by_layer[code], "events": events[code]}
            for code, label in _labelled(Layer.choices).items()
            if code in by_layer
        ],
        "sources": [
            {"label": label, "fen": fen} for label, fen in sorted(by_source.items()) if fen
        ],
    }


def _new_cases(moment: Moment) -> dict[str, Any]:
    labels = _labelled(Category.choices)
    year = (moment.since, moment.as_of)
    new = moment.facts(Recognition.objects.filter(period__startswith__range=year))
    needs = moment.facts(Need.objects.filter(period__startswith__range=year))
    return {
        "recognitions": [
            {"code": row["category"], "label": labels[row["category"]], "persons": row["persons"]}
            for row in new.values("category")
            .annotate(persons=Count("person", distinct=True))
            .order_by("category")
        ],
        "needs": needs.count(),
    }


def _prevented(moment: Moment) -> dict[str, Any]:
    rows = (
        Prevented.objects.filter(
            region__path__startswith=moment.region.path,
            recorded_at__gte=datetime.combine(moment.since, time(), SHANGHAI),
            recorded_at__lt=moment.until,
        )
        .values("code", "organisation__name")
        .annotate(fen=Sum("prevented_fen"), count=Count("id"))
        .order_by("code", "organisation__name")
    )
    lines = [
        {
            "code": row["code"],
            "organisation": row["organisation__name"],
            "count": row["count"],
            "fen": int(row["fen"]),
        }
        for row in rows
    ]
    return {
        "count": sum(line["count"] for line in lines),
        "fen": sum(line["fen"] for line in lines),
        "lines": lines,
    }


def _findings(moment: Moment) -> list[dict[str, Any]]:
    rows = (
        Finding.objects.filter(
            region__path__startswith=moment.region.path, opened_at__lt=moment.until
        )
        .values("code", "outcome")
        .annotate(count=Count("id"), fen=Sum("amount_fen"))
        .order_by("code", "outcome")
    )
    outcomes = _labelled(Outcome.choices)
    return [
        {**row, "outcome": outcomes[row["outcome"]], "fen": int(row["fen"] or 0)} for row in rows
    ]


def _gaps(moment: Moment) -> dict[str, Any]:
    """Needs and signals with nothing after the waiting time (G-01), by county and purpose."""
    found = gaps(moment.region, moment.as_of, known_at=moment.known_at)
    purposes = _labelled(Purpose.choices)
    counties = {
        county.path: county.name
        for county in regions_under(moment.region.path, level=Region.Level.COUNTY)
    }
    by_place: dict[str, int] = defaultdict(int)
    by_purpose: dict[str, int] = defaultdict(int)
    for path, purpose in found.needs.values_list("region__path", "purpose"):
        by_place[_county_name(path, counties, moment.region)] += 1
        by_purpose[purposes[purpose]] += 1
    for path in found.signals.values_list("region__path", flat=True):
        by_place[_county_name(path, counties, moment.region)] += 1
        by_purpose["线索待办"] += 1
    return {
        "days": found.days,
        "count": sum(by_place.values()),
        "places": [{"label": name, "count": n} for name, n in sorted(by_place.items())],
        "purposes": [{"label": name, "count": n} for name, n in sorted(by_purpose.items())],
    }


def _county_name(path: str, counties: dict[str, str], otherwise: Region) -> str:
    return next(
        (name for county, name in counties.items() if path.startswith(county)), otherwise.name
    )


def _wishes(moment: Moment) -> list[dict[str, Any]]:
    region = moment.region.path
    published = Wish.objects.filter(region__path__startswith=region, published_at__lt=moment.until)
    delivered = moment.facts(Delivery.objects.filter(delivered_on__lte=moment.as_of))
    outcomes = moment.facts(WishOutcome.objects.filter(observed_on__lte=moment.as_of))
    claimed = published.filter(claims__created_at__lt=moment.until).distinct()
    return [
        {"code": "published", "label": "已发布", "count": published.count()},
        {"code": "claimed", "label": "已认领", "count": claimed.count()},
        {"code": "delivered", "label": "已送达", "count": delivered.count()},
        {"code": "outcome", "label": "已回访", "count": outcomes.count()},
    ]


def _brands(moment: Moment) -> list[dict[str, Any]]:
    """The nine brands: lead body, promised and paid in the year."""
    money: dict[tuple[int, str], int] = defaultdict(int)
    rows = _entries(moment).exclude(brand=None).values("brand__position", "kind")
    for row in rows.annotate(fen=Sum("amount_fen")):
        money[row["brand__position"], row["kind"]] += int(row["fen"])
    return [
        {
            "position": brand.position,
            "name": brand.name,
            "lead": brand.lead.name if brand.lead else "待定",
            "promised_fen": money[brand.position, _KIND.PROMISE],
            "paid_fen": money[brand.position, _KIND.PAYMENT]
            + money[brand.position, _KIND.REPORTED],
        }
        for brand in Brand.objects.select_related("lead")
    ]


def _matching(moment: Moment) -> dict[str, Any]:
    run = (
        Run.objects.filter(region__path__startswith=moment.region.path, created_at__lt=moment.until)
        .order_by("-created_at")
        .first()
    )
    decided = (
        Proposal.objects.filter(
            region__path__startswith=moment.region.path, steps__decided_at__lt=moment.until
        )
        .values("state")
        .annotate(count=Count("id", distinct=True), fen=Sum("granted_fen"))
    )
    labels = _labelled(Proposal.State.choices)
    return {
        "ratio": round(run.certificate["ratio"], 4) if run else None,
        "violations": run.certificate["violations"] if run else None,
        "decided": [
            {"label": labels[row["state"]], "count": row["count"]}
            for row in decided.order_by("state")
        ],
    }
