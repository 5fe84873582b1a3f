"""URL table of REST."""

from django.urls import URLPattern, path

from api.rest import batches
from api.rest.entries import AidEntriesApi
from api.rest.jobs import JobApi
from api.rest.packs import PackFileApi
from api.rest.schema import schema
from api.rest.webhooks import WebhookApi

urlpatterns: list[URLPattern] = [
    path("api/batches", batches.BatchesApi.as_view()),
    path("api/batches/<uuid:batch_id>", batches.BatchApi.as_view()),
    path("api/batches/<uuid:batch_id>/apply", batches.BatchApplyApi.as_view()),
    path("api/batches/<uuid:batch_id>/errors.xlsx", batches.BatchErrorsApi.as_view()),
    path("api/templates/<str:kind>.xlsx", batches.TemplateApi.as_view()),
    path("api/aid-entries", AidEntriesApi.as_view()),
    path("api/jobs/<uuid:job_id>", JobApi.as_view()),
    path("api/packs/<uuid:pack_id>/<str:kind>", PackFileApi.as_view()),
    path("api/schema/", schema),
    path("webhooks/<str:provider>", WebhookApi.as_view()),
]
