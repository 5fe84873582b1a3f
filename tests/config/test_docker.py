"""The images start what ``make run`` starts, as nobody special, from plainly named images."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from config import embedded
from config.database_roles import drop_roles, with_database
from config.embedded import ROOT
from config.processes import COMMANDS, ROLE_OF

COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())["services"]


def test_every_process_of_the_table_is_a_service_with_its_own_role_only() -> None:
    for name in COMMANDS:
        service = COMPOSE[name]
        assert service["command"] == [name]
        secrets = {v.rsplit("/secrets}/")[1] for v in service["volumes"] if "/secrets}" in v}
        assert secrets == {"keys:/run/keys:ro", f"{ROLE_OF[name]}:/run/1798:ro"}
        assert "ADMIN_URL" not in service["environment"]


def test_images_name_no_registry_and_the_product_does_not_run_as_root() -> None:
    lines = (ROOT / "docker" / "Dockerfile").read_text().splitlines()
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    images += [service["image"] for service in COMPOSE.values()]
    assert [image for image in images if "/" in image] == []
    assert [line for line in lines if line.startswith("USER ")] == ["USER app"]


def test_the_entrypoint_becomes_the_process_with_the_url_it_was_given(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/bash\necho "$*"\n')
    python.chmod(0o755)
    for name in COMMANDS:
        done = subprocess.run(
            [ROOT / "docker" / "entrypoint", name],
            env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == f"-m config.processes {name}\n"


@pytest.fixture
def city(server: embedded.Server) -> Iterator[str]:
    yield with_database(server.url, "city_test")
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS city_test WITH (FORCE)")
    drop_roles(server.url, "city_test")


def test_the_roles_command_gives_each_role_a_folder_with_its_url(city: str, tmp_path: Path) -> None:
    for _ in range(2):
        subprocess.run(
            [
                *(sys.executable, "manage.py", "database_roles", "--admin-url", city),
                *("--passwords", tmp_path / "roles.json", "--urls", tmp_path / "urls"),
            ],
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(tmp_path / "data")},
            check=True,
            capture_output=True,
        )
    assert sorted(p.name for p in (tmp_path / "urls").iterdir()) == [
        *("exchange", "owner", "web", "worker")
    ]
    kept = tmp_path / "urls" / "web" / "database_url"
    assert kept.stat().st_mode & 0o777 == 0o600
    with psycopg.connect(kept.read_text()) as web:
        assert web.execute("SELECT current_user").fetchone() == ("city_test_web",)
