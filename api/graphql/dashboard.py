"""What a reader sees first: stock, coverage, and what waits for him."""

from collections.abc import Iterable
from typing import Any

import graphene
from django.db.models import Count, Min, QuerySet
from graphql import GraphQLResolveInfo

from aid.coverage import Covered, coverage_of, summed
from aid.models import Finding
from aid.selectors import findings_visible_to
from api.graphql.common import Row, actor_of, holds
from api.graphql.scalars import Date, DateTime, Fen
from exchange.models import Batch
from exchange.selectors import batches_visible_to
from households.models import Purpose
from kernel import clock
from kernel.access import Actor
from kernel.errors import Refused
from matching.selectors import proposals_awaiting
from meetings.dashboard import figures_of
from meetings.models import Meeting
from meetings.selectors import meetings_visible_to
from projects.models import Wish
from projects.selectors import wishes_visible_to
from regions.selectors import names_by_code


class Coverage(graphene.ObjectType):
    """Coverage is aidFen / netFen: assessed needs only, and of the aid only what meets them."""

    code = graphene.String(required=True)
    label = graphene.String(required=True)
    need_count = graphene.Int(required=True)
    net_fen = Fen(required=True)
    aid_fen = Fen(required=True)


class Todo(graphene.ObjectType):
    """Something that waits for the reader.

    code: proposals | wishes_screen | wishes_verify | batches | deliveries | findings | packs.
    """

    code = graphene.String(required=True)
    label = graphene.String(required=True)
    count = graphene.Int(required=True)
    oldest_at = DateTime(description="Of the oldest, so that nothing ages unseen.")


class Dashboard(graphene.ObjectType):
    as_of = Date(required=True)
    household_count = graphene.Int(
        required=True, description="Households on the books of the reader's region."
    )
    person_count = graphene.Int(required=True)
    open_need_count = graphene.Int(required=True)
    net_fen = Fen(
        required=True,
        description="Assessed net of open needs; aidFen is the active aid that meets it (what goes "
        "beyond a need's net is not counted), residualFen what is left; the two make netFen.",
    )
    aid_fen = Fen(required=True)
    residual_fen = Fen(required=True)
    prevented_count = graphene.Int(required=True, description="Overlaps prevented since 1 January.")
    prevented_fen = Fen(required=True)
    gap_count = graphene.Int(
        required=True, description="Needs with nothing after the waiting time (G-01)."
    )
    coverage_by_region = graphene.List(graphene.NonNull(Coverage), required=True)
    coverage_by_purpose = graphene.List(graphene.NonNull(Coverage), required=True)
    todo = graphene.List(graphene.NonNull(Todo), required=True)


def _coverage_rows(sums: dict[str, Covered], names: dict[str, str]) -> list[Row]:
    return [
        {
            "code": code,
            "label": names.get(code) or code or "本辖区",
            "need_count": row.need_count,
            "net_fen": row.net_fen,
            "aid_fen": row.aid_fen,
        }
        for code, row in sums.items()
    ]


def _waiting(actor: Actor) -> Iterable[tuple[str, str, str, QuerySet[Any], str]]:
    """Yield code, label, permission, rows and the field that tells since when they wait."""
    state = Wish.State
    yield "proposals", "待审批的建议", "match.view", proposals_awaiting(actor), "created_at"
    wishes = wishes_visible_to(actor)
    drafted, screened = wishes.filter(state=state.DRAFTED), wishes.filter(state=state.SCREENED)
    yield "wishes_screen", "待初审的心愿", "wish.screen", drafted, "recorded_at"
    yield "wishes_verify", "待核实的心愿", "wish.verify", screened, "recorded_at"
    batches = batches_visible_to(actor).filter(state=Batch.State.VALIDATED, good_count__gt=0)
    yield "batches", "待入库的批次", "batch.import", batches, "recorded_at"
    funded = wishes.filter(state=state.FUNDED)
    yield "deliveries", "待送达的心愿", "delivery.record", funded, "published_at"
    findings = findings_visible_to(actor).filter(state=Finding.State.OPEN)
    yield "findings", "待处理的发现", "finding.close", findings, "opened_at"
    planned = meetings_visible_to(actor).filter(state=Meeting.State.PLANNED)
    yield "packs", "待冻结的会议材料", "meeting.freeze", planned, "recorded_at"


def _todo(actor: Actor) -> list[Row]:
    """Return what waits for the reader, by the posts he holds; nothing that is empty."""
    rows = []
    for code, text, permission, found, since in _waiting(actor):
        if not holds(actor, permission):
            continue
        counted = found.order_by().aggregate(count=Count("pk"), oldest=Min(since))
        if counted["count"]:
            rows.append(
                {
                    "code": code,
                    "label": text,
                    "count": counted["count"],
                    "oldest_at": counted["oldest"],
                }
            )
    return rows


class Query(graphene.ObjectType):
    dashboard = graphene.Field(Dashboard, required=True)

    def resolve_dashboard(self, info: GraphQLResolveInfo) -> Row:
        actor = actor_of(info)
        if not actor.region_paths and not actor.organisation_ids:
            raise Refused("denied", "工作台供工作人员使用")
        covered = coverage_of(actor)
        by_place, by_purpose = summed(covered, "place_code"), summed(covered, "purpose")
        return {
            "as_of": clock.today(),
            **figures_of(actor, clock.today()),
            "open_need_count": sum(row.need_count for row in covered),
            "net_fen": sum(row.net_fen for row in covered),
            "aid_fen": sum(row.aid_fen for row in covered),
            "residual_fen": sum(row.residual_fen for row in covered),
            "coverage_by_region": _coverage_rows(by_place, names_by_code(by_place)),
            "coverage_by_purpose": _coverage_rows(by_purpose, dict(Purpose.choices)),
            "todo": _todo(actor),
        }
