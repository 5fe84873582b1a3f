"""What an invented family lacks: bills, needs with their assessed net, and consents."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from psycopg.types.range import DateRange

from config.demo.family import Family, age_on
from config.demo.identity import RowKeys
from households.models import Category, Consent, MedicalBill, Need, Person, Purpose
from kernel.clock import SHANGHAI

#: Share of needs that nobody has assessed yet: they wait, and show up as gaps.
UNASSESSED = 0.1


class WantMaker:
    """Adds bills, needs and consents to families of the same random source."""

    def __init__(
        self,
        random: Random,
        keys: RowKeys,
        today: date,
        *,
        insurer: UUID,
        recipients: list[UUID],
    ) -> None:
        self.random, self.keys, self.today = random, keys, today
        self.insurer, self.recipients = insurer, recipients
        self.year = DateRange(date(today.year, 1, 1), date(today.year + 1, 1, 1))
        first = today.year if today.month >= 9 else today.year - 1
        self.school_year = DateRange(date(first, 9, 1), date(first + 1, 9, 1))

    def add(self, family: Family) -> None:
        """Draw what this family lacks."""
        random = self.random
        ages = [age_on(p.born_on or self.today, self.today) for p in family.persons]
        disabled = {r.person_id for r in family.recognitions if r.category == Category.DISABLED}
        if random.random() < 0.18:
            self._illness(family, random.choice(family.persons))
        for person, age in zip(family.persons, ages, strict=True):
            if 6 <= age <= 22 and random.random() < 0.5:
                fee = random.randrange(12, 80) * 10_000
                self._need(
                    family, person, Purpose.EDUCATION_FEE, "学年学费", fee, tier=1, school=True
                )
            if 6 <= age <= 15 and random.random() < 0.35:
                price = random.randrange(15, 40) * 1_000
                self._need(family, person, Purpose.EDUCATION_ITEM, "书包文具", price, quantity=1)
            if person.id in disabled and random.random() < 0.3:
                cost = random.randrange(20, 300) * 10_000
                self._need(family, person, Purpose.REHABILITATION, "康复训练", cost, tier=1)
            if age > 75 and len(ages) == 1 and random.random() < 0.1:
                self._need(
                    family, person, Purpose.CARE_SERVICE, "上门照料（次）", None, quantity=12
                )
        if random.random() < 0.15:
            self._need(
                family, None, Purpose.LIVING, "基本生活", random.randrange(10, 60) * 10_000, tier=1
            )
        if random.random() < 0.02:
            cost = random.randrange(20, 110) * 100_000
            self._need(family, None, Purpose.HOUSING_BUILD, "危房修缮", cost, tier=1)
        if random.random() < 0.005:
            cost = random.randrange(10, 80) * 10_000
            self._need(family, None, Purpose.DISASTER, "灾后生活", cost, tier=0)
        if random.random() < 0.2:
            self._need(
                family, None, Purpose.FESTIVAL, "春节慰问", random.choice((50_000, 80_000)), tier=3
            )
        if family.needs and random.random() < 0.35:
            self._consent(family)

    def _illness(self, family: Family, person: Person) -> None:
        """Add one to three bills; this year's own cost becomes the need."""
        random = self.random
        gross_fen = net_fen = 0
        for _ in range(random.randrange(1, 4)):
            settled_on = self.today - timedelta(days=random.randrange(5, 420))
            if person.born_on and settled_on < person.born_on:
                continue
            gross = min(int(random.lognormvariate(14.3, 0.9)), 40_000_000)
            third_party = gross // 10 if random.random() < 0.03 else 0
            bill = MedicalBill(
                id=self.keys.next(),
                person=person,
                household=family.household,
                region=family.household.region,
                sender_id=self.insurer,
                reference=f"YB{family.household.number}-{len(family.bills) + 1}",
                settled_on=settled_on,
                gross_fen=gross,
                insurance_fen=gross * random.randrange(40, 75) // 100,
                third_party_fen=third_party,
            )
            family.bills.append(bill)
            if settled_on.year == self.today.year:
                gross_fen += bill.gross_fen
                net_fen += bill.net_fen
        if net_fen:
            tier = 0 if net_fen > 4_000_000 else 1
            self._need(
                family, person, Purpose.MEDICAL, "住院自付", net_fen, gross_fen=gross_fen, tier=tier
            )

    def _need(
        self,
        family: Family,
        person: Person | None,
        purpose: Purpose,
        cost_item: str,
        net_fen: int | None,
        *,
        gross_fen: int | None = None,
        quantity: int | None = None,
        tier: int = 2,
        school: bool = False,
    ) -> None:
        assessed = self.random.random() >= UNASSESSED
        at = datetime.combine(self.today, time(9), SHANGHAI) - timedelta(
            days=self.random.randrange(1, 180)
        )
        household = family.household
        family.needs.append(
            Need(
                id=self.keys.next(),
                household=household,
                person=person,
                scope_id=person.id if person else household.id,
                region=household.region,
                purpose=purpose,
                cost_item=cost_item,
                period=self.school_year if school else self.year,
                gross_fen=gross_fen,
                net_fen=net_fen if assessed else None,
                net_quantity=quantity if assessed else None,
                tier=tier,
                state=Need.State.OPEN if assessed else Need.State.RECORDED,
                assessed_at=at if assessed else None,
            )
        )

    def _consent(self, family: Family) -> None:
        random = self.random
        given_on = self.today - timedelta(days=random.randrange(1, 200))
        minors = any(n.person and n.person.born_on for n in family.needs) and any(
            age_on(p.born_on or self.today, self.today) < 14 for p in family.persons
        )
        family.consents.append(
            Consent(
                id=self.keys.next(),
                household=family.household,
                region=family.household.region,
                organisation_id=random.choice(self.recipients),
                scope="慈善帮扶",
                by_guardian=minors,
                evidence="入户签字",
                given_on=given_on,
                valid_until=given_on + timedelta(days=365),
            )
        )
