"""Every service that writes leaves an event in the writer's name; a new one must show it here."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import FunctionType
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.utils import timezone

from accounts.models import Membership
from aid.models import Finding
from aid.roles import as_exchange
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
from audit.services import record_refusal
from audit.setup import setup_save
from casework.services import medical_signal, medical_signals_sweep, signal_close
from documents.services import file_store
from donors.models import Claim, ProviderEvent
from donors.services import (
    claim_cancel,
    claim_make,
    claims_expire_of_wish,
    delivery_record,
    donation_checkout,
    donation_settle,
    donor_add_member,
    donor_register,
    event_settle,
)
from exchange.services import batch_apply, batch_apply_later, batch_receive
from households.services import (
    bill_record,
    consent_record,
    consent_withdraw,
    household_record,
    need_assess,
    need_record,
    need_withdraw,
    person_read_id,
    person_record,
    recognition_record,
)
from jobs.services import job_cancel, job_start
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.ids import new_id
from linkage.services import link_decide, link_row
from matching.models import Proposal
from matching.services import proposal_approve, proposal_reject, run_make, run_queue, run_queued
from meetings.services import meeting_plan, pack_freeze
from organisations.models import FundraisingCertificate
from projects.services import (
    outcome_record,
    project_create,
    project_decide,
    project_end,
    project_file,
    project_open,
    wish_close,
    wish_draft,
    wish_publish,
    wish_screen,
    wish_verify,
    wish_withdraw,
)
from tests import make
from tests.donors.cast import donor
from tests.donors.conftest import Provider
from tests.donors.conftest import provider as provider
from tests.donors.test_claims import overdue
from tests.donors.test_money import Gift
from tests.exchange.books import book
from tests.exchange.kinds import GOOD, HEADINGS, TEST_KIND
from tests.linkage.test_services import _review_link
from tests.matching import market
from tests.projects.story import Story, draft_project

#: Functions with an actor that write nothing which is to be told, each with its reason.
TELLS_NOTHING = {
    "jobs.services.enqueue": "the task that runs tells",
    "jobs.services.enqueue_each": "the task that runs tells",
    "jobs.services.enqueue_missing": "the tasks that run tell",
    "donors.services.claims.claims_expire": "queues expiries, which tell",
    "donors.services.donations.donations_poll": "queues settlements, which tell",
}

#: Public functions of services without ``*, actor``: reads, parts of a service, the system's own.
PARTS = {
    "aid.services": {"needs_lock"},
    "audit.services": {"record", "personal_of", "events_seal", "chain_break", "unsealed_alarm"},
    "casework.services": {"medical_lines"},
    "donors.ledger.services": {"fund_of", "entry_post"},
    "donors.services.claims": {"require_may_pay", "end_claim"},
    "donors.services.donations": {"webhook_receive"},  # stores; event_settle tells
    "donors.services.people": {"donor_register"},  # shown below: nobody acts yet
    "exchange.services": {
        "require_import",
        "row_content",
        "batch_locked",
        "apply_chunk",
        "batch_close",
    },
    "households.services": {"refusals_in_chinese", "days"},
    "jobs.services": {
        "task",
        "due_rows",
        "rows_release",
        "outbox_run",
        "outbox_drain",
        "job_progress",
        "job_finish",
        "fingerprint",
        "idempotent",
    },
    "matching.services": {"approvals_lock", "posts_of", "decision_denied", "layer_of"},
    "meetings.services": {"pack_file"},
    "projects.services": {"screen_public_text", "locked_wish", "wish_move"},
}

_shown: set[str] = set()
Story_ = Callable[..., None]
STORIES: list[tuple[Story_, set[str]]] = []


def shows(*services: Callable[..., Any]) -> Callable[[Story_], Story_]:
    """Register a story and the services it shows."""

    def register(story: Story_) -> Story_:
        STORIES.append((story, {_name(service) for service in services}))
        return story

    return register


def _name(service: Callable[..., Any]) -> str:
    plain = inspect.unwrap(service)
    return f"{plain.__module__}.{plain.__qualname__}"


def shown(service: Callable[..., Any], *, actor: Actor, **arguments: Any) -> Any:
    """Call a service and assert that it left an event in the actor's name, and none in another's
    but the system's.
    """
    with acting_as(SYSTEM):
        before = set(Event.objects.values_list("pk", flat=True))
    with acting_as(actor):
        result = service(**arguments, actor=actor)
    with acting_as(SYSTEM):
        names = list(Event.objects.exclude(pk__in=before).values_list("actor_id", flat=True))
    assert actor.id in names, f"{_name(service)} left no event"
    assert set(names) <= {actor.id, SYSTEM.id}, _name(service)
    _shown.add(_name(service))
    return result


def services() -> Iterator[tuple[str, FunctionType]]:
    """Public functions of our modules called services, or in a package of that name."""
    for app in apps.get_app_configs():
        if not app.path.startswith(str(settings.ROOT)) or ".venv" in app.path:
            continue
        for module in pkgutil.walk_packages([app.path], f"{app.name}."):
            if any(part.startswith("services") for part in module.name.split(".")):
                found = importlib.import_module(module.name)
                for name, function in vars(found).items():
                    plain = inspect.unwrap(function) if callable(function) else function
                    if (
                        inspect.isfunction(plain)
                        and plain.__module__ == module.name
                        and not name.startswith("_")
                    ):
                        yield f"{module.name}.{name}", plain


def test_every_service_is_shown_to_leave_an_event_or_says_why_not() -> None:
    writes, parts = set(), set()
    for name, function in services():
        actor = inspect.signature(function).parameters.get("actor")
        if actor is not None and actor.kind is inspect.Parameter.KEYWORD_ONLY:
            writes.add(name)
        else:
            parts.add(name)
    listed = {f"{module}.{name}" for module, names in PARTS.items() for name in names}
    told = {name for _, names in STORIES for name in names if ".setup." not in name}
    assert len(writes) > 50
    assert sorted(writes - told - set(TELLS_NOTHING)) == [], "show these to leave an event"
    assert sorted(parts - listed) == [], "a service takes *, actor; say what these are"
    assert sorted((told | set(TELLS_NOTHING)) - writes) == ["donors.services.people.donor_register"]
    assert sorted(listed - parts) == []


@shows(
    household_record,
    person_record,
    person_read_id,
    recognition_record,
    bill_record,
    need_record,
    need_assess,
    need_withdraw,
    consent_record,
    consent_withdraw,
)
def families() -> None:
    officer, today = make.actor(Role.COUNTY_OFFICER), clock.today()
    home = shown(
        household_record, region=make.region(), number="T1", opened_on=today, actor=officer
    )
    person = shown(
        person_record,
        household=home,
        name="林榕",
        relation="head",
        id_number="350699194506120011",
        joined_on=today,
        actor=officer,
    )
    shown(person_read_id, person=person, actor=officer)
    of = {"person": person, "household": home, "actor": officer}
    shown(recognition_record, **of, category="dibao", starts_on=today)
    shown(
        bill_record,
        **of,
        sender=make.partner("medical_insurance"),
        reference="b1",
        settled_on=today,
        gross_fen=5,
    )
    need = shown(
        need_record,
        **of,
        purpose="medical",
        cost_item="住院",
        starts_on=today,
        ends_on=today,
    )
    shown(need_assess, need=need, net_fen=5, actor=officer)
    shown(need_withdraw, need=need, reason="已解决", actor=officer)
    consent = shown(
        consent_record,
        household=home,
        organisation=make.charity(),
        scope="帮扶",
        valid_until=today,
        evidence="签字",
        actor=officer,
    )
    shown(consent_withdraw, consent=consent, actor=officer)


@shows(aid_promise, aid_pay, aid_release, aid_reverse, prevented_record, finding_close)
def ledger() -> None:
    officer, giver = make.actor(Role.COUNTY_OFFICER), make.partner("civil_affairs")
    need = make.need(net_fen=100)
    promise = shown(
        aid_promise,
        need=need,
        layer="government",
        organisation=giver,
        amount_fen=150,
        source_reference="p1",
        actor=officer,
    )
    paid = shown(aid_pay, promise=promise, amount_fen=50, source_reference="z1", actor=officer)
    shown(aid_release, promise=promise, amount_fen=50, reason="不再需要", actor=officer)
    shown(aid_reverse, entry=paid, amount_fen=50, reason="付错", actor=officer)
    shown(
        prevented_record,
        code="O-03",
        need=need,
        organisation=giver,
        asked_fen=5,
        prevented_fen=5,
        attempt="a1",
        actor=officer,
    )
    with acting_as(officer):
        finding = Finding.objects.get(need=need)
    shown(finding_close, finding=finding, resolution="已核对", actor=officer)


def reported_aid() -> None:
    need, giver = make.need(), make.charity()
    importer = Actor(new_id(), "导入", SYSTEM.grants)
    with acting_as(importer), as_exchange():
        aid_report(
            need=need,
            layer="charity",
            organisation=giver,
            amount_fen=5,
            source_reference="r1",
            batch_row_id=new_id(),
            effective_on=clock.today(),
            actor=importer,
        )
    with acting_as(SYSTEM):
        assert Event.objects.get(verb="aid.reported").actor_id == importer.id


@pytest.mark.role("worker")
def test_a_reported_fact_leaves_an_event_in_the_importer_s_name(db: None) -> None:
    reported_aid()


@shows(medical_signal, medical_signals_sweep, signal_close)
def signals() -> None:
    officer = make.actor(Role.COUNTY_OFFICER)
    home = make.household()
    person = make.person(home)
    with acting_as(officer):
        bill_record(
            person=person,
            household=home,
            sender=make.partner("medical_insurance"),
            reference="b1",
            settled_on=clock.today(),
            gross_fen=90_000_000,
            actor=officer,
        )
    year = clock.today().year
    signal = shown(medical_signal, person=person, household=home, year=year, actor=officer)
    shown(medical_signals_sweep, region=make.region(make.COUNTY), year=year, actor=officer)
    shown(signal_close, signal=signal, result="helped_temp", actor=officer)


@shows(project_create, project_decide, project_file, project_open, project_end)
def projects() -> None:
    charity = make.charity()
    officer = make.actor(Role.CHARITY_OFFICER, organisation=charity)

    def create(*, actor: Actor) -> Any:
        return draft_project(charity, actor)

    create.__wrapped__ = project_create  # type: ignore[attr-defined]
    project = shown(create, actor=officer)
    shown(project_decide, project=project, actor=officer)
    shown(
        project_file,
        project=project,
        filing_number="测试1",
        platform_link="https://gongyi.example/1",
        filed_on=clock.today() - timedelta(days=10),
        actor=officer,
    )
    shown(project_open, project=project, actor=officer)
    shown(project_end, project=project, actor=officer)


@shows(wish_draft, wish_screen, wish_verify, wish_publish, wish_withdraw)
def wishes() -> None:
    story = Story()
    wish = shown(
        wish_draft,
        project=story.project,
        need=story.need,
        item="书包",
        unit_price_fen=20_000,
        public_title="一个书包",
        public_story="开学想有一个新书包",
        actor=story.township,
    )
    shown(wish_screen, wish=wish, actor=story.township)
    shown(wish_verify, wish=wish, actor=story.county)
    shown(wish_publish, wish=wish, actor=story.officer)
    shown(wish_withdraw, wish=wish, reason="已解决", actor=story.officer)


@shows(claim_make, claim_cancel, claims_expire_of_wish, donor_add_member, donor_register)
def claims() -> None:
    story, giver = Story(), donor()
    wish = story.published()
    claim = shown(claim_make, wish=wish, actor=giver)
    shown(claim_cancel, claim=claim, actor=giver)
    overdue(shown(claim_make, wish=wish, actor=giver))
    shown(claims_expire_of_wish, wish=wish.pk, actor=SYSTEM)
    with acting_as(SYSTEM):
        assert Claim.objects.filter(state="expired").count() == 1
    registered = donor_register(username="giver1", password="long-enough-1798", display_name="某")
    with acting_as(SYSTEM):
        assert Event.objects.get(verb="donor.registered").actor_id == registered.pk
    _shown.add(_name(donor_register))
    shown(donor_add_member, username="giver1", organisation=story.charity, actor=story.officer)


@shows(
    donation_checkout, donation_settle, event_settle, delivery_record, outcome_record, wish_close
)
def gifts(provider: Provider) -> None:
    gift = Gift(provider)
    claim = gift.claimed()
    donation = shown(donation_checkout, claim=claim, actor=gift.donor)
    gift.pay(donation)
    shown(donation_settle, donation=donation.pk, actor=SYSTEM)
    with acting_as(SYSTEM):
        stranger = ProviderEvent.objects.create(
            provider="paysim", event_id="e", kind="charge.refunded", object_id=str(donation.pk)
        )
    shown(event_settle, event=stranger.pk, actor=SYSTEM)
    shown(
        delivery_record,
        wish=gift.wish,
        delivered_on=clock.today(),
        quantity=gift.wish.quantity,
        actual_cost_fen=20_000,
        receipt="签收单",
        actor=gift.officer,
    )
    shown(outcome_record, wish=gift.wish, public_text="孩子很高兴", actor=gift.officer)
    shown(wish_close, wish=gift.wish, actor=gift.officer)


@shows(run_make, run_queue, run_queued, proposal_approve, proposal_reject)
def plans() -> None:
    market.project()
    for _ in range(2):
        make.need()
    planner, officer = make.actor(Role.COUNTY_OFFICER), make.actor(Role.COUNTY_OFFICER)
    county = make.region(make.COUNTY)
    shown(run_make, region=county, iterations=8, actor=planner)
    job = shown(run_queue, region=county, actor=planner)
    shown(run_queued, job_id=str(job.pk), region_code=county.pk, seed=0, actor=planner)
    with acting_as(SYSTEM):
        first, second = Proposal.objects.filter(state="proposed").order_by("pk")[:2]
    shown(proposal_approve, proposal=first, actor=officer)
    shown(proposal_reject, proposal=second, reason="材料不全", actor=officer)


@shows(meeting_plan, pack_freeze)
def meetings() -> None:
    secretary = make.actor(Role.MEETING_SECRETARY)
    meeting = shown(
        meeting_plan,
        region=make.region(make.COUNTY),
        title="联席会议",
        planned_on=clock.today(),
        actor=secretary,
    )
    shown(
        pack_freeze,
        meeting=meeting,
        as_of=clock.today(),
        known_at=timezone.now() - timedelta(minutes=1),
        actor=secretary,
    )


@shows(batch_receive, batch_apply, batch_apply_later, link_row, link_decide)
def batches() -> None:
    union = make.partner("trade_union")
    sender = make.actor(Role.PARTNER_OFFICER, make.CITY, union)
    batch = shown(
        batch_receive,
        sender=union,
        region=make.region(make.CITY),
        kind=TEST_KIND.code,
        number="1",
        file_name="名单.xlsx",
        content=book([HEADINGS, GOOD]),
        actor=sender,
    )
    shown(batch_apply_later, batch=batch, actor=sender)
    shown(batch_apply, batch=batch, actor=sender)
    link, father = _review_link()
    shown(link_decide, link=link, person=father, actor=make.actor(Role.COUNTY_OFFICER))
    shown(
        link_row,
        row_id=new_id(),
        region=make.region(),
        name="林榕",
        id_number="350699194506120011",
        actor=SYSTEM,
    )


@shows(file_store, job_start, job_cancel, record_refusal, setup_save)
def base() -> None:
    officer, admin = make.actor(Role.COUNTY_OFFICER), make.actor(Role.ADMINISTRATOR, make.CITY)
    shown(
        file_store,
        id=new_id(),
        name="说明.csv",
        content="姓名,金额\n".encode(),
        region=make.region(),
        actor=officer,
    )
    shown(job_cancel, job=shown(job_start, kind="t", title="t", actor=officer), actor=officer)
    shown(record_refusal, code="denied", path="/x", actor=officer)
    user = make.user(Role.COUNTY_OFFICER)
    for row in (
        Membership.objects.get(user=user),
        FundraisingCertificate(
            organisation=make.charity(certificate=False), number="n1", valid_from=clock.today()
        ),
    ):
        shown(
            setup_save,
            row=row,
            permission="membership.edit",
            region_path="/350600/",
            changed=["valid_from"],
            actor=admin,
        )


# Shown by a test of its own: it needs the worker's role.
STORIES.append((reported_aid, {_name(aid_report)}))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "names"),
    [pair for pair in STORIES if pair[0] is not reported_aid],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_service_leaves_an_event_in_the_actor_s_name(
    story: Story_, names: set[str], request: pytest.FixtureRequest
) -> None:
    _shown.clear()
    needs_provider = "provider" in inspect.signature(story).parameters
    story(*([request.getfixturevalue("provider")] if needs_provider else []))
    assert names - _shown == set(), "the story does not call what it says"
