"""Reading the brands. They are public."""

from django.db.models import QuerySet

from aid.models import Brand


def brands_all() -> QuerySet[Brand]:
    """The brands in their official order, with their lead body."""
    return Brand.objects.select_related("lead").order_by("position")
