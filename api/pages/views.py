"""Pages that the server renders: front page, log-in, and the shells of the two web clients."""

from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import ensure_csrf_cookie

from accounts.middleware import actor_of_request
from kernel.access import ROLE_SCOPE, Scope


class SignIn(LoginView):
    """Log-in; works without JavaScript."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        return "/"


class SignOut(LogoutView):
    """Log-out by POST."""

    next_page = "/login/"


def front(request: HttpRequest) -> HttpResponse:
    """Send staff to their work and everybody else to the wishes."""
    actor = actor_of_request(request)
    works = any(ROLE_SCOPE[grant.role] is not Scope.OWN for grant in actor.grants)
    return redirect("/staff/" if works else "/wishes/")


def _shell(name: str) -> HttpResponse:
    page = Path(settings.FRONTEND_DIST) / name / "index.html"
    if not page.is_file():
        return HttpResponse("网页尚未构建，请先运行 make build", status=503, charset="utf-8")
    return HttpResponse(page.read_bytes(), content_type="text/html; charset=utf-8")


@ensure_csrf_cookie
def staff(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The staff client; it asks for a log-in first."""
    if not actor_of_request(request).grants:
        return redirect(f"/login/?{urlencode({'next': request.get_full_path()})}")
    return _shell("staff")


@ensure_csrf_cookie
def wishes(request: HttpRequest, rest: str = "") -> HttpResponse:
    """The donors' client; visitors may look."""
    return _shell("wishes")


def health(request: HttpRequest) -> HttpResponse:
    """Answers when the process and its database do."""
    return HttpResponse("ok")
