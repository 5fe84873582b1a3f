"""One transaction per request, in which PostgreSQL knows who acts."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.selectors import actor_of
from audit.acting import acting_as
from kernel.access import PUBLIC, Actor


class ActorMiddleware:
    """Set ``request.actor``, run the view under it, and roll back what a failed request wrote.

    What must be kept of a refusal (an attempt out of scope, an overlap prevented) is put on
    ``request.after_rollback`` and written in a transaction of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        actor = actor_of(user) if isinstance(user, User) and user.is_active else PUBLIC
        request.actor = actor  # type: ignore[attr-defined]
        after_rollback: list[Callable[[], object]] = []
        request.after_rollback = after_rollback  # type: ignore[attr-defined]
        with acting_as(actor):
            response = self.get_response(request)
            if response.status_code >= 400 or after_rollback:
                transaction.set_rollback(True)
        for write in after_rollback:
            with acting_as(actor):
                write()
        return response


def write_after_rollback(request: HttpRequest, write: Callable[[], object]) -> None:
    """Roll the request back at its end, and then run ``write`` as the same actor."""
    request.after_rollback.append(write)  # type: ignore[attr-defined]


def actor_of_request(request: HttpRequest) -> Actor:
    """Return the actor that the middleware found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor
