"""The aid ledger as a list for departments and partners: their own lines, or their region's."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from aid.models import AidEntry, Layer
from aid.selectors import entries_visible_to
from api.rest.base import PAGE_PARAMETERS, Label, ListApi, actor_of, refusals, word_of
from kernel.access import narrowed
from regions.selectors import region_now


class AidEntryOut(serializers.Serializer[AidEntry]):
    """One line of the ledger. Families are opaque ids here: no name, no resident ID, no payee.

    Nothing of the need itself: a partner does not see it, and a join would drop his line.
    """

    id = serializers.UUIDField()
    kind = Label(word_of(AidEntry.Kind))
    layer = Label(word_of(Layer))
    needId = serializers.UUIDField(source="need_id")
    householdId = serializers.UUIDField(source="household_id")
    regionCode = serializers.CharField(source="region_id")
    regionName = serializers.CharField(source="region.name")
    organisationName = serializers.CharField(source="organisation.name")
    schemeName = serializers.CharField(source="scheme.name", default=None, allow_null=True)
    brandName = serializers.CharField(source="brand.name", default=None, allow_null=True)
    amountFen = serializers.IntegerField(source="amount_fen")
    quantity = serializers.IntegerField()
    startsOn = serializers.DateField(source="period.lower", allow_null=True)
    endsBefore = serializers.DateField(source="period.upper", allow_null=True)
    effectiveOn = serializers.DateField(source="effective_on")
    ofEntryId = serializers.UUIDField(source="of_entry_id", allow_null=True)
    sourceReference = serializers.CharField(source="source_reference")
    recordedAt = serializers.DateTimeField(source="recorded_at")


class AidEntryFilter(filters.FilterSet):  # type: ignore[misc]
    """Filters of the list."""

    kind = filters.ChoiceFilter(choices=AidEntry.Kind.choices, label="条目种类")
    layer = filters.ChoiceFilter(choices=Layer.choices, label="资金层")
    region = filters.CharFilter(method="in_region", label="区划代码，含下级")
    organisation = filters.UUIDFilter(field_name="organisation_id", label="机构")
    effectiveFrom = filters.DateFilter(
        field_name="effective_on", lookup_expr="gte", label="生效日期自"
    )
    effectiveUntil = filters.DateFilter(
        field_name="effective_on", lookup_expr="lte", label="生效日期至（含）"
    )

    def in_region(self, entries: QuerySet[AidEntry], _name: str, code: str) -> QuerySet[AidEntry]:
        """Keep the lines of a division and below; an abolished code means its successor."""
        region = region_now(code)
        return entries.filter(region__path__startswith=region.path) if region else entries.none()


class AidEntriesApi(ListApi):
    """The list."""

    queryset = AidEntry.objects.none()
    filterset_class = AidEntryFilter

    @extend_schema(
        operation_id="aidEntries",
        tags=["救助台账"],
        summary="导出救助台账：本机构或本辖区的条目，按记录先后",
        filters=True,
        parameters=PAGE_PARAMETERS,
        responses={200: AidEntryOut(many=True), **refusals(400, 404)},
    )
    def get(self, request: Request) -> Response:
        """Return a page of the ledger."""
        reader = narrowed(actor_of(request), "aid.export")
        visible = entries_visible_to(reader).select_related(
            "region", "organisation", "scheme", "brand"
        )
        return self.page_of(visible.order_by("recorded_at", "id"), request, AidEntryOut)
