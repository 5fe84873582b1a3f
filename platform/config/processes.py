"""The processes that serve, in one table for ``make run`` and for the images.

``python -m config.processes web`` becomes that process; its database is ``DATABASE_URL``.
"""

import os
import sys
from collections.abc import Mapping

#: name: arguments to Python, in the order of starting. ``{bind}`` is where web listens.
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "worker": (
        "-m",
        "celery",
        "--quiet",
        "--app=config.celery",
        "worker",
        "--pool=solo",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
    ),
    "relay": ("manage.py", "relay"),
    "web": (
        "-m",
        "gunicorn",
        "config.wsgi",
        "--bind={bind}",
        "--worker-class=gthread",
        "--workers=2",
        "--threads=8",
        "--no-control-socket",
        "--log-level=warning",
    ),
}
#: Beside them in a demo only: the payment provider's stand-in, which has no database.
DEMO_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "paysim": ("-m", "donors.paysim", "--port={paysim_port}"),
}
#: The database role of each process.
ROLE_OF: Mapping[str, str] = {
    "worker": "worker",
    "relay": "worker",
    "web": "web",
    "paysim": "web",
}
#: On a demo machine root may be who runs everything; celery need not say so each time.
ENVIRONMENT: Mapping[str, Mapping[str, str]] = {
    "worker": {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
}


def command_of(name: str, bind: str) -> list[str]:
    """Return the full command of process ``name``.

    >>> command_of("relay", "127.0.0.1:8000")[1:]
    ['manage.py', 'relay']
    """
    line = {**COMMANDS, **DEMO_COMMANDS}[name]
    paysim_port = int(bind.rpartition(":")[2]) + 1
    return [sys.executable, *(part.format(bind=bind, paysim_port=paysim_port) for part in line)]


if __name__ == "__main__":
    chosen = sys.argv[1]
    os.environ.update(ENVIRONMENT.get(chosen, {}))
    line = command_of(chosen, os.environ.get("BIND", "127.0.0.1:8000"))
    os.execv(line[0], line)  # noqa: S606
