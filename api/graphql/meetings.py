import graphene

from api.graphql.common import Label
from api.graphql.needs import LayerAmount
from api.graphql.scalars import Date, DateTime, Fen


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


class Query(graphene.ObjectType):
    meetings = graphene.Field(
        MeetingPage,
        required=True,
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    meeting = graphene.Field(Meeting, id=graphene.ID(required=True))


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
