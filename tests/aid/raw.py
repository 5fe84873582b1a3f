"""Raw SQL against the ledger, as an attacker or a careless script would write it."""

from typing import Any
from uuid import UUID

import psycopg
from django.db import connection
from psycopg.types.range import DateRange

from households.models import Need
from kernel.access import Actor
from kernel.ids import new_id
from organisations.models import Organisation
from tests import make


def row(need: Need, organisation: Organisation, amount_fen: int, **values: Any) -> dict[str, Any]:
    """The columns of a promise by a charity; ``values`` replace any of them."""
    return {
        "id": new_id(),
        "kind": "promise",
        "layer": "charity",
        "need_id": need.pk,
        "household_id": need.household_id,
        "person_id": need.person_id,
        "payee": "",
        "region_id": need.region_id,
        "organisation_id": organisation.pk,
        "scheme_id": None,
        "brand_id": None,
        "amount_fen": amount_fen,
        "quantity": 0,
        "period": DateRange(make.START, make.END),
        "effective_on": make.START,
        "of_entry_id": None,
        "source_reference": f"raw-{new_id()}",
        "batch_row_id": None,
        "is_advance": False,
        "is_small_gift": False,
        "reason": "",
        "recorded_by": UUID(int=0),
        **values,
    }


def insert_sql(*rows: dict[str, Any]) -> tuple[str, list[Any]]:
    """One INSERT of all the rows."""
    columns = ", ".join(rows[0])
    one = "(" + ", ".join(["%s"] * len(rows[0])) + ")"
    return (
        f"INSERT INTO aid_aidentry ({columns}) VALUES {', '.join([one] * len(rows))}",
        [value for each in rows for value in each.values()],
    )


def insert(*rows: dict[str, Any]) -> UUID:
    """Insert over Django's connection, past every service; return the first id."""
    with connection.cursor() as cursor:
        cursor.execute(*insert_sql(*rows))
    made: UUID = rows[0]["id"]
    return made


def become(connection_: "psycopg.Connection[Any]", actor: Actor) -> None:
    """Tell the database who acts in the present transaction."""
    connection_.execute(
        "SELECT set_config('app.actor_id', %s, true), set_config('app.region_paths', %s, true),"
        " set_config('app.organisation_ids', %s, true)",
        [
            str(actor.id),
            ",".join(actor.region_paths),
            ",".join(map(str, actor.organisation_ids)),
        ],
    )
