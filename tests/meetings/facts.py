"""Facts at chosen times, and the numbers of a pack about them."""

from datetime import date, datetime
from typing import Any

from aid.models import AidEntry, Prevented
from aid.roles import as_exchange
from audit.acting import acting_as
from households.models import Need
from kernel.access import SYSTEM
from kernel.clock import SHANGHAI
from kernel.ids import new_id
from meetings.numbers import Moment, numbers_of
from organisations.models import Organisation
from tests import make

#: The pack of these tests: everything up to the end of June, as known at noon on 1 July.
AS_OF = date(2026, 6, 30)
KNOWN_AT = datetime(2026, 7, 1, 12, tzinfo=SHANGHAI)
SPRING = date(2026, 4, 1)


def at(month: int, day: int, hour: int = 12) -> datetime:
    """A time of 2026 in Shanghai."""
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def numbers(
    code: str = make.CITY, as_of: date = AS_OF, known_at: datetime = KNOWN_AT
) -> dict[str, Any]:
    """The numbers of a region's pack."""
    with acting_as(SYSTEM):
        return numbers_of(Moment(make.region(code), as_of, known_at))


def entry(
    need: Need,
    kind: str,
    fen: int,
    *,
    on: date = SPRING,
    recorded: datetime | None = None,
    of: AidEntry | None = None,
    organisation: Organisation | None = None,
    **values: Any,
) -> AidEntry:
    """A ledger line that took effect ``on`` and was recorded at noon of that day or ``recorded``.

    A reported one needs the worker's database role.
    """
    made = AidEntry(
        kind=kind,
        layer=of.layer if of else values.pop("layer", "charity"),
        need=need,
        household_id=need.household_id,
        person_id=need.person_id,
        region_id=need.region_id,
        organisation=of.organisation if of else organisation or make.charity(),
        brand=of.brand if of else values.pop("brand", None),
        amount_fen=fen,
        period=need.period,
        effective_on=on,
        of_entry=of,
        source_reference=f"t-{new_id()}",
        batch_row_id=new_id() if kind == "reported" else None,
        reason="更正" if kind == "reversal" else "",
        recorded_at=recorded or datetime(on.year, on.month, on.day, 12, tzinfo=SHANGHAI),
        recorded_by=SYSTEM.id,
        **values,
    )
    with acting_as(SYSTEM):
        if kind == "reported":
            with as_exchange():
                made.save(force_insert=True)
        else:
            made.save(force_insert=True)
    return made


def prevented(need: Need, fen: int, recorded: datetime, code: str = "O-03") -> Prevented:
    """An ask that the guard refused."""
    with acting_as(SYSTEM):
        return Prevented.objects.create(
            code=code,
            need=need,
            region_id=need.region_id,
            organisation=make.charity(),
            asked_fen=fen,
            prevented_fen=fen,
            attempt=str(new_id()),
            recorded_at=recorded,
        )
