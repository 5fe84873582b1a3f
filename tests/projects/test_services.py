"""A project's way to its opening, a wish's way to its publication."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, InternalError, connection, transaction

from audit.acting import acting_as
from audit.models import Event
from kernel import clock
from kernel.access import PUBLIC, SYSTEM, Actor, Role
from kernel.errors import Refused
from projects.models import Project, Wish, WishOutcome
from projects.selectors import (
    can_take_public_payment,
    next_like,
    projects_open,
    projects_visible_to,
    wishes_public,
    wishes_visible_to,
)
from projects.services import (
    outcome_record,
    project_decide,
    project_end,
    project_file,
    project_open,
    wish_publish,
    wish_screen,
    wish_verify,
    wish_withdraw,
)
from tests import make
from tests.projects.story import Story, draft_project, opened_project

pytestmark = pytest.mark.django_db


def test_a_wish_goes_from_draft_to_the_public_list_with_derived_region_and_age() -> None:
    story = Story()
    wish = story.published()

    with acting_as(PUBLIC):
        [seen] = wishes_public()
    assert seen.pk == wish.pk
    assert (seen.public_region, seen.state) == ("芗城区", "published")
    assert seen.age_band == "6至11岁"
    with acting_as(SYSTEM):
        verbs = [e.verb for e in Event.objects.filter(subject_id=str(wish.pk)).order_by("id")]
    assert verbs == ["wish.drafted", "wish.screened", "wish.verified", "wish.published"]


def test_a_visitor_sees_no_unpublished_wish_even_with_selectors_off() -> None:
    story = Story()
    story.verified()

    with acting_as(PUBLIC):
        assert not Wish.objects.exists()
    with acting_as(make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)):
        assert not Wish.objects.exists()
    with acting_as(story.county):
        assert Wish.objects.count() == 1
        assert wishes_visible_to(story.county).count() == 1


def test_a_reader_of_public_rows_changes_none_of_them() -> None:
    story = Story()
    wish = story.published()
    other = make.charity()
    stranger = make.actor(Role.CHARITY_OFFICER, organisation=other)

    for actor in (PUBLIC, stranger):
        with acting_as(actor):
            assert Wish.objects.filter(pk=wish.pk).update(unit_price_fen=1) == 0
            assert Project.objects.update(organisation=other) == 0
    wish.refresh_from_db()
    assert wish.unit_price_fen == 20_000


def test_text_with_the_child_s_name_or_village_is_refused_and_nothing_is_written() -> None:
    story = Story()
    village = story.household.region.name
    for values in (
        {"public_title": "甄试例的书包"},
        {"public_story": f"{village}的孩子想要书包"},
        {"item": "书包（收件人电话13800001234）"},
    ):
        with pytest.raises(Refused) as no, transaction.atomic():
            story.drafted(**values)
        assert no.value.code == "text_identifies"
    with acting_as(SYSTEM):
        assert not Wish.objects.exists()


def test_rewording_at_the_first_check_is_screened_too() -> None:
    story = Story()
    wish = story.drafted()

    with pytest.raises(Refused) as no, acting_as(story.township):
        wish_screen(wish=wish, public_title="甄试例的书包", actor=story.township)

    assert no.value.code == "text_identifies"
    assert list(no.value.details["fields"]) == ["public_title"]
    with acting_as(story.township):
        assert wish_screen(
            wish=wish, public_title="一个结实的书包", actor=story.township
        ).public_title == ("一个结实的书包")


def test_whoever_drafted_a_wish_cannot_verify_it_not_even_in_the_database() -> None:
    story = Story()
    drafter = story.township
    wish = story.drafted()
    with acting_as(drafter):
        wish_screen(wish=wish, actor=drafter)
    # The same person has since been made county officer.
    promoted = Actor(drafter.id, drafter.name, story.county.grants)
    with pytest.raises(Refused) as no, acting_as(promoted):
        wish_verify(wish=wish, actor=promoted)
    assert no.value.code == "same_person"
    with acting_as(promoted), pytest.raises(IntegrityError), transaction.atomic():
        Wish.objects.filter(pk=wish.pk).update(verified_by=drafter.id)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"quantity": 0}, "amount_out_of_order", "quantity"),
        ({"unit_price_fen": 0}, "amount_out_of_order", "unit_price_fen"),
        ({"quantity": 11}, "above_max_grant", "unit_price_fen"),
    ],
)
def test_a_wish_out_of_order_is_refused_at_its_field(
    values: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Refused) as no:
        Story().drafted(**values)
    assert no.value.code == code
    assert no.value.details["fields"] == {field: no.value.message}


def test_a_need_for_another_purpose_or_place_does_not_fit_the_project() -> None:
    story = Story()
    story.need = make.need(story.household, purpose="medical")
    with pytest.raises(Refused) as no, transaction.atomic():
        story.drafted()
    assert (no.value.code, no.value.details["code"]) == ("purpose_differs", "O-20")
    assert list(no.value.details["fields"]) == ["need_id"]


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.COUNTY_OFFICER, make.OTHER_COUNTY),
        (Role.DONOR, make.CITY),
        (Role.CITY_OFFICER, make.CITY),
    ],
)
def test_strangers_are_refused_and_nothing_changes(role: Role, code: str) -> None:
    story = Story()
    wish = story.drafted()
    stranger = make.actor(role, code)

    with pytest.raises(Refused) as no, acting_as(stranger):
        wish_screen(wish=wish, actor=stranger)

    assert no.value.code in {"denied", "not_found"}
    with acting_as(SYSTEM):
        wish.refresh_from_db()
    assert wish.state == Wish.State.DRAFTED


def test_a_wish_cannot_skip_its_verification() -> None:
    story = Story()
    wish = story.drafted()
    with pytest.raises(Refused) as no, acting_as(story.officer):
        wish_publish(wish=wish, actor=story.officer)
    assert no.value.code == "wrong_state"


def test_without_consent_in_force_nothing_is_published() -> None:
    story = Story()
    wish = story.verified()
    with acting_as(SYSTEM):
        story.household.consents.update(withdrawn_on=clock.today())
    with pytest.raises(Refused) as no, acting_as(story.officer):
        wish_publish(wish=wish, actor=story.officer)
    assert no.value.code == "no_consent"


def test_a_withdrawn_wish_leaves_the_public_list() -> None:
    story = Story()
    wish = story.published()
    with acting_as(story.officer):
        with pytest.raises(Refused) as no:
            wish_withdraw(wish=wish, reason=" ", actor=story.officer)
        assert no.value.code == "reason_missing"
        wish_withdraw(wish=wish, reason="已由亲属购买", actor=story.officer)
    with acting_as(PUBLIC):
        assert not Wish.objects.exists()


def test_an_outcome_comes_only_after_delivery() -> None:
    story = Story()
    wish = story.published()
    with pytest.raises(Refused) as no, acting_as(story.officer):
        outcome_record(wish=wish, public_text="孩子很喜欢", actor=story.officer)
    assert no.value.code == "wrong_state"
    with acting_as(SYSTEM):
        assert not WishOutcome.objects.exists()


def test_the_count_of_claims_is_written_by_the_database_alone() -> None:
    story = Story()
    wish = story.published()
    with acting_as(story.officer):
        for statement in ("held_quantity = 1", "held_quantity = 99"):
            with (
                pytest.raises((InternalError, IntegrityError)),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"UPDATE projects_wish SET {statement} WHERE id = %s", [wish.pk])


def test_the_nearest_open_wish_of_the_same_purpose_is_offered() -> None:
    story = Story()
    wish = story.published()
    near = Story()
    near.project = story.project
    near.need = make.need(near.household, purpose=story.project.purpose)
    near.charity, near.officer = story.charity, story.officer
    make.consent(near.household, story.charity)
    far = near.published()

    with acting_as(PUBLIC):
        assert next_like(wish) == far
        assert next_like(far) == wish


def test_projects_without_certificate_are_for_members_only() -> None:
    charity = make.charity(certificate=False)
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    project = draft_project(charity, officer)
    with acting_as(officer):
        project_decide(project=project, actor=officer)
        with pytest.raises(Refused) as no:
            project_file(
                project=project,
                filing_number="备1",
                platform_link="https://gongyi.example/1",
                filed_on=clock.today() - timedelta(days=30),
                actor=officer,
            )
        assert no.value.code == "no_certificate"
        opened = project_open(project=project, actor=officer)
    assert can_take_public_payment(opened, clock.today()) == (
        False,
        "该机构没有有效的公开募捐资格，仅限本机构会员捐赠",
    )


def test_a_filed_project_opens_to_everyone_and_ends() -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    project = opened_project(charity, officer)

    assert can_take_public_payment(project, clock.today()) == (True, "")
    with acting_as(PUBLIC):
        assert list(projects_open()) == [project]
        assert list(projects_visible_to(PUBLIC)) == [project]
    with acting_as(officer):
        project_end(project=project, actor=officer)
        with pytest.raises(Refused) as no:
            project_open(project=project, actor=officer)
        assert no.value.code == "wrong_state"


def test_an_appeal_filed_today_is_too_late_to_start_today() -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    project = draft_project(charity, officer)
    with acting_as(officer):
        project_decide(project=project, actor=officer)
        with pytest.raises(Refused) as no:
            project_file(
                project=project,
                filing_number="备1",
                platform_link="https://gongyi.example/1",
                actor=officer,
            )
    assert no.value.code == "filed_late"


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"name": " "}, "name_missing", "name"),
        ({"budget_fen": 0}, "amount_out_of_order", "budget_fen"),
        ({"max_grant_fen": 0}, "amount_out_of_order", "max_grant_fen"),
        ({"min_grant_fen": 300_000}, "amount_out_of_order", "min_grant_fen"),
        ({"household_quota": 0}, "quota_missing", "household_quota"),
        ({"closes_on": date(2020, 1, 1)}, "period_reversed", "closes_on"),
    ],
)
def test_a_project_out_of_order_is_refused_at_its_field(
    values: dict[str, object], code: str, field: str
) -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    with pytest.raises(Refused) as no:
        draft_project(charity, officer, **values)
    assert no.value.code == code
    assert no.value.details["fields"] == {field: no.value.message}


def test_another_charity_cannot_move_my_project() -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    project = draft_project(charity, officer)
    stranger = make.actor(Role.CHARITY_OFFICER, organisation=make.charity())
    with pytest.raises(Refused) as no, acting_as(stranger):
        project_decide(project=project, actor=stranger)
    assert no.value.code in {"denied", "not_found"}
    with acting_as(officer):
        project.refresh_from_db()
    assert project.state == Project.State.DRAFT
