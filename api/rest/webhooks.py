"""Payment providers call here: signed bytes, no session."""

from functools import partial

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.middleware import actor_of_request, write_after_rollback
from api.rest.base import KIB, Api, http, refusals
from audit.acting import acting_as
from audit.services import record_refusal
from donors.services import webhook_receive
from kernel.access import SYSTEM
from kernel.errors import Refused

#: Where Stripe, and what speaks like it, puts time and signature.
SIGNATURE = "Stripe-Signature"


class WebhookApi(Api):
    """Store an event under its unique id; a worker acts on it once."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    parser_classes = ()
    most_bytes = 256 * KIB

    @extend_schema(
        operation_id="webhook",
        tags=["支付回调"],
        summary="支付渠道的签名通知；重复通知只入账一次",
        parameters=[
            OpenApiParameter(
                SIGNATURE, str, OpenApiParameter.HEADER, required=True, description="渠道签名"
            ),
        ],
        request={"application/json": OpenApiTypes.OBJECT},
        responses={200: OpenApiTypes.OBJECT, **refusals(400, 404, 413, behind_log_in=False)},
        auth=[],
    )
    def post(self, request: Request, provider: str) -> Response:
        """Answer 200 as soon as the event is stored."""
        inner = http(request)
        try:
            with acting_as(SYSTEM):
                webhook_receive(
                    provider=provider,
                    payload=inner.body,
                    signature=inner.headers.get(SIGNATURE, ""),
                )
        except Refused as refused:
            if refused.code == "bad_signature":
                write_after_rollback(
                    inner,
                    partial(
                        record_refusal,
                        code=refused.code,
                        path=inner.path,
                        actor=actor_of_request(inner),
                    ),
                )
            raise
        return Response({"received": True})
