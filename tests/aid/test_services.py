"""The ledger's services: refusals in Chinese, permissions, audit, prevented counted once."""

from datetime import date

import pytest
from django.db import DatabaseError

from aid.guard import guard_check
from aid.models import AidEntry, Brand, Finding, GuardLimit, Layer, Prevented, Scheme
from aid.reference import load_brands, load_guard_limits, load_schemes
from aid.roles import as_exchange
from aid.selectors import (
    aid_chain,
    entries_visible_to,
    findings_visible_to,
    prevented_visible_to,
    residual_fen,
    residuals,
)
from aid.services import (
    aid_pay,
    aid_promise,
    aid_release,
    aid_report,
    aid_reverse,
    finding_close,
    prevented_record,
)
from audit.acting import acting_as
from audit.models import Event
from households.models import Household, Need, Person
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from kernel.ids import new_id
from organisations.models import Organisation
from tests import make


@pytest.fixture(autouse=True)
def _database(_database_role: None, db: None) -> None:
    """Every test connects as its role first, then begins its transaction."""


def promised(
    need: Need,
    giver: Organisation,
    fen: int,
    *,
    actor: Actor = SYSTEM,
    layer: str = Layer.CHARITY,
    reference: str = "",
) -> AidEntry:
    with acting_as(actor):
        return aid_promise(
            need=need,
            layer=layer,
            organisation=giver,
            amount_fen=fen,
            source_reference=reference or str(new_id()),
            actor=actor,
        )


def test_a_refused_charity_learns_what_is_still_possible_and_nothing_is_written() -> None:
    """Vector: gross 50,000, insurance 32,000, government 9,000; charity asks 9,500."""
    need = make.need(net_fen=1_800_000)
    promised(need, make.partner("finance"), 900_000, layer=Layer.GOVERNMENT)
    giver = make.charity()
    make.consent(need.household, giver)
    officer = make.actor(Role.CHARITY_OFFICER, organisation=giver)
    with pytest.raises(Refused) as no:
        promised(need, giver, 950_000, actor=officer, reference="拨款-1")
    assert no.value.code == "overlap"
    assert no.value.details == {
        "code": "O-03",
        "asked_fen": 950_000,
        "residual_fen": 900_000,
        "prevented_fen": 50_000,
        "residual_quantity": 0,
    }
    assert "最多还可帮扶9,000.00元" in no.value.message
    with acting_as(officer):
        assert (AidEntry.objects.count(), Event.objects.count()) == (0, 0)
        counted = [
            prevented_record(
                code="O-03",
                need=need,
                organisation=giver,
                asked_fen=950_000,
                prevented_fen=50_000,
                attempt="拨款-1",
                actor=officer,
            )
            for _ in range(2)
        ]
        assert counted[0].pk == counted[1].pk
        assert Event.objects.filter(verb="aid.prevented").count() == 1
    promised(need, giver, 900_000, actor=officer)
    assert residual_fen(need.pk) == 0
    with acting_as(make.actor(Role.COUNTY_OFFICER)) as county:
        assert prevented_visible_to(county).get().prevented_fen == 50_000
    with acting_as(make.actor(Role.COUNTY_OFFICER, make.OTHER_COUNTY)) as other:
        assert not prevented_visible_to(other).exists()


def test_charity_on_top_of_the_state_s_aid_within_the_residual_is_wanted() -> None:
    """Vector: net 130,000; government 24,900; charity 5,000."""
    need = make.need(net_fen=13_000_000)
    promised(need, make.partner("finance"), 2_490_000, layer=Layer.GOVERNMENT)
    verdict = guard_check(need.pk, "charity", 500_000)
    assert (verdict.code, verdict.outcome, verdict.residual_fen) == ("W-01", "WANTED", 10_510_000)
    promised(need, make.charity(), 500_000)
    assert residual_fen(need.pk) == 10_010_000
    assert guard_check(new_id(), "charity", 1).code == "need_unknown"


def test_the_same_source_reference_is_recorded_once() -> None:
    need, giver = make.need(), make.charity()
    promised(need, giver, 100, reference="A-1")
    with pytest.raises(Refused) as no:
        promised(need, giver, 200, reference="A-1")
    assert (no.value.code, no.value.details["code"]) == ("overlap", "O-01")
    assert no.value.details["prevented_fen"] == 200


#: Role, organisation's own, county; layer; may promise.
@pytest.mark.parametrize(
    ("role", "county", "own", "layer", "allowed"),
    [
        (Role.COUNTY_OFFICER, make.COUNTY, False, "government", True),
        (Role.COUNTY_OFFICER, make.OTHER_COUNTY, False, "government", False),
        (Role.CHARITY_OFFICER, make.COUNTY, True, "charity", True),
        (Role.CHARITY_OFFICER, make.COUNTY, False, "charity", False),
        (Role.CHARITY_OFFICER, make.COUNTY, True, "government", False),
        (Role.CITY_OFFICER, make.CITY, False, "charity", True),
        (Role.CITY_OFFICER, make.CITY, False, "government", False),
        (Role.AUDITOR, make.CITY, False, "charity", False),
        (Role.DONOR, make.COUNTY, False, "charity", False),
    ],
)
def test_who_may_promise(role: Role, county: str, own: bool, layer: str, allowed: bool) -> None:
    need, giver, other = make.need(), make.partner("red_cross"), make.charity()
    make.consent(need.household, giver)
    actor = make.actor(role, county, giver if own else other)
    if allowed:
        promised(need, giver, 1, actor=actor, layer=layer)
        return
    with pytest.raises(Refused) as no:
        promised(need, giver, 1, actor=actor, layer=layer)
    assert no.value.code == "denied"
    with acting_as(SYSTEM):
        assert not AidEntry.objects.exists()


def test_pay_release_and_reverse_leave_a_chain_and_events() -> None:
    home = make.household()
    need, giver = make.need(home, net_fen=1_000), make.charity()
    promise = promised(need, giver, 1_000)
    with acting_as(SYSTEM):
        paid = aid_pay(promise=promise, amount_fen=600, source_reference="P1", actor=SYSTEM)
        with pytest.raises(Refused) as no:
            aid_pay(promise=promise, amount_fen=500, source_reference="P2", actor=SYSTEM)
        assert (no.value.code, no.value.details["residual_fen"]) == ("over_promise", 400)
        assert "400" not in no.value.message, "money is shown in yuan"
        assert "4.00元" in no.value.message
        aid_release(promise=promise, amount_fen=400, reason="项目结束", actor=SYSTEM)
        aid_reverse(entry=paid, amount_fen=100, reason="多付", actor=SYSTEM)
        with pytest.raises(Refused, match="wrong_kind"):
            aid_reverse(entry=promise, amount_fen=1, reason="错", actor=SYSTEM)
        with pytest.raises(Refused, match="no_reason"):
            aid_reverse(entry=paid, amount_fen=1, reason=" ", actor=SYSTEM)
        with pytest.raises(Refused, match="future_date"):
            aid_pay(
                promise=promise,
                amount_fen=1,
                source_reference="P3",
                effective_on=date(2999, 1, 1),
                actor=SYSTEM,
            )
        [link] = aid_chain(home, SYSTEM)
        assert [line.kind for line in link.followed_by] == ["payment", "release", "reversal"]
        verbs = Event.objects.order_by("id").values_list("verb", flat=True)
        assert list(verbs) == ["aid.promised", "aid.paid", "aid.released", "aid.reversed"]
    assert residuals([need.pk]) == {need.pk: 400}


@pytest.mark.role("worker")
def test_a_report_needs_the_exchange_role_and_its_overlap_becomes_a_finding() -> None:
    need, giver = make.need(net_fen=100), make.charity()

    def report(reference: str) -> AidEntry:
        return aid_report(
            need=need,
            layer=Layer.CHARITY,
            organisation=giver,
            amount_fen=150,
            source_reference=reference,
            batch_row_id=new_id(),
            effective_on=make.START,
            actor=SYSTEM,
        )

    with acting_as(SYSTEM):
        with pytest.raises(Refused) as no:
            report("R1")
        assert no.value.code == "exchange_only"
        with as_exchange():
            report("R1")
        with pytest.raises(Refused) as again, as_exchange():
            report("R1")
        assert again.value.details["code"] == "O-01"
        with pytest.raises(Refused, match="exchange_only"):
            report("R2")
        [finding] = findings_visible_to(SYSTEM)
        assert (finding.code, finding.amount_fen) == ("O-03", 50)
        with pytest.raises(Refused, match="no_reason"):
            finding_close(finding=finding, resolution="", actor=SYSTEM)
        finding_close(finding=finding, resolution="转作后续治疗", actor=SYSTEM)
        with pytest.raises(Refused, match="wrong_state"):
            finding_close(finding=finding, resolution="再次", actor=SYSTEM)
        assert Finding.objects.get().state == "closed"


def test_web_cannot_become_the_exchange() -> None:
    with pytest.raises(DatabaseError), as_exchange():
        pass


@pytest.mark.parametrize("fen", [-1, 1.5, "100", True])
def test_an_amount_is_whole_fen(fen: object) -> None:
    with pytest.raises(Refused, match="bad_amount"):
        promised(make.need(), make.charity(), fen)  # type: ignore[arg-type]


def test_lists_show_the_actor_s_rows_only() -> None:
    here, there = make.need(), make.need(make.household(make.OTHER_VILLAGE))
    giver, other = make.charity(), make.charity()
    mine, theirs = promised(here, giver, 1), promised(there, other, 1)
    for actor, seen in (
        (make.actor(Role.COUNTY_OFFICER), [mine]),
        (make.actor(Role.CITY_OFFICER, make.CITY), [mine, theirs]),
        (make.actor(Role.CHARITY_OFFICER, organisation=other), [theirs]),
        (make.actor(Role.DONOR), []),
    ):
        with acting_as(actor):
            assert list(entries_visible_to(actor)) == seen


def test_with_the_selectors_off_the_database_still_hides_foreign_rows() -> None:
    there = make.household(make.OTHER_VILLAGE)
    person = make.person(there)
    need = make.need(there, of_person=person, net_fen=100)
    giver, foreign = make.charity(), make.charity()
    promised(need, giver, 100)
    with acting_as(SYSTEM):
        Need.objects.filter(pk=need.pk).update(net_fen=50)
        Prevented.objects.create(
            code="O-03", need=need, region_id=need.region_id, organisation=giver, attempt="x"
        )
        models = (AidEntry, Need, Household, Person, Finding, Prevented)
        assert [model.objects.count() for model in models] == [1] * 6
    outsiders = (
        make.actor(Role.COUNTY_OFFICER),
        make.actor(Role.CHARITY_OFFICER, organisation=foreign),
        make.actor(Role.DONOR),
    )
    for actor in outsiders:
        with acting_as(actor):
            assert [model.objects.count() for model in models] == [0] * 6
    assert [model.objects.count() for model in models] == [0] * 6


def test_reference_data_is_loaded_and_edits_are_kept() -> None:
    with acting_as(SYSTEM):
        assert Brand.objects.count() == 9
        Brand.objects.filter(code="golden_autumn").update(rhythm="改过")
        Scheme.objects.filter(code="dibao").update(name="改过")
        assert (load_schemes(), load_brands()) == (Scheme.objects.count(), 9)
        assert Brand.objects.get(code="golden_autumn").rhythm == "改过"
        assert Scheme.objects.get(code="dibao").name == "改过"
        assert not Brand.objects.filter(lead=None).exists()
        kinds = Scheme.objects.filter(code__in=["dibao", "tekun"])
        assert {scheme.exclusive_kind for scheme in kinds} == {"basic_living"}


@pytest.mark.role("owner")
def test_limits_are_copied_from_the_policy_by_the_owner() -> None:
    with acting_as(SYSTEM):
        GuardLimit.objects.all().delete()
        assert load_guard_limits(clock.today()) == GuardLimit.objects.count() > 10
        limit = GuardLimit.objects.get(region_id=make.COUNTY, key="aid.small_gift_limit_fen")
        assert limit.value_fen == 50_000
