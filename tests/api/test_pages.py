"""Pages that the server renders."""

import pytest
from django.test import Client


@pytest.mark.django_db
def test_log_in_leads_back_to_the_whole_address_with_its_query() -> None:
    reply = Client().get("/staff/proposals?awaitingMe=1&state=proposed")

    assert reply.status_code == 302
    assert reply["Location"] == (
        "/login/?next=%2Fstaff%2Fproposals%3FawaitingMe%3D1%26state%3Dproposed"
    )
