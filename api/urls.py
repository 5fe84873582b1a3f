"""URL table of pages, REST and GraphQL."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from api.graphql.view import graphql
from api.pages import views as pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.front),
    path("health/", pages.health),
    path("", include("api.rest.urls")),
    path("graphql/", graphql),
    path("login/", pages.SignIn.as_view(), name="login"),
    path("logout/", pages.SignOut.as_view(), name="logout"),
    re_path(r"^staff/(?P<rest>.*)$", pages.staff),
    re_path(r"^wishes/(?P<rest>.*)$", pages.wishes),
]
