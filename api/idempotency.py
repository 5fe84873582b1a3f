"""A mutation is answered once: the same Idempotency-Key gets the first reply again."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from accounts.middleware import actor_of_request
from jobs.services import fingerprint, idempotent
from kernel.errors import Refused

HEADER = "Idempotency-Key"
Reply = tuple[int, Any]


def answered_once(request: HttpRequest, body: object, act: Callable[[], Reply]) -> Reply:
    """Return ``act()``'s (status, JSON body), or the stored reply of the same key and body.

    Only successes are stored: a refusal wrote nothing and may be tried again. Raises ``Refused``
    (``key_required``, ``key_reused``).
    """
    key = request.headers.get(HEADER, "").strip()
    if not key or len(key) > 100:
        raise Refused("key_required", f"缺少请求头 {HEADER}（1 至 100 个字符）")
    actor = actor_of_request(request)
    with idempotent(actor, key, fingerprint(request.path, body)) as reply:
        if reply.status is None:
            status, answer = act()
            if status < 400:
                reply.status, reply.body = status, answer
                reply.save(update_fields=["status", "body"])
            return status, answer
        return reply.status, reply.body
