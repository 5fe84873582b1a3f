"""One invented family: members, recognitions, and the plain identity that files need."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from psycopg.types.range import DateRange

from config.demo.identity import IdNumbers, RowKeys, draw_name, draw_phone, name_pinyin
from households.models import (
    Category,
    Consent,
    Household,
    MedicalBill,
    Member,
    Need,
    Person,
    Recognition,
)
from kernel.masking import mask_resident_id
from regions.models import Region


@dataclass
class Family:
    """Unsaved rows of one household; ``id_numbers`` and ``phones`` run beside ``persons``."""

    household: Household
    persons: list[Person] = field(default_factory=list)
    id_numbers: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    recognitions: list[Recognition] = field(default_factory=list)
    bills: list[MedicalBill] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)


#: Monthly support of destitute persons by care level; the mean is the published 1,549 yuan.
_TEKUN_FEN, _TEKUN_SHARES = (134_900, 194_900, 244_900), (75, 15, 10)
#: Top-up a head under the minimum living guarantee; the mean is the published 469 yuan.
_DIBAO_YUAN = (169, 769)


def age_on(born_on: date, day: date) -> int:
    """Return completed years.

    >>> age_on(date(2000, 11, 23), date(2026, 11, 22))
    25
    """
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


class FamilyMaker:
    """Draws families; the same random source gives the same families."""

    def __init__(self, random: Random, keys: RowKeys, numbers: IdNumbers, today: date) -> None:
        self.random, self.keys, self.numbers, self.today = random, keys, numbers, today

    def make(
        self, *, number: str, region: Region, category: Category, size: int, case_label: str = ""
    ) -> Family:
        """Return a family of ``size`` recognised persons living in ``region``."""
        random = self.random
        opened_on = self.today - timedelta(days=random.randrange(200, 1800))
        family = Family(
            Household(
                id=self.keys.next(),
                number=number,
                region=region,
                address=f"{region.name}{random.randrange(1, 400)}号",
                case_label=case_label,
                opened_on=opened_on,
            )
        )
        surname = draw_name(random)[0]
        for relation, age in self._roles(category, size):
            own_surname = surname if relation != Member.Relation.SPOUSE else ""
            self._add_person(family, relation, age, own_surname)
        self._recognise(family, category)
        return family

    def _roles(self, category: Category, size: int) -> list[tuple[Member.Relation, int]]:
        """Return relation and age of each member, the head first."""
        random, relation = self.random, Member.Relation
        if category == Category.TEKUN:
            orphaned = size == 1 and random.random() < 0.03
            head = random.randrange(6, 16) if orphaned else random.randrange(61, 93)
        else:
            head = random.randrange(34, 84)
        roles = [(relation.HEAD, head)]
        for _ in range(size - 1):
            taken = {r for r, _ in roles}
            drawn = random.random()
            if relation.SPOUSE not in taken and drawn < 0.4:
                roles.append((relation.SPOUSE, max(24, head + random.randrange(-6, 5))))
            elif head >= 60 and drawn < 0.7:
                roles.append((relation.GRANDCHILD, random.randrange(1, 18)))
            elif drawn < 0.93 or head > 65:
                roles.append((relation.CHILD, random.randrange(0, max(1, min(30, head - 22)))))
            else:
                roles.append((relation.PARENT, head + random.randrange(20, 30)))
        return roles

    def _add_person(
        self, family: Family, relation: Member.Relation, age: int, surname: str
    ) -> None:
        random, household = self.random, family.household
        born_on = self.today - timedelta(days=age * 365 + age // 4 + random.randrange(1, 360))
        sex = random.choice("mf")
        name = draw_name(random, surname)
        number = "" if age < 2 and random.random() < 0.3 else self.numbers.draw(born_on, sex)
        person = Person(
            id=self.keys.next(),
            region=household.region,
            name=name,
            pinyin=name_pinyin(name),
            sex=sex,
            born_on=born_on,
            id_masked=mask_resident_id(number),
        )
        if not number:
            person.temporary_key = f"L{household.number}-{len(family.persons) + 1}"
        family.persons.append(person)
        family.id_numbers.append(number)
        head = relation == Member.Relation.HEAD
        family.phones.append(draw_phone(random) if head and age > 17 else "")
        family.members.append(
            Member(
                id=self.keys.next(),
                household=household,
                person=person,
                relation=relation,
                period=DateRange(max(household.opened_on, born_on), None),
                region=household.region,
            )
        )

    def _recognise(self, family: Family, category: Category) -> None:
        random, relations = self.random, [member.relation for member in family.members]
        share_fen = random.randrange(_DIBAO_YUAN[0], _DIBAO_YUAN[1] + 1) * 100
        generations = Member.Relation.SPOUSE not in relations and len(relations) > 1
        unattended = generations and category != Category.TEKUN and random.random() < 0.05
        poor = category != Category.TEKUN and random.random() < 0.12
        for person, relation in zip(family.persons, relations, strict=True):
            age = age_on(person.born_on or self.today, self.today)
            monthly = {Category.DIBAO: share_fen, Category.DIBAO_EDGE: 0}.get(category)
            if monthly is None:
                monthly = random.choices(_TEKUN_FEN, _TEKUN_SHARES)[0]
            self._add_recognition(family, person, category, monthly)
            if poor:
                self._add_recognition(family, person, Category.REGISTERED_POOR, 0)
            if random.random() < 0.15:
                self._add_recognition(family, person, Category.DISABLED, 0)
            if unattended and relation == Member.Relation.GRANDCHILD and age < 16:
                self._add_recognition(family, person, Category.UNATTENDED_CHILD, 0)
            if category == Category.DIBAO_EDGE and 20 < age < 60 and random.random() < 0.08:
                self._add_recognition(family, person, Category.WORKER_IN_DIFFICULTY, 0)

    def _add_recognition(
        self, family: Family, person: Person, category: Category, monthly_fen: int
    ) -> None:
        household = family.household
        first = household.opened_on.replace(day=1) + timedelta(days=31)
        start = max(first.replace(day=1), person.born_on or first)
        family.recognitions.append(
            Recognition(
                id=self.keys.next(),
                person=person,
                household=household,
                region=household.region,
                category=category,
                period=DateRange(start, None),
                monthly_fen=monthly_fen,
            )
        )
