"""Files as replies: a Chinese name that no browser or header can be tricked by."""

import re

from django.http import HttpResponse
from django.utils.http import content_disposition_header

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Control and direction marks, and what separates paths or is forbidden in names.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\\/:*?"<>|]+')


def safe_name(title: str, ending: str) -> str:
    """Return a file name made of a title that people typed.

    >>> safe_name("../三季度\\r\\n会议: 材料", "pdf")
    '三季度 会议 材料.pdf'
    >>> safe_name("...", "xlsx")
    '文件.xlsx'
    """
    plain = " ".join(_UNSAFE.sub(" ", title).split()).strip(" .")
    return f"{plain[:80].strip(' .') or '文件'}.{ending}"


def file_reply(content: bytes, *, title: str, ending: str) -> HttpResponse:
    """Return a download that is neither cached nor guessed at (RFC 6266, RFC 5987)."""
    reply = HttpResponse(content, content_type=TYPES[ending])
    name = safe_name(title, ending)
    reply["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    reply["Cache-Control"] = "private, no-store"
    reply["X-Content-Type-Options"] = "nosniff"
    return reply
