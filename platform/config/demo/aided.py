"""Aid that the demo city has already received: the worked cases, and a year of the ordinary."""

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from uuid import UUID

from psycopg.types.range import DateRange

from aid.models import AidEntry, Layer
from aid.reference import brand_id, scheme_id
from aid.services import aid_pay, aid_promise
from config.demo.bodies import FEDERATION, UNION
from config.demo.cases import CASES, giver_of
from config.demo.family import Family
from config.demo.identity import RowKeys
from households.models import Need, Purpose
from kernel.access import SYSTEM
from organisations.models import Organisation
from organisations.reference import organisation_id

#: Temporary aid of seven months: 15,618 events of 1,731 yuan in 94,000 households (domain.md 3).
_EVENTS_A_HOUSEHOLD = 15_618 / 94_000
_EVENT_FEN = (80_000, 173_100, 266_200)
_TEMPORARY = (Purpose.MEDICAL, Purpose.LIVING, Purpose.DISASTER)


def case_aid_record(families: Iterable[Family], today: date) -> int:
    """Promise and pay what the worked cases say, through the guard; return the entries made."""
    by_label = {family.household.case_label: family for family in families}
    on = min(today, date(today.year, 3, 1))
    made = 0
    for case in CASES:
        for need, case_need in zip(by_label[case.label].needs, case.needs, strict=True):
            for position, aid in enumerate(case_need.aid, 1):
                reference = f"示例{case.label}-{case_need.cost_item}-{position}"
                promise = aid_promise(
                    need=need,
                    layer=aid.layer,
                    organisation=Organisation.objects.get(pk=giver_of(case, aid)),
                    amount_fen=aid.yuan * 100,
                    quantity=aid.quantity,
                    source_reference=reference,
                    effective_on=on,
                    payee=aid.what,
                    actor=SYSTEM,
                )
                aid_pay(
                    promise=promise,
                    amount_fen=promise.amount_fen,
                    quantity=promise.quantity,
                    source_reference=f"{reference}-付",
                    effective_on=on,
                    actor=SYSTEM,
                )
                made += 2
    return made


class AidMaker:
    """Draws promises and payments on assessed needs: a random source of its own."""

    def __init__(self, random: Random, keys: RowKeys, today: date) -> None:
        self.random, self.keys, self.today = random, keys, today

    def draw(self, family: Family) -> list[AidEntry]:
        """Return unsaved entries: temporary aid, and small schooling grants of two partners."""
        entries: list[AidEntry] = []
        for need in family.needs:
            if need.net_fen is None or need.person is None:
                continue
            drawn = self.random.random()
            # About a fifth of the households have such a need.
            if need.purpose in _TEMPORARY and drawn < _EVENTS_A_HOUSEHOLD / 0.16:
                fen = round(self.random.triangular(*_EVENT_FEN[::2], _EVENT_FEN[1]) / 100) * 100
                office = organisation_id("civil_affairs", need.region_id[:6])
                entries += self._paid(
                    need, Layer.GOVERNMENT, office, min(fen, need.net_fen), scheme="temporary_aid"
                )
            elif need.purpose == Purpose.EDUCATION_FEE and drawn < 0.12:
                half = need.net_fen // 200 * 100
                if drawn < 0.06:
                    entries += self._paid(need, Layer.GROUP, UNION, half, brand="golden_autumn")
                else:
                    entries += self._paid(
                        need, Layer.CHARITY, FEDERATION, half, brand="charity_sunshine"
                    )
        return entries

    def _paid(
        self,
        need: Need,
        layer: Layer,
        organisation: UUID,
        fen: int,
        *,
        scheme: str = "",
        brand: str = "",
    ) -> list[AidEntry]:
        """Return a promise and its full payment on one day of this year, not before the need."""
        first = max(date(self.today.year, 1, 1), need.period.lower)
        span = max(0, (self.today - first).days)
        on = min(self.today, first + timedelta(days=self.random.randrange(span + 1)))
        shared = {
            "layer": layer,
            "need": need,
            "household_id": need.household_id,
            "person_id": need.person_id,
            "region_id": need.region_id,
            "organisation_id": organisation,
            "scheme_id": scheme_id(scheme) if scheme else None,
            "brand_id": brand_id(brand) if brand else None,
            "amount_fen": fen,
            "period": DateRange(on, need.period.upper),
            "effective_on": on,
            "recorded_by": SYSTEM.id,
        }
        if not on < need.period.upper:
            return []
        key = self.keys.next()
        promise = AidEntry(
            id=key, kind=AidEntry.Kind.PROMISE, source_reference=f"演示{key}", **shared
        )
        payment = AidEntry(
            id=self.keys.next(),
            kind=AidEntry.Kind.PAYMENT,
            of_entry=promise,
            source_reference=f"演示{key}-付",
            **shared,
        )
        return [promise, payment]
