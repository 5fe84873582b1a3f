"""What every REST view shares: who acts, one reply per Idempotency-Key, pages, label and error."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django.db.models import Choices, QuerySet
from django.http import HttpRequest
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.middleware import actor_of_request
from api.idempotency import HEADER, Reply, answered_once
from kernel.access import Actor
from kernel.errors import Refused

MOST_PER_PAGE = 100
KIB = 1024


class Api(APIView):
    """A view for people who have logged in; JSON out, bodies of at most ``most_bytes`` in."""

    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)
    parser_classes: Sequence[type[BaseParser]] = (JSONParser,)
    most_bytes: ClassVar[int] = 64 * KIB

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at the size first: the log-in check of a POST reads the body."""
        refuse_too_large(http(request), self.most_bytes)
        super().initial(request, *args, **kwargs)


def http(request: Request) -> HttpRequest:
    """Return Django's request inside the framework's."""
    inner: HttpRequest = request._request
    return inner


def refuse_too_large(request: HttpRequest, most_bytes: int) -> None:
    """Raise ``Refused("too_large")`` before a byte of a large body is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        raise Refused("invalid", "请求头 Content-Length 无效")
    if int(length) > most_bytes:
        mib = most_bytes // KIB // KIB
        shown = f"{mib} MB" if mib else f"{most_bytes // KIB} KB"
        raise Refused("too_large", f"请求内容过大，上限为 {shown}")


def actor_of(request: Request) -> Actor:
    """Return who acts."""
    return actor_of_request(http(request))


def once(request: Request, body: object, act: Callable[[], Reply]) -> Response:
    """Answer a mutation once per Idempotency-Key."""
    status, answer = answered_once(http(request), body, act)
    return Response(answer, status=status)


class Label(serializers.Serializer[Any]):
    """A code for programs and its Chinese word for people."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]

    def __init__(self, word: Callable[[str], object], **kwargs: Any) -> None:
        """``word`` returns the word of a code."""
        self.word = word
        super().__init__(**kwargs)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return code and word of a code."""
        return {"code": str(instance), "label": str(self.word(instance))}


def word_of(choices: type[Choices]) -> Callable[[str], object]:
    """Return a function from a code of ``choices`` to its word."""
    return lambda code: choices(code).label


class ErrorOut(serializers.Serializer[Any]):
    """Why a request was refused."""

    code = serializers.CharField(help_text="供程序判断")
    message = serializers.CharField(help_text="中文说明，可直接展示")
    details = serializers.DictField(help_text="相关数值；字段错误在 fields 中")


_ERROR = OpenApiResponse(ErrorOut, "拒绝及原因")
MUTATION_PARAMETERS = [
    OpenApiParameter(
        HEADER,
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=True,
        description="一次操作一个键（1 至 100 个字符）：同键同内容重发得到首次的答复，"
        "同键不同内容得到 422",
    ),
    OpenApiParameter(
        "X-CSRFToken",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        required=True,
        description="Cookie csrftoken 的值",
    ),
]
PAGE_PARAMETERS = [
    OpenApiParameter("page", int, description="页码，从 1 起"),
    OpenApiParameter("pageSize", int, description=f"每页条数，1 至 {MOST_PER_PAGE}，默认 20"),
]


def refusals(*statuses: int, behind_log_in: bool = True) -> dict[int, OpenApiResponse]:
    """Return the described refusals of an operation."""
    return dict.fromkeys((401, *statuses) if behind_log_in else statuses, _ERROR)


class Pages(PageNumberPagination):
    """``page`` from 1, ``pageSize`` 1 to 100 (default 20); ``{items, total}``."""

    page_size = 20
    page_size_query_param = "pageSize"
    max_page_size = MOST_PER_PAGE

    def get_page_size(self, request: Request) -> int:
        """Refuse a page size out of bounds instead of bending it."""
        asked = request.query_params.get("pageSize", "20")
        if not asked.isascii() or not asked.isdigit() or not 1 <= int(asked) <= MOST_PER_PAGE:
            raise serializers.ValidationError({"pageSize": f"应为 1 至 {MOST_PER_PAGE} 的整数"})
        return int(asked)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page as in GraphQL."""
        total = self.page.paginator.count if self.page else 0
        return Response({"items": data, "total": total})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe the page."""
        return {
            "type": "object",
            "required": ["items", "total"],
            "properties": {
                "items": schema,
                "total": {"type": "integer", "description": "全部页的条数"},
            },
        }


class ListApi(Api):
    """A view with a filtered list in pages."""

    filter_backends = (filters.DjangoFilterBackend,)
    pagination_class = Pages

    def page_of(
        self, visible: QuerySet[Any], request: Request, out: type[serializers.Serializer[Any]]
    ) -> Response:
        """Return the page that was asked for."""
        found = filters.DjangoFilterBackend().filter_queryset(request, visible, self)
        pages = Pages()
        rows: list[Any] | None = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response([out(row).data for row in rows or []])
