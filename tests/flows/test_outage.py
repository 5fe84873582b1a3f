"""Fault 14, lightly: every connection to the database is cut during a burst of requests."""

import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.test import Client

from config.processes import command_of
from kernel.access import Role
from kernel.ids import new_id
from tests import make
from tests.flows.books import opened

_PLAN = """mutation($title: String!) {
  meetingPlan(regionCode: "350602", title: $title, plannedOn: "2026-12-01") { id } }"""
_CSRF = "c" * 32


@pytest.fixture
def port(committed_db: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The real web process; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    with (tmp_path / "log").open("wb") as log:
        web = subprocess.Popen(
            command_of("web", f"127.0.0.1:{number}"),
            cwd=settings.ROOT,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "DATABASE_URL": committed_db["web"],
                "DEMO": "1",
                # The log-in of the test is signed with the keys of the test.
                "DATA_DIR": str(settings.DATA_DIR),
                "PYTHONPATH": f"{settings.ROOT}{os.pathsep}{settings.ROOT / 'platform'}",
            },
        )
    try:
        end = time.monotonic() + 40
        while socket.socket().connect_ex(("127.0.0.1", number)):
            assert web.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < end
            time.sleep(0.1)
        yield number
    finally:
        web.terminate()
        web.wait()


def test_no_acknowledged_row_is_lost_when_all_connections_are_cut(
    committed_db: dict[str, str], port: int
) -> None:
    client = Client()
    client.force_login(make.user(Role.MEETING_SECRETARY))
    session = client.cookies["sessionid"].value
    keys = {f"会议{number}": str(new_id()) for number in range(80)}

    def plan(title: str) -> int:
        web = HTTPConnection("127.0.0.1", port, timeout=30)
        web.request(
            "POST",
            "/graphql/",
            json.dumps({"query": _PLAN, "variables": {"title": title}}),
            {
                "Content-Type": "application/json",
                "Idempotency-Key": keys[title],
                "X-CSRFToken": _CSRF,
                "Cookie": f"sessionid={session}; csrftoken={_CSRF}",
            },
        )
        reply = web.getresponse()
        body = reply.read()
        assert reply.status != 200 or b'"errors"' not in body, body
        return reply.status

    assert plan("会议0") == 200
    over = threading.Event()

    def cut() -> int:
        role = psycopg.conninfo.conninfo_to_dict(committed_db["web"])["user"]
        cuts = 0
        with psycopg.connect(committed_db["admin"], autocommit=True) as admin:
            while not over.wait(0.1):
                cuts += len(
                    admin.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE usename = %s AND datname = current_database()",
                        [role],
                    ).fetchall()
                )
        return cuts

    with ThreadPoolExecutor(9) as pool:
        cutter = pool.submit(cut)
        try:
            answers = dict(zip(keys, pool.map(plan, keys), strict=True))
        finally:
            over.set()
        assert cutter.result() > 0

    with opened(committed_db["admin"]) as books:
        stored = [title for (title,) in books.rows("SELECT title FROM meetings_meeting")]
        acknowledged = {title for title, status in answers.items() if status == 200}
        assert set(answers.values()) == {200, 503}
        assert len(stored) == len(set(stored))
        assert acknowledged <= set(stored)

        for title, status in answers.items():
            if status != 200:
                assert plan(title) == 200  # the same key: never twice
        titles = sorted(t for (t,) in books.rows("SELECT title FROM meetings_meeting"))
        assert titles == sorted(keys)
        events = "SELECT count(*) FROM audit_event WHERE verb = 'meeting.planned'"
        assert books.one(events) == len(keys)
