"""Reading stored files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from documents.models import StoredFile
from kernel.access import Actor
from kernel.errors import Refused


def files_visible_to(actor: Actor) -> QuerySet[StoredFile]:
    """Files of the actor's regions and organisations and those he stored, newest first."""
    files = StoredFile.objects.select_related("region", "organisation").order_by("-id")
    if "/" in actor.region_paths:
        return files
    mine = Q(created_by=actor.id) | Q(organisation__in=actor.organisation_ids)
    for path in actor.region_paths:
        mine |= Q(region__path__startswith=path)
    return files.filter(mine)


def file_content(stored: StoredFile) -> bytes:
    """Return the bytes of a file that the caller found through a scoped selector.

    Raises ``Refused``: ``file_missing``, or ``file_damaged`` when they are not what was stored.
    """
    try:
        content = (Path(settings.PRIVATE_FILES_DIR) / stored.path).read_bytes()
    except FileNotFoundError as gone:
        raise Refused(
            "file_missing", f"文件“{stored.name}”已登记，但存储中找不到，请联系系统管理员"
        ) from gone
    if hashlib.sha256(content).hexdigest() != stored.sha256:
        raise Refused("file_damaged", f"文件“{stored.name}”的内容与存入时不一致，请联系系统管理员")
    return content
