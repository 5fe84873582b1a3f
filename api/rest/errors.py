"""Refusals as REST replies: ``{code, message, details}`` in Chinese."""

from typing import Any

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.refusals import STATUS, described, keep_trespass
from kernel.errors import Refused

_MESSAGES = {
    exceptions.NotAuthenticated: ("unauthenticated", "请先登录"),
    exceptions.PermissionDenied: ("denied", "没有此操作的权限"),
    exceptions.NotFound: ("not_found", "没有这一页"),
    exceptions.MethodNotAllowed: ("invalid", "不支持该请求方式"),
    exceptions.ParseError: ("invalid", "请求内容无法解析"),
    exceptions.UnsupportedMediaType: ("invalid", "不支持该内容类型"),
}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the reply for an error raised in a view; ``None`` leaves it to Django (500)."""
    if isinstance(error, Refused):
        keep_trespass(context["request"]._request, error)
        return Response(described(error), status=STATUS.get(error.code, 409))
    reply = exception_handler(error, context)
    if reply is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        reply.data = {
            "code": "invalid",
            "message": "请检查填写内容",
            "details": {"fields": error.detail},
        }
    else:
        if isinstance(error, exceptions.NotAuthenticated):
            # The framework answers 403 where a session is the only way in.
            reply.status_code = 401
            reply["WWW-Authenticate"] = 'Session realm="1798"'
        code, message = _MESSAGES.get(type(error), ("invalid", "请求无法处理"))
        reply.data = {"code": code, "message": message, "details": {}}
    return reply
