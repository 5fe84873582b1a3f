"""The ledger as a list: scoped, filtered, paged, and without anybody's name."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aid.models import AidEntry, Layer
from aid.services import aid_promise
from audit.acting import acting_as
from kernel.access import SYSTEM, Role
from organisations.models import Organisation
from tests import make
from tests.api.rest.cast import client_of, code_of

pytestmark = pytest.mark.django_db


def entry(
    organisation: Organisation,
    code: str = make.VILLAGE,
    *,
    layer: str = Layer.CHARITY,
    reference: str,
    **values: Any,
) -> AidEntry:
    """A promise on a need of its own."""
    need = make.need(make.household(code))
    with acting_as(SYSTEM):
        return aid_promise(
            need=need,
            layer=layer,
            organisation=organisation,
            amount_fen=12_345,
            source_reference=reference,
            payee="不公开",
            actor=SYSTEM,
            **values,
        )


def test_a_line_tells_money_and_source_and_nobodys_name() -> None:
    union = make.partner("trade_union")
    made = entry(union, layer=Layer.GROUP, reference="助学-1", effective_on=date(2026, 3, 1))
    reply = client_of(make.user(Role.PARTNER_OFFICER, make.CITY, union)).get("/api/aid-entries")
    assert reply.json()["total"] == 1
    line = reply.json()["items"][0]
    assert line.pop("recordedAt").endswith("+08:00")
    assert line == {
        "id": str(made.pk),
        "kind": {"code": "promise", "label": "承诺"},
        "layer": {"code": "group", "label": "群团"},
        "needId": str(made.need_id),
        "householdId": str(made.household_id),
        "regionCode": make.VILLAGE,
        "regionName": make.region().name,
        "organisationName": union.name,
        "schemeName": None,
        "brandName": None,
        "amountFen": 12_345,
        "quantity": 0,
        "startsOn": "2026-01-01",
        "endsBefore": "2027-01-01",
        "effectiveOn": "2026-03-01",
        "ofEntryId": None,
        "sourceReference": "助学-1",
    }


def test_everybody_sees_his_own_organisations_or_regions_lines() -> None:
    union, red_cross = make.partner("trade_union"), make.partner("red_cross")
    entry(union, reference="A")
    entry(red_cross, reference="B")
    entry(union, make.OTHER_VILLAGE, reference="C")
    seen = {
        "officer": (make.user(Role.COUNTY_OFFICER), ["A", "B"]),
        "other": (make.user(Role.COUNTY_OFFICER, make.OTHER_COUNTY), ["C"]),
        "city": (make.user(Role.CITY_OFFICER, make.CITY), ["A", "B", "C"]),
        "union": (make.user(Role.PARTNER_OFFICER, make.CITY, union), ["A", "C"]),
        "finance": (make.user(Role.CHARITY_FINANCE, make.CITY, red_cross), ["B"]),
        "charity": (make.user(Role.CHARITY_OFFICER, make.CITY, make.charity()), []),
    }
    for name, (user, references) in seen.items():
        items = client_of(user).get("/api/aid-entries").json()["items"]
        assert [item["sourceReference"] for item in items] == references, name


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("kind=promise", ["A", "B", "C"]),
        ("kind=payment", []),
        ("layer=group", ["A"]),
        ("layer=charity&kind=promise", ["B", "C"]),
        (f"region={make.COUNTY}", ["A", "B"]),
        (f"region={make.OTHER_VILLAGE}", ["C"]),
        ("region=350699999", []),
        ("region=%25", []),
        ("effectiveFrom=2026-02-01", ["B", "C"]),
        ("effectiveUntil=2026-02-28", ["A", "B"]),
        ("pageSize=1&page=2", ["B"]),
    ],
)
def test_the_list_is_filtered_and_paged(query: str, references: list[str]) -> None:
    union, red_cross = make.partner("trade_union"), make.partner("red_cross")
    entry(union, layer=Layer.GROUP, reference="A", effective_on=date(2026, 1, 15))
    entry(red_cross, reference="B", effective_on=date(2026, 2, 15))
    entry(union, make.OTHER_VILLAGE, reference="C", effective_on=date(2026, 3, 15))
    client = client_of(make.user(Role.CITY_OFFICER, make.CITY))
    items = client.get(f"/api/aid-entries?{query}").json()["items"]
    assert [item["sourceReference"] for item in items] == references


@pytest.mark.parametrize(
    "query", ["kind=x", "layer=x", "organisation=x", "effectiveFrom=2026-02-30", "pageSize=101"]
)
def test_a_wrong_filter_is_refused(query: str) -> None:
    reply = client_of(make.user(Role.CITY_OFFICER, make.CITY)).get(f"/api/aid-entries?{query}")
    assert (reply.status_code, code_of(reply)) == (400, "invalid")
    assert list(reply.json()["details"]["fields"]) == [query.split("=")[0]]


def test_the_list_asks_the_database_as_often_for_many_as_for_one() -> None:
    union = make.partner("trade_union")
    client = client_of(make.user(Role.PARTNER_OFFICER, make.CITY, union))
    counts = []
    for references in (["A"], list("BCDEFGHIJK")):
        for reference in references:
            entry(union, reference=reference)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get("/api/aid-entries").json()["items"]) in (1, 11)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
