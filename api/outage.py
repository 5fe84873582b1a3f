"""What a visitor reads when a request broke outside its view."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, else 500; the error itself is logged, never shown."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(
            "系统暂时不可用，请稍后再试", status=503, headers={"Retry-After": "5"}, charset="utf-8"
        )
    return HttpResponse("系统出现错误，已记录，请联系管理员", status=500, charset="utf-8")
