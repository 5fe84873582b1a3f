"""``manage.py database_roles``: create the five roles, or give them their rights on the tables."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.database_roles import create_roles, database_of, grant_tables, with_database


class Command(BaseCommand):
    """Creates or repairs the roles before migrations; ``--grant`` opens the tables after them."""

    help = "Create the database roles (before migrate) or grant them their tables (after it)."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--admin-url",
            default=os.environ.get("DATABASE_URL"),
            help="URL of a superuser (default: DATABASE_URL)",
        )
        parser.add_argument("--database", help="the database (default: the one in the URL)")
        parser.add_argument(
            "--passwords",
            type=Path,
            default=settings.DATA_DIR / "database_roles.json",
            help="0600 file that keeps the roles' passwords (default: in DATA_DIR)",
        )
        parser.add_argument(
            "--urls",
            type=Path,
            help="also write each role's URL to ROLE/database_url in this folder (mode 0600)",
        )
        parser.add_argument("--grant", action="store_true", help="only grant the tables")

    def handle(self, *args: Any, **options: Any) -> None:
        admin_url = options["admin_url"]
        if not admin_url:
            raise CommandError("--admin-url or DATABASE_URL is needed")
        database = options["database"] or database_of(admin_url)
        try:
            if not options["grant"]:
                urls = create_roles(admin_url, database, passwords=options["passwords"])
                if folder := options["urls"]:
                    write_urls(folder, urls)
                self.stdout.write(f"roles of {database}: passwords in {options['passwords']}")
                return
            with psycopg.connect(with_database(admin_url, database)) as connection:
                grant_tables(connection)
            self.stdout.write(f"tables of {database} granted")
        except (psycopg.Error, ValueError) as error:
            raise CommandError(f"database {database}: {error}") from error


def write_urls(folder: Path, urls: dict[str, str]) -> None:
    """Write ``folder/ROLE/database_url``: each process is given its own role's folder only."""
    for role, url in urls.items():
        place = folder / role
        place.mkdir(parents=True, exist_ok=True)
        new = place / "database_url.new"
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(url)
        new.rename(place / "database_url")
