"""A row of every kind on one side: a county with its officers, families, charity and donors."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from psycopg.types.range import DateRange

from accounts.selectors import actor_of
from aid.models import AidEntry, Prevented, Scheme
from aid.services import aid_promise
from audit.acting import acting_as
from audit.services import record
from casework.models import Signal
from documents.models import StoredFile
from donors.ledger.models import Fund
from donors.ledger.services import entry_post, fund_of
from donors.models import CharityAccount, Claim, Donation, Donor, ProviderEvent
from exchange.models import Batch, BatchRow
from households.models import MedicalBill, Recognition
from jobs.services import enqueue, fingerprint, idempotent, job_start, task
from kernel import clock
from kernel.access import SYSTEM, Actor, Role
from kernel.ids import new_id
from linkage.models import Link
from matching.models import ApprovalStep, Proposal, Run
from meetings.models import Meeting, Pack
from projects.models import Delivery, Project, Wish, WishOutcome
from tests import make
from tests.projects.story import brand


@task("tests.flows.nothing")
def nothing(*, actor: Actor) -> None:
    """Stands for any queued work."""


class Side:
    """Everything that one county and one charity have, and nobody else may see."""

    def __init__(self, county: str, village: str) -> None:
        self.county, self.village = county, village
        self.charity = make.charity(code=county)
        self.officer = make.actor(Role.COUNTY_OFFICER, county)
        self.collector = make.actor(Role.CHARITY_OFFICER, county, self.charity)
        self.giver = make.user(Role.DONOR, make.CITY)
        self.donor = actor_of(self.giver)
        with acting_as(self.officer):
            record("tests.looked", make.region(village), self.officer)
        with acting_as(SYSTEM):
            self._families()
            self._offers()
            self._matching()
            self._gifts()
            self._papers()

    def _families(self) -> None:
        today, period = clock.today(), DateRange(make.START, make.END)
        self.household = make.household(self.village)
        self.person = make.person(self.household)
        self.need = make.need(self.household, of_person=self.person, net_fen=10_000)
        make.consent(self.household, self.charity)
        of = {
            "person": self.person,
            "household": self.household,
            "region": self.household.region,
        }
        Recognition.objects.create(**of, category="dibao", period=period)
        MedicalBill.objects.create(
            **of, sender=self.charity, reference="b1", settled_on=today, gross_fen=5
        )
        Signal.objects.create(**of, rule="SM-01", opened_on=today)
        record(
            "tests.named",
            self.person,
            SYSTEM,
            person_id=self.person.pk,
            personal={"name": self.person.name},
        )
        scheme = Scheme.objects.create(
            code=f"t{self.county}", name="测试", purpose="medical", exclusive_kind="tests"
        )
        # Above the net: the guard opens a finding, and keeps the exclusive benefit's period.
        self.promise = self._promise("government", make.partner("civil_affairs"), 12_000, scheme)
        self.own_need = make.need(self.household, net_fen=50_000, purpose="education_item")
        self.own_promise = self._promise("charity", self.charity, 1_000, need=self.own_need)
        Prevented.objects.create(
            code="O-03",
            need=self.need,
            region=self.household.region,
            organisation=self.charity,
            attempt="a1",
        )

    def _promise(
        self, layer: str, organisation: Any, fen: int, scheme: Any = None, need: Any = None
    ) -> AidEntry:
        return aid_promise(
            need=need or self.need,
            layer=layer,
            organisation=organisation,
            amount_fen=fen,
            scheme=scheme,
            source_reference=f"{self.county}-{layer}-{new_id()}",
            actor=SYSTEM,
        )

    def _offers(self) -> None:
        today = clock.today()
        common: dict[str, Any] = {
            "brand": brand(),
            "organisation": self.charity,
            "region": make.region(self.county),
            "name": "测试项目",
            "purpose": "education_item",
            "budget_fen": 10**7,
            "household_quota": 9,
            "max_grant_fen": 10**6,
            "opens_on": today,
            "closes_on": today + timedelta(days=9),
            "created_by": self.collector.id,
        }
        self.draft = Project.objects.create(**common)
        self.project = Project.objects.create(**common, state="open")
        self.wish = self._wish(self.draft)
        self.shown = self._wish(self.project)
        Wish.objects.filter(pk=self.shown.pk).update(
            verified_by=self.officer.id, state="published", published_at=timezone.now()
        )
        of = {
            "wish": self.wish,
            "organisation": self.charity,
            "region": self.household.region,
            "recorded_by": self.collector.id,
        }
        Delivery.objects.create(
            **of, delivered_on=today, quantity=1, actual_cost_fen=1, receipt="签收"
        )
        WishOutcome.objects.create(**of, observed_on=today, public_text="已收到")

    def _wish(self, project: Project) -> Wish:
        return Wish.objects.create(
            project=project,
            need=self.own_need,
            organisation=self.charity,
            region=self.household.region,
            item="书包",
            unit_price_fen=100,
            quantity=9,
            public_title="书包",
            public_story="想要",
            public_region="某县",
            drafted_by=self.collector.id,
        )

    def _matching(self) -> None:
        region = self.household.region
        run = Run.objects.create(
            region=region, input_hash="x", engine_version="1", created_by=self.officer.id
        )
        self.proposal = Proposal.objects.create(
            run=run,
            need=self.own_need,
            household=self.household,
            project=self.project,
            organisation=self.charity,
            region=region,
            granted_fen=5,
            proposed_by=self.officer.id,
        )
        ApprovalStep.objects.create(
            proposal=self.proposal,
            region=region,
            position=0,
            post="county_officer",
            decision="approve",
            decided_by=SYSTEM.id,
            proposed_by=self.officer.id,
        )

    def _gifts(self) -> None:
        donor = Donor.objects.create(user=self.giver)
        donor.member_of.add(self.charity)
        claim = Claim.objects.create(
            wish=self.shown,
            donor_id=self.donor.id,
            organisation=self.charity,
            quantity=1,
            held_until=timezone.now() + timedelta(hours=1),
        )
        Donation.objects.create(
            claim=claim,
            wish=self.shown,
            donor_id=self.donor.id,
            organisation=self.charity,
            amount_fen=100,
            provider="paysim",
        )
        CharityAccount.objects.create(
            organisation=self.charity, provider="paysim", account=f"acct_{self.county}"
        )
        ProviderEvent.objects.create(
            provider="paysim", event_id=self.county, kind="x", object_id="y"
        )
        entry_post(
            kind="receipt",
            external_id=self.county,
            memo="收款",
            amounts_fen={
                fund_of(Fund.Kind.CLEARING, self.charity): -5,
                fund_of(Fund.Kind.POOL, self.charity): 5,
            },
        )

    def _papers(self) -> None:
        region, today = self.household.region, clock.today()
        batch = Batch.objects.create(
            sender=self.charity,
            region=region,
            kind="t",
            number="1",
            file_name="a",
            file_digest="d",
            created_by=self.collector.id,
        )
        row = BatchRow.objects.create(batch=batch, row_number=1, sealed=b"x", fingerprint="f")
        Link.objects.create(row_id=row.pk, region=region, outcome="review", rule="r")
        meeting = Meeting.objects.create(
            region=region, title="会", planned_on=today, created_by=self.officer.id
        )
        Pack.objects.create(
            meeting=meeting,
            region=region,
            as_of=today,
            known_at=timezone.now(),
            snapshot={},
            created_by=self.officer.id,
        )
        StoredFile.objects.create(
            sha256="0" * 64,
            size_bytes=1,
            media_type="text/plain",
            name="a",
            path=self.county,
            region=region,
            organisation=self.charity,
            created_by=self.officer.id,
        )
        job_start(kind="t", title="t", actor=self.officer, region_id=region.pk)
        enqueue("tests.flows.nothing", actor=self.officer)
        with acting_as(self.officer), idempotent(self.officer, "k", fingerprint("x")):
            pass
