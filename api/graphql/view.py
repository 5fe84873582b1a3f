"""POST /graphql/: one bounded document, one transaction, errors in Chinese with a code."""

import json
import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, JsonResponse
from graphql import ExecutionResult, GraphQLError, execute

from accounts.middleware import actor_of_request
from api.graphql.limits import MAX_BODY_BYTES, PUBLIC_FIELDS, Checked, checked, require_cost
from api.graphql.schema import schema
from api.idempotency import answered_once
from api.refusals import STATUS, described, keep_trespass
from kernel.access import PUBLIC
from kernel.errors import Refused

logger = logging.getLogger(__name__)

#: Replies that must not be kept: they carry a full resident ID. A repetition is logged again.
NEVER_KEPT = {"personReadId"}


def graphql(request: HttpRequest) -> JsonResponse:
    """Answer one GraphQL request.

    What is refused before it runs has an HTTP status of 400 or above; what is refused while it
    runs answers 200 with ``errors`` and leaves nothing written. While the database is away: 503.
    """
    try:
        query, variables = _asked(request)
        found = checked(query)
        require_cost(found, variables)
        _require_allowed(request, found)
    except Refused as refused:
        return JsonResponse({"errors": [_error(refused)]}, status=STATUS.get(refused.code, 400))

    def run() -> tuple[int, dict[str, Any]]:
        result = execute(
            schema.graphql_schema,
            found.document,
            context_value=request,
            variable_values=variables,
        )
        if not isinstance(result, ExecutionResult):  # graphene 3 runs synchronously here
            raise TypeError("a resolver returned an awaitable")
        for error in result.errors or ():
            if error.original_error is not None and _is_outage(error.original_error):
                raise error.original_error
        if result.errors:
            errors = [_described(request, error) for error in result.errors]
            return 400, {"errors": errors, "data": result.data}
        return 200, {"data": result.data}

    try:
        if not found.is_mutation or NEVER_KEPT.intersection(found.root_fields):
            status, answer = run()
        else:
            asked = {"query": query, "variables": variables}
            status, answer = answered_once(request, asked, run)
    except Refused as refused:
        status, answer = STATUS.get(refused.code, 409), {"errors": [_error(refused)]}
        return JsonResponse(answer, status=status)
    except Exception as error:
        logger.exception("graphql request failed")
        return JsonResponse({"errors": [_error(_broken(error))]}, status=_status_of(error))
    if status >= 400 and not _keeps_something(answer):
        transaction.set_rollback(True)
    return JsonResponse(answer)


def _keeps_something(answer: dict[str, Any]) -> bool:
    """Whether the service kept a prevented overlap when it refused; the rest it undid itself."""
    return all(error["extensions"]["code"] == "overlap" for error in answer["errors"])


def _asked(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    """Return query and variables; the length is judged before the body is read."""
    if request.method != "POST":
        raise Refused("invalid", "请用 POST 提交查询")
    if request.content_type != "application/json":
        raise Refused("invalid", "请求内容须为 application/json")
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MAX_BODY_BYTES:
        raise Refused("too_large", f"请求过大，最多 {MAX_BODY_BYTES // 1000} kB")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refused("invalid", "请求内容不是有效的 JSON") from None
    if isinstance(body, list):
        raise Refused("too_complex", "不支持批量请求")
    if not isinstance(body, dict):
        raise Refused("invalid", "请求内容须为 JSON 对象")
    query, variables = body.get("query"), body.get("variables")
    if not isinstance(query, str) or not isinstance(variables or {}, dict):
        raise Refused("invalid", "请求内容缺少 query，或 variables 不是对象")
    return query, variables or {}


def _require_allowed(request: HttpRequest, found: Checked) -> None:
    if actor_of_request(request) is not PUBLIC:
        return
    if found.asks_schema or not PUBLIC_FIELDS.issuperset(found.root_fields):
        raise Refused("unauthenticated", "请先登录")


def _error(refused: Refused, path: list[str | int] | None = None) -> dict[str, Any]:
    said = described(refused)
    error: dict[str, Any] = {"message": said["message"], "extensions": said}
    if path:
        error["path"] = path
    return error


def _described(request: HttpRequest, error: GraphQLError) -> dict[str, Any]:
    """Return what the client is told of an error; only a refusal says what it is."""
    cause = error.original_error
    if isinstance(cause, Refused):
        keep_trespass(request, cause)
        return _error(cause, error.path)
    if cause is None or isinstance(cause, GraphQLError):
        return _error(Refused("invalid", f"参数有误：{error.message}"), error.path)
    logger.error("graphql field %s failed", error.path, exc_info=cause)
    return _error(_broken(cause), error.path)


def _is_outage(error: BaseException) -> bool:
    return isinstance(error, OperationalError | InterfaceError)


def _broken(error: BaseException) -> Refused:
    if _is_outage(error):
        return Refused("unavailable", "系统暂时无法处理，请稍后重试")
    return Refused("internal", "系统内部错误，已记录，请稍后重试")


def _status_of(error: BaseException) -> int:
    return 503 if _is_outage(error) else 500
