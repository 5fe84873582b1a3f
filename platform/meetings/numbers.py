"""The numbers of a pack for (region, as_of, known_at): what was so then, as far as known then.

Facts count when they took effect by ``as_of`` and were recorded by ``known_at``. Money, decisions
and claims are read from rows that are never changed, so a later correction does not change them;
periods and states of families and needs may be ended in place, and stay as they were in the frozen
snapshot alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat

from aid.models import AidEntry, Brand, Finding, Layer, Outcome, Prevented
from casework.selectors import gaps
from donors.models import Claim
from households.models import Category, Household, Member, Need, Purpose, Recognition
from kernel.clock import SHANGHAI
from matching.models import ApprovalStep, Proposal, Run
from projects.models import Delivery, Wish, WishOutcome
from regions.models import Region
from regions.selectors import regions_under

_KIND = AidEntry.Kind
_FIGURES = ("paid_fen", "promised_fen", "unpaid_fen", "payments")


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

    def by_then(self, field: str) -> Q:
        """A time in ``field`` inside the reported day or before it, and by ``known_at``."""
        end = datetime.combine(self.as_of + timedelta(days=1), time(), SHANGHAI)
        return Q(**{f"{field}__lt": end, f"{field}__lte": self.known_at})

    def in_year(self, field: str) -> Q:
        """A time in ``field`` in the reported year, by then."""
        return self.by_then(field) & Q(
            **{f"{field}__gte": datetime.combine(self.since, time(), SHANGHAI)}
        )

    def here(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the region."""
        return rows.filter(region__path__startswith=self.region.path)

    def facts(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Rows of the region that were recorded by ``known_at``."""
        return self.here(rows).filter(recorded_at__lte=self.known_at)


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
    recognised = held.aggregate(
        persons=Count("person", distinct=True), households=Count("household", distinct=True)
    )
    return {
        "households": households.count(),
        "persons": members.values("person").distinct().count(),
        "recognised": _two(recognised),
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
    return moment.facts(AidEntry.objects.filter(effective_on__lte=moment.as_of))


def _flows(moment: Moment, *by: str) -> list[dict[str, Any]]:
    """Return, for each value of the fields ``by``, fen paid, promised and unpaid, and payments.

    paid: payments and reported facts of the year, less what was taken back in the year.
    promised: promises of the year, less what was released of them since; paid ones are among them.
    unpaid: promises of any year, neither paid nor released by then; a payment taken back opens its
    promise again.
    """
    year = Q(effective_on__gte=moment.since)
    of_year = Q(of_entry__effective_on__gte=moment.since)
    promise, payment, reported = (
        Q(kind=_KIND.PROMISE),
        Q(kind=_KIND.PAYMENT),
        Q(kind=_KIND.REPORTED),
    )
    release, reversal = Q(kind=_KIND.RELEASE), Q(kind=_KIND.REVERSAL)
    rows = (
        _entries(moment)
        .order_by()
        .values(*by)
        .annotate(
            paid=_fen(year & (payment | reported)),
            taken_back=_fen(year & reversal),
            made=_fen(year & promise),
            dropped=_fen(of_year & release),
            promises=_fen(promise),
            settled=_fen(payment | release),
            reopened=_fen(reversal & Q(of_entry__kind=_KIND.PAYMENT)),
            payments=Count("pk", filter=year & (payment | reported)),
        )
    )
    return [
        {
            **{field: row[field] for field in by},
            "paid_fen": int(row["paid"] - row["taken_back"]),
            "promised_fen": int(row["made"] - row["dropped"]),
            "unpaid_fen": int(row["promises"] - row["settled"] + row["reopened"]),
            "payments": row["payments"],
        }
        for row in rows
    ]


def _fen(which: Q) -> Sum:
    return Sum("amount_fen", filter=which, default=0)


def _money(moment: Moment) -> dict[str, Any]:
    """Money of every layer and source; see ``_flows`` for what each number is."""
    layers: dict[str, Counter[str]] = defaultdict(Counter)
    sources: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in _flows(moment, "layer", "scheme__name", "brand__name", "organisation__name"):
        figures = {name: row[name] for name in _FIGURES}
        total.update(figures)
        layers[row["layer"]].update(figures)
        source = row["scheme__name"] or row["brand__name"] or row["organisation__name"]
        sources[source] += row["paid_fen"]
    return {
        "total_fen": total["paid_fen"],
        "promised_fen": total["promised_fen"],
        "unpaid_fen": total["unpaid_fen"],
        "layers": [
            {
                "code": code,
                "label": label,
                "fen": layers[code]["paid_fen"],
                "events": layers[code]["payments"],
                "promised_fen": layers[code]["promised_fen"],
                "unpaid_fen": layers[code]["unpaid_fen"],
            }
            for code, label in _labelled(Layer.choices).items()
            if code in layers
        ],
        "sources": [
            {"label": label, "fen": fen}
            for label, fen in sorted(sources.items(), key=lambda each: (-each[1], each[0]))
            if fen
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
        moment.here(Prevented.objects.filter(moment.in_year("recorded_at")))
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
        moment.here(Finding.objects.filter(moment.in_year("opened_at")))
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
    """Wishes that came to each stage, since the first; a claim that ran out or ended is none."""
    published = moment.here(Wish.objects.filter(moment.by_then("published_at")))
    alive = Q(held_until__gt=moment.known_at) | moment.by_then("donations__received_at")
    claims = Claim.objects.filter(moment.by_then("created_at"), alive, wish=OuterRef("pk"))
    claimed = published.filter(Exists(claims.exclude(state=Claim.State.CANCELLED)))
    delivered = moment.facts(Delivery.objects.filter(delivered_on__lte=moment.as_of))
    outcomes = moment.facts(WishOutcome.objects.filter(observed_on__lte=moment.as_of))
    return [
        {"code": "published", "label": "已发布", "count": published.count()},
        {"code": "claimed", "label": "已认领", "count": claimed.count()},
        {"code": "delivered", "label": "已送达", "count": delivered.count()},
        {"code": "outcome", "label": "已回访", "count": outcomes.count()},
    ]


def _brands(moment: Moment) -> list[dict[str, Any]]:
    """The nine brands: lead body, promised and paid in the year; see ``_flows``."""
    money = {row["brand"]: row for row in _flows(moment, "brand")}
    return [
        {
            "position": brand.position,
            "name": brand.name,
            "lead": brand.lead.name if brand.lead else "待定",
            "promised_fen": money[brand.pk]["promised_fen"] if brand.pk in money else 0,
            "paid_fen": money[brand.pk]["paid_fen"] if brand.pk in money else 0,
        }
        for brand in Brand.objects.select_related("lead")
    ]


def _matching(moment: Moment) -> dict[str, Any]:
    """The last run that covered the region, a wider one too, and what became of its proposals."""
    run = (
        Run.objects.filter(moment.by_then("created_at"), region__in=moment.region.chain)
        .select_related("region")
        .order_by("-created_at")
        .first()
    )
    labels = _labelled(Proposal.State.choices)
    return {
        "ratio": round(run.certificate["ratio"], 4) if run else None,
        "violations": run.certificate["violations"] if run else None,
        "run_region": run.region.name if run else None,
        "run_on": run.created_at.astimezone(SHANGHAI).date().isoformat() if run else None,
        "decided": [
            {"label": labels[row["then"]], "count": row["count"], "fen": int(row["fen"])}
            for row in _decided(moment)
            .values("then")
            .annotate(count=Count("pk"), fen=Sum("granted_fen"))
            .order_by("then")
        ],
    }


def _decided(moment: Moment) -> QuerySet[Any]:
    """Proposals with a step by then, and the state they were ``then`` in, read from their traces.

    Subqueries, not joins: a proposal of three steps counts once.
    """
    steps = ApprovalStep.objects.filter(moment.by_then("decided_at"), proposal=OuterRef("pk"))
    promises = AidEntry.objects.filter(moment.by_then("recorded_at"), pk=OuterRef("promise"))
    held = Prevented.objects.filter(moment.by_then("recorded_at"), attempt=OuterRef("attempt"))
    last = steps.order_by("-position").values("decision")[:1]
    state = Proposal.State
    rows: QuerySet[Any] = (
        moment.here(Proposal.objects.filter(Exists(steps)))
        .annotate(
            attempt=Concat(Value("match:"), Cast("pk", TextField())),
            last_decision=Subquery(last),
        )
        .annotate(
            then=Case(
                When(last_decision=ApprovalStep.Decision.REJECT, then=Value(state.REJECTED.value)),
                When(Exists(promises), then=Value(state.APPROVED.value)),
                When(Exists(held), then=Value(state.HELD.value)),
                default=Value(state.IN_REVIEW.value),
            )
        )
        .order_by()
    )
    return rows
