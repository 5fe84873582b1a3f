"""Load the demo city into an empty database, in one transaction, as the system."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from random import Random

from django.conf import settings
from django.db import models, transaction

from aid.models import AidEntry
from audit.acting import acting_as
from audit.services import record
from casework.services import medical_signals_sweep
from config.demo.aided import AidMaker, case_aid_record
from config.demo.bodies import BRANCH, CHARITY, VILLAGE, bodies_load, logins_load
from config.demo.cases import case_families
from config.demo.family import Family, FamilyMaker
from config.demo.identity import IdNumbers, RowKeys
from config.demo.shape import household_shapes
from config.demo.wants import WantMaker
from households.models import Household
from kernel.access import SYSTEM
from kernel.errors import Refused
from organisations.models import Organisation
from organisations.reference import organisation_id
from regions.models import Region
from regions.reference import ROOT
from regions.selectors import regions_under

_CHUNK = 1_000
#: Families in the demo officers' own village.
_AT_HOME = 10
#: Fewer households could not hold the worked cases and keep the proportions.
FEWEST = 50


def families(households: int, seed: int, today: date) -> Iterator[Family]:
    """Yield ``households`` families: the worked cases, the others on the city's real villages.

    The same seed and day give the same rows. The first families live in the demo officers'
    village, so that every log-in has something to see.
    """
    # Invented data must be reproducible, not secret.
    random = Random(seed)  # noqa: S311
    keys, numbers = RowKeys(random, today), IdNumbers()
    maker = FamilyMaker(random, keys, numbers, today)
    wants = WantMaker(
        random,
        keys,
        today,
        insurer=organisation_id("medical_insurance"),
        recipients=[CHARITY, organisation_id("charity_federation"), organisation_id("red_cross")],
    )
    cases = case_families(maker, today)
    yield from cases
    villages = list(
        regions_under(f"/{ROOT}/", level=Region.Level.VILLAGE).filter(is_living_area=False)
    )
    weights = [random.paretovariate(2) for _ in villages]
    home = next(village for village in villages if village.code == VILLAGE)
    shapes = household_shapes(households, random, made=[len(case.persons) for case in cases])
    places = random.choices(villages, weights, k=len(shapes))
    places[:_AT_HOME] = [home] * _AT_HOME
    serial: Counter[str] = Counter()
    for (category, size), village in zip(shapes, places, strict=True):
        serial[village.code] += 1
        family = maker.make(
            number=f"{village.code}{serial[village.code]:04d}",
            region=village,
            category=category,
            size=size,
        )
        wants.add(family)
        yield family


def city_digest(found: Iterable[Family]) -> str:
    """Return a digest of every plain value of the families, to compare two runs."""
    digest = hashlib.sha256()
    for family in found:
        rows: list[models.Model] = [
            family.household,
            *family.persons,
            *family.members,
            *family.recognitions,
            *family.bills,
            *family.needs,
            *family.consents,
        ]
        plain = [
            [str(getattr(row, f.attname)) for f in row._meta.concrete_fields if f.name not in _OPEN]
            for row in rows
        ]
        digest.update(json.dumps([plain, family.id_numbers, family.phones]).encode())
    return digest.hexdigest()


#: Columns that the database or the keyring fills in.
_OPEN = {"recorded_at", "id_sealed", "id_digest", "phone_sealed"}


def city_load(*, households: int, seed: int, today: date) -> Counter[str]:
    """Insert organisations, log-ins and population; return the number of rows of each kind.

    Raises ``Refused("not_empty")`` when there are households: nothing is overwritten.
    """
    with transaction.atomic(), acting_as(SYSTEM):
        if (there := Household.objects.count()) or Organisation.objects.filter(id=BRANCH).exists():
            raise Refused(
                "not_empty", f"数据库中已有 {there} 户，演示数据只能装入空库，未作任何改动"
            )
        bodies_load(today)
        logins_load(today)
        counts: Counter[str] = Counter()
        random = Random(seed + 1)  # noqa: S311
        aid = AidMaker(random, RowKeys(random, today), today)
        found = families(households, seed, today)
        while chunk := list(islice(found, _CHUNK)):
            counts.update(_insert(chunk))
            if cases := [family for family in chunk if family.household.case_label]:
                counts["aid"] += case_aid_record(cases, today)
            entries = [
                entry
                for family in chunk
                if not family.household.case_label
                for entry in aid.draw(family)
            ]
            # Promises first: a payment draws on one that is there.
            entries.sort(key=lambda entry: entry.kind != AidEntry.Kind.PROMISE)
            counts["aid"] += len(AidEntry.objects.bulk_create(entries, batch_size=500))
        city = Region.objects.get(pk=ROOT)
        counts["signals"] = medical_signals_sweep(region=city, year=today.year, actor=SYSTEM)
        record(
            "demo_city.loaded",
            city,
            SYSTEM,
            region_id=ROOT,
            seed=seed,
            rows=dict(counts),
        )
    return counts


def _insert(chunk: list[Family]) -> Counter[str]:
    for family in chunk:
        for person, number, phone in zip(
            family.persons, family.id_numbers, family.phones, strict=True
        ):
            if number:
                person.id_sealed = settings.KEYRING.encrypt(
                    number, context=f"households_person.id_sealed.{person.id}"
                )
                person.id_digest = settings.KEYRING.digest(number)
            if phone:
                person.phone_sealed = settings.KEYRING.encrypt(
                    phone, context=f"households_person.phone_sealed.{person.id}"
                )
    counts: Counter[str] = Counter()
    counts["households"] = len(Household.objects.bulk_create([f.household for f in chunk]))
    for name in ("persons", "members", "recognitions", "bills", "needs", "consents"):
        rows = [row for family in chunk for row in getattr(family, name)]
        if rows:
            type(rows[0]).objects.bulk_create(rows, batch_size=2_000)
        counts[name] += len(rows)
    return counts
