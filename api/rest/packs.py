"""The files of a joint meeting's pack."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from api.refusals import not_found
from api.rest.base import Api, actor_of, refusals
from api.rest.files import TYPES, file_reply
from kernel.access import narrowed
from meetings.selectors import packs_visible_to
from meetings.services import pack_file


class PackFileApi(Api):
    """One file of a pack: always the same bytes."""

    @extend_schema(
        operation_id="packFile",
        tags=["联席会议"],
        summary="下载联席会议材料（PDF、Word、Excel）",
        parameters=[
            OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=list(TYPES)),
        ],
        responses={
            **{(200, media): OpenApiTypes.BINARY for media in TYPES.values()},
            **refusals(404, 409),
        },
    )
    def get(self, request: Request, pack_id: UUID, kind: str) -> HttpResponse:
        """Return the file under the meeting's name and its closing date."""
        reader = narrowed(actor_of(request), "meeting.view")
        pack = packs_visible_to(reader).filter(pk=pack_id).first()
        if pack is None:
            raise not_found()
        content = pack_file(pack=pack, kind=kind)
        title = f"{pack.meeting.title}（截至{pack.as_of:%Y-%m-%d}）"
        return file_reply(content, title=title, ending=kind)
