"""Families: members, recognitions, needs, the aid chain, consents and findings."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import graphene
from graphql import GraphQLResolveInfo

from aid.preview import finding_text
from aid.selectors import entries_visible_to, findings_visible_to
from api.graphql.common import (
    Label,
    Page,
    Row,
    actor_of,
    chosen,
    holds,
    in_region,
    label,
    labelled,
    needed,
    page_of,
    reader,
    seen,
)
from api.graphql.needs import Need, name_for, need_rows
from api.graphql.scalars import Date, DateTime, Fen
from households.briefs import briefs_of, households_found
from households.models import Category
from households.models import Household as HouseholdModel
from households.selectors import households_visible_to, needs_visible_to, persons_visible_to
from households.services import person_read_id
from kernel import clock
from kernel.access import Actor
from kernel.masking import address_to_township
from regions.selectors import names_read_aloud


class HouseholdBrief(graphene.ObjectType):
    id = graphene.ID(required=True)
    number = graphene.String(required=True)
    head_name = graphene.String(
        required=True, description="Masked for readers who may not view households."
    )
    size = graphene.Int(required=True)
    region_name = graphene.String(required=True)
    categories = graphene.List(graphene.NonNull(Label), required=True)


class HouseholdPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(HouseholdBrief), required=True)
    total = graphene.Int(required=True)


class Member(graphene.ObjectType):
    person_id = graphene.ID(required=True)
    name = graphene.String(required=True)
    relation = graphene.Field(Label, required=True)
    sex_label = graphene.String(required=True)
    age_years = graphene.Int()
    id_masked = graphene.String(required=True)


class PersonId(graphene.ObjectType):
    person_id = graphene.ID(required=True)
    id_number = graphene.String(required=True)


class Recognition(graphene.ObjectType):
    category = graphene.Field(Label, required=True)
    person_name = graphene.String(required=True)
    starts_on = Date(required=True)
    ends_on = Date()
    monthly_fen = Fen(required=True)


class AidEntry(graphene.ObjectType):
    id = graphene.ID(required=True)
    kind = graphene.Field(
        Label, required=True, description="promise | payment | release | reversal | reported"
    )
    layer = graphene.Field(Label, required=True)
    organisation_name = graphene.String(required=True)
    scheme_name = graphene.String()
    brand_name = graphene.String()
    need_id = graphene.ID(required=True)
    purpose = graphene.Field(Label, required=True)
    cost_item = graphene.String(required=True)
    person_name = graphene.String()
    payee = graphene.String(required=True)
    amount_fen = Fen(required=True)
    quantity = graphene.Int(required=True)
    effective_on = Date(required=True)
    recorded_at = DateTime(required=True)
    source_reference = graphene.String(required=True)
    reason = graphene.String(required=True)
    of_entry_id = graphene.ID(
        description="The entry that this one follows (payment, release, reversal)."
    )


class Consent(graphene.ObjectType):
    organisation_name = graphene.String(required=True)
    scope = graphene.String(required=True)
    by_guardian = graphene.Boolean(required=True)
    given_on = Date(required=True)
    valid_until = Date(required=True)
    withdrawn_on = Date()


class Finding(graphene.ObjectType):
    id = graphene.ID(required=True)
    code = graphene.String(required=True)
    outcome = graphene.Field(Label, required=True)
    text = graphene.String(required=True)
    amount_fen = Fen(required=True)
    state = graphene.Field(Label, required=True)
    opened_at = DateTime(required=True)


class Household(graphene.ObjectType):
    id = graphene.ID(required=True)
    number = graphene.String(required=True)
    region_name = graphene.String(required=True)
    address = graphene.String(
        required=True, description="To the township only, unless the reader may see more."
    )
    case_label = graphene.String(required=True)
    opened_on = Date(required=True)
    closed_on = Date()
    members = graphene.List(graphene.NonNull(Member), required=True)
    recognitions = graphene.List(graphene.NonNull(Recognition), required=True)
    needs = graphene.List(graphene.NonNull(Need), required=True)
    aid_chain = graphene.List(
        graphene.NonNull(AidEntry),
        required=True,
        description="The aid chain: every source, newest first.",
    )
    consents = graphene.List(graphene.NonNull(Consent), required=True)
    findings = graphene.List(graphene.NonNull(Finding), required=True)


def brief_rows(households: Iterable[HouseholdModel], actor: Actor) -> dict[UUID, Row]:
    """Return families (region loaded) in one line each, in three queries for all."""
    listed = list(households)
    briefs = briefs_of((home.pk for home in listed), clock.today())
    places = names_read_aloud(home.region for home in listed)
    rows = {}
    for home in listed:
        brief = briefs[home.pk]
        rows[home.pk] = {
            "id": home.pk,
            "number": home.number,
            "head_name": name_for(actor, brief.head_name),
            "size": brief.size,
            "region_name": places[home.region_id],
            "categories": [labelled(Category, code) for code in brief.categories],
        }
    return rows


def _last_day(period: Any) -> date | None:
    return period.upper - timedelta(days=1) if period.upper else None


def _years(born_on: date | None, on: date) -> int | None:
    if born_on is None:
        return None
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def household_row(home: HouseholdModel, actor: Actor) -> Row:
    """Return one family in full, as far as the reader's posts allow."""
    today = clock.today()
    members = home.members.filter(period__contains=today).select_related("person")
    needs = needs_visible_to(actor).filter(household=home)
    may_see_address = holds(actor, "household.record")
    return {
        "id": home.pk,
        "number": home.number,
        "region_name": names_read_aloud([home.region])[home.region_id],
        "address": home.address if may_see_address else address_to_township(home.address),
        "case_label": home.case_label,
        "opened_on": home.opened_on,
        "closed_on": home.closed_on,
        "members": [
            {
                "person_id": member.person_id,
                "name": name_for(actor, member.person.name),
                "relation": label(member.relation, member.get_relation_display()),
                "sex_label": member.person.get_sex_display(),
                "age_years": _years(member.person.born_on, today),
                "id_masked": member.person.id_masked,
            }
            for member in sorted(members, key=lambda m: (m.relation != m.Relation.HEAD, m.pk))
        ],
        "recognitions": [
            {
                "category": label(row.category, row.get_category_display()),
                "person_name": name_for(actor, row.person.name),
                "starts_on": row.period.lower,
                "ends_on": _last_day(row.period),
                "monthly_fen": row.monthly_fen,
            }
            for row in home.recognitions.select_related("person").order_by("-period", "pk")
        ],
        "needs": list(need_rows(needs, actor).values()),
        "aid_chain": _aid_chain(home, actor) if holds(actor, "aid.view") else [],
        "consents": [
            {
                "organisation_name": row.organisation.name,
                "scope": row.scope,
                "by_guardian": row.by_guardian,
                "given_on": row.given_on,
                "valid_until": row.valid_until,
                "withdrawn_on": row.withdrawn_on,
            }
            for row in home.consents.select_related("organisation").order_by("-given_on", "pk")
        ],
        "findings": [
            {
                "id": row.pk,
                "code": row.code,
                "outcome": label(row.outcome, row.get_outcome_display()),
                "text": finding_text(row),
                "amount_fen": row.amount_fen,
                "state": label(row.state, row.get_state_display()),
                "opened_at": row.opened_at,
            }
            for row in findings_visible_to(actor).filter(household=home)
        ]
        if holds(actor, "finding.view")
        else [],
    }


def _aid_chain(home: HouseholdModel, actor: Actor) -> list[Row]:
    entries = entries_visible_to(actor).filter(household=home).select_related("need", "person")
    return [
        {
            "id": row.pk,
            "kind": label(row.kind, row.get_kind_display()),
            "layer": label(row.layer, row.get_layer_display()),
            "organisation_name": row.organisation.name,
            "scheme_name": row.scheme.name if row.scheme else None,
            "brand_name": row.brand.name if row.brand else None,
            "need_id": row.need_id,
            "purpose": label(row.need.purpose, row.need.get_purpose_display()),
            "cost_item": row.need.cost_item,
            "person_name": name_for(actor, row.person.name) if row.person else None,
            "payee": name_for(actor, row.payee),
            "amount_fen": row.amount_fen,
            "quantity": row.quantity,
            "effective_on": row.effective_on,
            "recorded_at": row.recorded_at,
            "source_reference": row.source_reference,
            "reason": row.reason,
            "of_entry_id": row.of_entry_id,
        }
        for row in entries.order_by("-effective_on", "-recorded_at", "-pk")
    ]


class Query(graphene.ObjectType):
    households = graphene.Field(
        HouseholdPage,
        required=True,
        description="search: household number, or the beginning of a name or its pinyin.",
        search=graphene.String(),
        region_code=graphene.String(),
        category=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    household = graphene.Field(Household, id=graphene.ID(required=True))

    def resolve_households(
        self,
        info: GraphQLResolveInfo,
        search: str | None = None,
        region_code: str | None = None,
        category: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        actor = reader(info, "household.view")
        found = households_found(
            actor,
            search=search or "",
            category=chosen("category", category, Category) if category else "",
            on=clock.today(),
        )
        rows, total = page_of(in_region(found, region_code), page, page_size)
        return Page(list(brief_rows(rows, actor).values()), total)

    def resolve_household(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        actor = reader(info, "household.view")
        home = seen(info, households_visible_to(actor), id)
        return household_row(home, actor) if home else None


class Mutation(graphene.ObjectType):
    person_read_id = graphene.Field(
        PersonId,
        required=True,
        description="The full resident ID; permission person.read_id; each read is logged.",
        person_id=graphene.ID(required=True),
    )

    def resolve_person_read_id(self, info: GraphQLResolveInfo, person_id: str) -> Row:
        actor = actor_of(info)
        person = needed(persons_visible_to(actor), person_id)
        return {"person_id": person.pk, "id_number": person_read_id(person=person, actor=actor)}
