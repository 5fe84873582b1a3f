"""Pages that the server renders say in Chinese what happened and what to do."""

import pytest
from django.template.loader import render_to_string
from django.test import Client


@pytest.mark.django_db
def test_log_in_leads_back_to_the_whole_address_with_its_query() -> None:
    reply = Client().get("/staff/proposals?awaitingMe=1&state=proposed")

    assert reply.status_code == 302
    assert reply["Location"] == (
        "/login/?next=%2Fstaff%2Fproposals%3FawaitingMe%3D1%26state%3Dproposed"
    )


@pytest.mark.django_db
def test_log_in_page_has_labels_and_tells_a_wrong_password() -> None:
    page = Client().get("/login/").content.decode()
    assert '<label for="id_username">账号</label>' in page
    assert '<label for="id_password">密码</label>' in page
    refused = Client().post("/login/", {"username": "nobody", "password": "wrong"})
    assert "账号或密码不正确" in refused.content.decode()


@pytest.mark.django_db
def test_unknown_page_leads_back() -> None:
    reply = Client().get("/nowhere/")
    assert reply.status_code == 404
    assert "没有这个页面" in reply.content.decode()
    assert 'href="/"' in reply.content.decode()


@pytest.mark.django_db
def test_a_form_without_its_token_is_told_to_open_the_page_again() -> None:
    reply = Client(enforce_csrf_checks=True).post("/login/", {"username": "x", "password": "y"})
    assert reply.status_code == 403
    assert "页面已经过期" in reply.content.decode()


@pytest.mark.parametrize("name", ["400", "403", "404", "500"])
def test_error_pages_need_nothing_but_themselves(name: str) -> None:
    page = render_to_string(f"{name}.html")
    assert '<html lang="zh-CN">' in page
    assert "<script" not in page
    assert "stylesheet" not in page
