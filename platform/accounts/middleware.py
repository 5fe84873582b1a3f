"""One transaction per request, in which PostgreSQL knows who acts."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.selectors import actor_of
from audit.acting import acting_as
from kernel.access import PUBLIC, Actor


class ActorMiddleware:
    """Set ``request.actor``, run the view under it, and roll back what a failed request wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        actor = actor_of(user) if isinstance(user, User) and user.is_active else PUBLIC
        request.actor = actor  # type: ignore[attr-defined]
        with acting_as(actor):
            response = self.get_response(request)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response


def actor_of_request(request: HttpRequest) -> Actor:
    """Return the actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
