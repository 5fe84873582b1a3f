"""Claims: at most the wished quantity, also for raw SQL and whoever comes at once."""

from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from aid.models import AidEntry
from aid.selectors import residual_fen
from aid.services import aid_release
from audit.acting import acting_as
from donors.models import Claim, Donor
from donors.selectors import claims_of
from donors.services import (
    claim_cancel,
    claim_make,
    claims_expire,
    claims_expire_of_wish,
    donor_add_member,
    donor_register,
)
from jobs.models import Outbox
from jobs.services import enqueue, outbox_drain, outbox_run
from kernel.access import PUBLIC, SYSTEM, Actor, Role
from kernel.errors import Refused
from kernel.ids import new_id
from projects.models import Wish
from projects.services import (
    project_decide,
    project_open,
    wish_publish,
    wish_screen,
    wish_verify,
    wish_withdraw,
)
from tests import make
from tests.donors.cast import at_once, donor
from tests.projects.story import Story, draft_project


def claim(wish: Wish, actor: Actor, quantity: int = 1) -> Claim:
    with acting_as(actor):
        return claim_make(wish=wish, quantity=quantity, mode="pay", actor=actor)


def publish(story: Story, **values: object) -> Wish:
    wish = story.drafted(**values)
    with acting_as(story.township):
        wish_screen(wish=wish, actor=story.township)
    with acting_as(story.county):
        wish_verify(wish=wish, actor=story.county)
    with acting_as(story.officer):
        return wish_publish(wish=wish, actor=story.officer)


def overdue(made: Claim) -> None:
    with acting_as(SYSTEM):
        Claim.objects.filter(pk=made.pk).update(held_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_claim_holds_the_wish_and_promises_the_aid() -> None:
    story, giver = Story(), donor()
    wish = story.published()

    made = claim(wish, giver)

    minutes = (made.held_until - timezone.now()).total_seconds() / 60
    assert 34 < minutes <= 35
    with acting_as(SYSTEM):
        wish.refresh_from_db()
        assert (wish.state, wish.held_quantity) == ("claimed", 1)
        assert made.promise is not None
        assert (made.promise.kind, made.promise.layer) == ("promise", "individual")
        assert made.promise.amount_fen == 20_000
        assert made.promise.organisation == story.charity
        assert residual_fen(wish.need_id) == 10_000


@pytest.mark.django_db
def test_a_second_donor_is_refused_and_offered_the_next_like_wish() -> None:
    story = Story()
    wish = story.published()
    story.need = make.need(story.household, purpose=story.project.purpose, net_fen=50_000)
    other = publish(story, public_title="一盏台灯", item="台灯")
    claim(wish, donor())

    with pytest.raises(Refused) as no:
        claim(wish, donor())

    assert no.value.code == "wish_taken"
    assert no.value.details == {
        "code": "O-02",
        "next_wish_id": str(other.pk),
        "next_title": "一盏台灯",
    }
    with acting_as(SYSTEM):
        assert Claim.objects.count() == 1
        assert AidEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_wish_for_three_is_claimed_in_parts_up_to_three() -> None:
    story = Story()
    wish = publish(story, quantity=3, unit_price_fen=5_000)
    claim(wish, donor(), 2)

    with pytest.raises(Refused) as no:
        claim(wish, donor(), 2)
    assert (no.value.code, no.value.details["open_quantity"]) == ("quantity_out_of_range", 1)
    claim(wish, donor(), 1)

    with acting_as(SYSTEM):
        wish.refresh_from_db()
    assert (wish.state, wish.held_quantity) == ("claimed", 3)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("quantity", "mode", "code"),
    [
        (0, "pay", "quantity_out_of_range"),
        (-1, "pay", "quantity_out_of_range"),
        (1, "gold", "mode_unknown"),
    ],
)
def test_a_claim_out_of_order_is_refused(quantity: int, mode: str, code: str) -> None:
    wish, giver = Story().published(), donor()
    with pytest.raises(Refused) as no, acting_as(giver):
        claim_make(wish=wish, quantity=quantity, mode=mode, actor=giver)
    assert no.value.code == code


@pytest.mark.django_db
def test_a_visitor_and_an_officer_cannot_claim() -> None:
    story = Story()
    wish = story.published()
    for stranger in (PUBLIC, story.officer, make.actor(Role.DONOR, make.CITY)):
        with pytest.raises(Refused) as no:
            claim(wish, stranger)
        assert no.value.code == "denied"
    with acting_as(SYSTEM):
        assert not Claim.objects.exists()


@pytest.mark.django_db
def test_aid_that_came_meanwhile_refuses_the_claim_and_counts_as_prevented() -> None:
    from aid.models import Layer, Prevented
    from aid.services import aid_promise

    story, giver = Story(), donor()
    wish = story.published()
    with acting_as(SYSTEM):
        aid_promise(
            need=wish.need,
            layer=Layer.CHARITY,
            organisation=make.charity(),
            amount_fen=25_000,
            source_reference="助学1",
            actor=SYSTEM,
        )

    with acting_as(giver), pytest.raises(Refused) as no:
        claim_make(wish=wish, mode="pay", actor=giver)

    assert (no.value.code, no.value.details["residual_fen"]) == ("overlap", 5_000)
    with acting_as(SYSTEM):
        assert not Claim.objects.exists()
        [counted] = Prevented.objects.all()
        assert (counted.code, counted.asked_fen) == ("O-03", 20_000)


@pytest.mark.django_db
def test_only_members_give_to_a_project_without_certificate() -> None:
    story = Story()
    charity = make.charity(certificate=False)
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)
    project = draft_project(charity, officer)
    with acting_as(officer):
        project_decide(project=project, actor=officer)
        story.project = project_open(project=project, actor=officer)
    story.charity, story.officer = charity, officer
    make.consent(story.household, charity)
    wish = story.published()
    registered = donor_register(
        username="chengyuan", password="long-enough-1798", display_name="会员"
    )
    member = Actor(registered.pk, "会员", make.actor(Role.DONOR, make.CITY).grants)

    with pytest.raises(Refused) as no:
        claim(wish, member)
    assert no.value.code == "not_public"
    assert no.value.message == "该机构没有有效的公开募捐资格，仅限本机构会员捐赠"

    with acting_as(officer):
        donor_add_member(username="chengyuan", organisation=charity, actor=officer)
    assert claim(wish, member).state == Claim.State.HELD


@pytest.mark.django_db
def test_an_overdue_hold_gives_the_wish_and_the_promise_back() -> None:
    story = Story()
    wish = story.published()
    made = claim(wish, donor())
    assert claims_expire() == 0
    overdue(made)

    assert claims_expire() == 1
    assert outbox_drain() == 1
    assert claims_expire() == 0

    with acting_as(SYSTEM):
        wish.refresh_from_db()
        made.refresh_from_db()
        assert (wish.state, wish.held_quantity, made.state) == ("published", 0, "expired")
        assert residual_fen(wish.need_id) == 30_000


@pytest.mark.django_db
def test_the_next_donor_need_not_wait_for_the_expiry_task() -> None:
    wish = Story().published()
    first = claim(wish, donor())
    overdue(first)

    second = claim(wish, donor())

    with acting_as(SYSTEM):
        first.refresh_from_db()
    assert (first.state, second.state) == ("expired", "held")


@pytest.mark.django_db
def test_a_donor_gives_his_own_hold_back_and_nobody_else_s() -> None:
    wish, giver = Story().published(), donor()
    made = claim(wish, giver)
    stranger = donor()
    with pytest.raises(Refused) as no, acting_as(stranger):
        claim_cancel(claim=made, actor=stranger)
    assert no.value.code == "denied"
    with acting_as(giver):
        assert claim_cancel(claim=made, actor=giver).state == "cancelled"
        with pytest.raises(Refused) as no:
            claim_cancel(claim=made, actor=giver)
    assert no.value.code == "wrong_state"
    claim(wish, stranger)


@pytest.mark.django_db
def test_a_hold_that_cannot_end_does_not_keep_the_others_from_ending() -> None:
    stuck, free = claim(Story().published(), donor()), claim(Story().published(), donor())
    assert stuck.promise is not None
    with acting_as(SYSTEM):
        aid_release(promise=stuck.promise, amount_fen=1, reason="更正", actor=SYSTEM)
        overdue(stuck)
        overdue(free)
        outbox_run(enqueue("claims.expire", actor=SYSTEM).pk)
        queued = list(Outbox.objects.filter(done_at=None).values_list("pk", flat=True))
    assert len(queued) == 2
    for row in queued:  # as the relay sends them: each by itself
        with suppress(Refused):
            outbox_run(row)
    with acting_as(SYSTEM):
        states = dict(Claim.objects.values_list("pk", "state"))
    assert states == {stuck.pk: "held", free.pk: "expired"}


@pytest.mark.django_db
def test_overdue_holds_are_queued_once_however_often_it_is_asked() -> None:
    made = claim(Story().published(), donor())
    overdue(made)
    with acting_as(SYSTEM):
        enqueue("claims.expire", actor=SYSTEM)
        enqueue("claims.expire", actor=SYSTEM)
    assert outbox_drain() == 3
    with acting_as(SYSTEM):
        made.refresh_from_db()
    assert made.state == "expired"


@pytest.mark.django_db
def test_a_withdrawn_wish_takes_no_claim() -> None:
    story = Story()
    wish = story.published()
    with acting_as(story.officer):
        wish_withdraw(wish=wish, reason="已解决", actor=story.officer)
    with pytest.raises(Refused) as no:
        claim(wish, donor())
    assert no.value.code == "not_published"


@pytest.mark.django_db
def test_a_donor_sees_no_other_donor_s_claim_even_with_selectors_off() -> None:
    story, giver, stranger = Story(), donor(), donor()
    made = claim(story.published(), giver)

    with acting_as(stranger):
        assert not Claim.objects.exists()
        assert not Donor.objects.exclude(pk=stranger.id).exists()
        assert not AidEntry.objects.exists()
    with acting_as(make.actor(Role.CHARITY_OFFICER, organisation=make.charity())):
        assert not Claim.objects.exists()
    with acting_as(giver):
        assert [c.pk for c in claims_of(giver)] == [made.pk]
        assert not claims_of(stranger).exists()
    with acting_as(story.officer):
        assert Claim.objects.count() == 1


ATTACKS = {
    "one too many": "INSERT INTO donors_claim (id, wish_id, donor_id, organisation_id, quantity,"
    " mode, state, held_until) SELECT %(new)s, wish_id, donor_id, organisation_id, 1, 'pay',"
    " 'held', now() + interval '1 hour' FROM donors_claim",
    "paid at once": "INSERT INTO donors_claim (id, wish_id, donor_id, organisation_id, quantity,"
    " mode, state, held_until) SELECT %(new)s, wish_id, donor_id, organisation_id, 1, 'pay',"
    " 'paid', now() FROM donors_claim",
    "larger": "UPDATE donors_claim SET quantity = 2",
    "moved": "UPDATE donors_claim SET wish_id = %(new)s",
    "deleted": "DELETE FROM donors_claim",
    "revived": "UPDATE donors_claim SET state = 'expired'; UPDATE donors_claim SET state = 'held'",
}


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_of_the_donor_himself_cannot_claim_more(attack: str) -> None:
    wish, giver = Story().published(), donor()
    claim(wish, giver)
    with (
        acting_as(giver),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(ATTACKS[attack].replace("%(new)s", f"'{new_id()}'"))
    with acting_as(SYSTEM):
        assert Claim.objects.get().quantity == 1


def test_of_twenty_donors_at_once_exactly_one_gets_the_wish(committed_db: object) -> None:
    wish = Story().published()
    givers = [donor() for _ in range(20)]

    results = at_once(*(partial(claim, wish, giver) for giver in givers))

    won = [r for r in results if isinstance(r, Claim)]
    lost = [r for r in results if isinstance(r, Refused)]
    assert (len(won), len(lost), {no.code for no in lost}) == (1, 19, {"wish_taken"})
    with acting_as(SYSTEM):
        wish.refresh_from_db()
        assert (wish.held_quantity, Claim.objects.count(), AidEntry.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("level", ["READ COMMITTED", "REPEATABLE READ"])
def test_raw_inserts_at_once_never_pass_the_quantity(committed_db: object, level: str) -> None:
    story = Story()
    wish = publish(story, quantity=3, unit_price_fen=5_000)
    givers = [donor() for _ in range(12)]

    def insert(giver: Actor) -> bool:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
                with acting_as(giver):
                    Claim.objects.create(
                        wish=wish,
                        donor_id=giver.id,
                        organisation=story.charity,
                        quantity=1,
                        held_until=timezone.now() + timedelta(minutes=5),
                    )
        except (IntegrityError, OperationalError):  # one too many, or could not serialize
            return False
        return True

    accepted = at_once(*(partial(insert, giver) for giver in givers)).count(True)

    with acting_as(SYSTEM):
        wish.refresh_from_db()
    assert wish.held_quantity == accepted
    assert 1 <= accepted <= 3
    if level == "READ COMMITTED":
        assert accepted == 3


def test_expiry_and_a_new_claim_at_once_end_with_one_hold(committed_db: object) -> None:
    wish = Story().published()
    overdue(claim(wish, donor()))
    givers = [donor() for _ in range(4)]

    expiries = [partial(claims_expire_of_wish, wish=wish.pk)] * 4
    at_once(*(partial(claim, wish, giver) for giver in givers), *expiries)

    with acting_as(SYSTEM):
        wish.refresh_from_db()
        states = sorted(Claim.objects.values_list("state", flat=True))
        assert (states, wish.held_quantity) == (["expired", "held"], 1)
        assert residual_fen(wish.need_id) == 10_000


@pytest.mark.django_db
def test_a_taken_user_name_and_a_short_password_are_refused() -> None:
    donor_register(username="aixin", password="long-enough-1798", display_name="爱心人士")
    for username, password, code in (
        ("aixin", "long-enough-1798", "username_taken"),
        ("aixin2", "abc", "password_weak"),
        (" ", "long-enough-1798", "name_missing"),
    ):
        with pytest.raises(Refused) as no:
            donor_register(username=username, password=password, display_name="某")
        assert no.value.code == code
