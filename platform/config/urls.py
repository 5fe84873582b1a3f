"""URL table; the apps' own tables live in ``api``."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
]
handler500 = "api.outage.server_error"
