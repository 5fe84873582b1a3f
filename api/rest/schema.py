"""The description of this interface for programs."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse

_FILE = Path(__file__).resolve().parent.parent / "openapi.yaml"


def schema(request: HttpRequest) -> HttpResponse:
    """Return the committed OpenAPI file, which ``make lint`` compares with the code."""
    return HttpResponse(
        _FILE.read_bytes(), content_type="application/vnd.oai.openapi; charset=utf-8"
    )
