"""What a refusal looks like to a client, and what of it is kept."""

import re
from typing import Any

from django.http import HttpRequest

from accounts.middleware import actor_of_request, write_after_rollback
from audit.services import record_refusal
from kernel.access import PUBLIC
from kernel.errors import Refused

#: HTTP status by code; any other code of ``Refused`` is a conflict with the present state.
STATUS = {
    "unauthenticated": 401,
    "denied": 404,
    "not_found": 404,
    "provider_missing": 404,
    "invalid": 400,
    "key_required": 400,
    "bad_signature": 400,
    "too_complex": 400,
    "kind_unknown": 400,
    "batch_number_missing": 400,
    "file_type": 400,
    "file_unreadable": 400,
    "file_empty": 400,
    "headings_missing": 400,
    "too_large": 413,
    "file_too_large": 413,
    "too_many_rows": 413,
    "too_many_columns": 413,
    "key_reused": 422,
    "rate_limited": 429,
    "unavailable": 503,
}

#: Codes that mean: somebody reached for what is not his. Each attempt is recorded.
TRESPASS = {"denied", "not_found"}


def camel(name: str) -> str:
    """Return a snake_case name in camelCase.

    >>> camel("residual_fen")
    'residualFen'
    """
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


def not_found() -> Refused:
    """A row that does not exist, or that the reader may not know of: the same answer."""
    return Refused("not_found", "没有找到该记录，或不在您的权限范围内")


def described(refused: Refused) -> dict[str, Any]:
    """Return ``{code, message, details}`` for a client; keys and names of fields are camelCase."""
    details = {camel(key): value for key, value in refused.details.items()}
    if fields := details.get("fields"):
        details["fields"] = {camel(name): text for name, text in fields.items()}
    return {"code": refused.code, "message": refused.message, "details": details}


def keep_trespass(request: HttpRequest, refused: Refused) -> None:
    """Record an attempt to reach out of scope, once the request has been rolled back."""
    actor = actor_of_request(request)
    if refused.code in TRESPASS and actor is not PUBLIC:
        write_after_rollback(
            request,
            lambda: record_refusal(code=refused.code, path=request.path, actor=actor),
        )
