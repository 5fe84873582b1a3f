"""A donor, and things that happen at the same moment."""

import threading
from collections.abc import Callable
from typing import TypeVar

from django.db import connection, connections

from accounts.selectors import actor_of
from audit.acting import acting_as
from donors.models import Donor
from kernel.access import SYSTEM, Actor, Role
from kernel.errors import Refused
from tests import make

T = TypeVar("T")


def donor() -> Actor:
    """Somebody who has registered as a donor."""
    user = make.user(Role.DONOR, make.CITY)
    with acting_as(SYSTEM):
        Donor.objects.create(user=user)
    return actor_of(user)


def at_once(*actions: Callable[[], T]) -> list[T | Refused]:
    """Run every action on a connection of its own, all released together; refusals are results."""
    start = threading.Barrier(len(actions))
    results: list[T | Refused | None] = [None] * len(actions)
    broken: list[BaseException] = []

    def run(index: int, action: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            start.wait(20)
            try:
                results[index] = action()
            except Refused as no:
                results[index] = no
        except BaseException as error:
            broken.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if broken:
        raise broken[0]
    return [result for result in results if result is not None]
