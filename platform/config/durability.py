"""Refuses a database that acknowledges what it may still lose (``synchronous_commit=off``).

A gift, a promise or an approval that somebody was told is done must be on disk by then.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper


def refuse_lossy_commits(*, connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Close a new connection whose commits do not wait for the disk.

    Raises ``ImproperlyConfigured``. Each connection asks: a role, a database or a file may set it.
    """
    raw: Any = connection.connection
    (value,) = raw.execute("SHOW synchronous_commit").fetchone()
    if value == "off":
        connection.close()
        raise ImproperlyConfigured(
            "PostgreSQL 的 synchronous_commit 为 off：断电会丢失已答复成功的款项和审批，拒绝启动。"
            "请在 postgresql.conf、ALTER ROLE 或 ALTER DATABASE 中改回 on。"
            " / synchronous_commit is off: acknowledged money could be lost; set it to on."
        )


def require_durable_database() -> None:
    """Ask at the start of a process; a database that is away is asked once it is back."""
    try:
        connection.ensure_connection()
    except OperationalError:
        return
    connection.close()
