"""Joint meetings and their frozen packs."""

from datetime import date, datetime
from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from aid.models import Layer
from api.graphql.common import (
    Label,
    Page,
    Row,
    actor_of,
    label,
    labelled,
    needed,
    page_of,
    reader,
    region_of,
    seen,
)
from api.graphql.needs import LayerAmount
from api.graphql.scalars import Date, DateTime, Fen
from meetings.models import Meeting as MeetingModel
from meetings.models import Pack as PackModel
from meetings.selectors import meetings_visible_to
from meetings.services import RENDERERS, meeting_plan, pack_freeze


class PackCount(graphene.ObjectType):
    code = graphene.String(required=True)
    label = graphene.String(required=True)
    count = graphene.Int(required=True)
    unit = graphene.String(required=True, description="户 | 人 | 件 …")


class PackNumbers(graphene.ObjectType):
    household_count = graphene.Int(required=True)
    person_count = graphene.Int(required=True)
    stock = graphene.List(graphene.NonNull(PackCount), required=True)
    money_by_layer = graphene.List(graphene.NonNull(LayerAmount), required=True)
    money_fen = Fen(required=True)
    new_case_count = graphene.Int(
        required=True, description="Recognitions and needs that began in the period."
    )
    prevented_count = graphene.Int(required=True)
    prevented_fen = Fen(required=True)
    gap_count = graphene.Int(required=True)
    gaps = graphene.List(graphene.NonNull(PackCount), required=True)
    wishes = graphene.List(graphene.NonNull(PackCount), required=True)


class PackFile(graphene.ObjectType):
    kind = graphene.String(required=True, description="pdf | docx | xlsx")
    url = graphene.String(required=True)
    digest = graphene.String(
        required=True, description="SHA-256, empty until the file was first made."
    )


class Pack(graphene.ObjectType):
    id = graphene.ID(required=True)
    as_of = Date(required=True)
    known_at = DateTime(required=True)
    recorded_at = DateTime(required=True)
    files = graphene.List(graphene.NonNull(PackFile), required=True)
    numbers = graphene.Field(PackNumbers, required=True)


class Meeting(graphene.ObjectType):
    id = graphene.ID(required=True)
    title = graphene.String(required=True)
    region_name = graphene.String(required=True)
    planned_on = Date(required=True)
    state = graphene.Field(Label, required=True)
    packs = graphene.List(graphene.NonNull(Pack), required=True)


class MeetingPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Meeting), required=True)
    total = graphene.Int(required=True)


def meeting_row(meeting: MeetingModel) -> Row:
    """Return a meeting (region and packs loaded) as the client sees it."""
    packs = sorted(meeting.packs.all(), key=lambda pack: pack.recorded_at, reverse=True)
    return {
        "id": meeting.pk,
        "title": meeting.title,
        "region_name": meeting.region.name,
        "planned_on": meeting.planned_on,
        "state": label(meeting.state, meeting.get_state_display()),
        "packs": [pack_row(pack) for pack in packs],
    }


def pack_row(pack: PackModel) -> Row:
    """Return a pack as the client sees it: its files and its main numbers, as frozen."""
    return {
        "id": pack.pk,
        "as_of": pack.as_of,
        "known_at": pack.known_at,
        "recorded_at": pack.recorded_at,
        "files": [
            {
                "kind": kind,
                "url": f"/api/packs/{pack.pk}/{kind}",
                "digest": pack.digests.get(kind, ""),
            }
            for kind in RENDERERS
        ],
        "numbers": _numbers(pack.snapshot["numbers"]),
    }


def _numbers(frozen: dict[str, Any]) -> Row:
    stock, money, new = frozen["stock"], frozen["money"], frozen["new_cases"]
    return {
        "household_count": stock["households"],
        "person_count": stock["persons"],
        "stock": [_count(row, row["persons"], "人") for row in stock["categories"]],
        "money_by_layer": [
            {"layer": labelled(Layer, row["code"]), "amount_fen": row["fen"]}
            for row in money["layers"]
        ],
        "money_fen": money["total_fen"],
        "new_case_count": sum(row["persons"] for row in new["recognitions"]) + new["needs"],
        "prevented_count": frozen["prevented"]["count"],
        "prevented_fen": frozen["prevented"]["fen"],
        "gap_count": frozen["gaps"]["count"],
        "gaps": [_count(row, row["count"], "件") for row in frozen["gaps"]["places"]],
        "wishes": [_count(row, row["count"], "件") for row in frozen["wishes"]],
    }


def _count(row: Row, count: int, unit: str) -> Row:
    return {
        "code": row.get("code", row["label"]),
        "label": row["label"],
        "count": count,
        "unit": unit,
    }


class Query(graphene.ObjectType):
    meetings = graphene.Field(
        MeetingPage,
        required=True,
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    meeting = graphene.Field(Meeting, id=graphene.ID(required=True))

    def resolve_meetings(
        self, info: GraphQLResolveInfo, page: int | None = None, page_size: int | None = None
    ) -> Page:
        rows, total = page_of(meetings_visible_to(reader(info, "meeting.view")), page, page_size)
        return Page([meeting_row(row) for row in rows], total)

    def resolve_meeting(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        meeting = seen(info, meetings_visible_to(reader(info, "meeting.view")), id)
        return meeting_row(meeting) if meeting else None


class Mutation(graphene.ObjectType):
    meeting_plan = graphene.Field(
        Meeting,
        required=True,
        region_code=graphene.String(required=True),
        title=graphene.String(required=True),
        planned_on=Date(required=True),
    )
    pack_freeze = graphene.Field(
        Pack,
        required=True,
        meeting_id=graphene.ID(required=True),
        as_of=Date(required=True),
        known_at=DateTime(required=True),
    )

    def resolve_meeting_plan(
        self, info: GraphQLResolveInfo, region_code: str, title: str, planned_on: date
    ) -> Row:
        return meeting_row(
            meeting_plan(
                region=region_of(region_code),
                title=title,
                planned_on=planned_on,
                actor=actor_of(info),
            )
        )

    def resolve_pack_freeze(
        self, info: GraphQLResolveInfo, meeting_id: str, as_of: date, known_at: datetime
    ) -> Row:
        actor = actor_of(info)
        meeting = needed(meetings_visible_to(actor), meeting_id)
        return pack_row(pack_freeze(meeting=meeting, as_of=as_of, known_at=known_at, actor=actor))
