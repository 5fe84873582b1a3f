"""Storing private files."""

import hashlib
import os
import tempfile
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from audit.services import record
from documents.media import media_type_of, plain_name
from documents.models import StoredFile
from kernel.access import Actor
from kernel.errors import Refused
from organisations.models import Organisation
from regions.models import Region


@transaction.atomic
def file_store(
    *,
    id: UUID,
    name: str,
    content: bytes,
    actor: Actor,
    region: Region | None = None,
    organisation: Organisation | None = None,
) -> StoredFile:
    """Store a file and return its row; the same id with the same bytes returns the first row.

    The caller has checked what ``actor`` may do to the case the file belongs to. Raises
    ``Refused``: those of ``media_type_of``, or ``file_differs`` when the id already stands for
    another file. The bytes are on disk before the row is written; a roll-back leaves them there,
    unreachable.
    """
    shown = plain_name(name)
    media_type = media_type_of(shown, content)
    digest = hashlib.sha256(content).hexdigest()
    # The digest in the path keeps a second, different file with this id from replacing the first.
    path = f"{id.hex[-2:]}/{id}-{digest[:16]}"
    earlier = StoredFile.objects.filter(pk=id).first()
    if earlier is not None:
        return _same(earlier, digest)
    _write(Path(settings.PRIVATE_FILES_DIR) / path, content)
    stored = StoredFile(
        id=id,
        sha256=digest,
        size_bytes=len(content),
        media_type=media_type,
        name=shown,
        path=path,
        region=region,
        organisation=organisation,
        created_by=actor.id,
    )
    try:
        with transaction.atomic():
            stored.save(force_insert=True)
    except IntegrityError as taken:
        # Two at once, or the id is that of a row the actor cannot see.
        earlier = StoredFile.objects.filter(pk=id).first()
        if earlier is None:
            raise Refused("file_differs", f"文件编号 {id} 已被占用，请重新上传") from taken
        return _same(earlier, digest)
    record(
        "file.stored",
        stored,
        actor,
        sha256=digest,
        size_bytes=len(content),
        organisation=str(organisation.pk) if organisation else "",
    )
    return stored


def _same(earlier: StoredFile, digest: str) -> StoredFile:
    if earlier.sha256 != digest:
        raise Refused("file_differs", f"文件编号 {earlier.pk} 已用于另一份文件“{earlier.name}”")
    return earlier


def _write(target: Path, content: bytes) -> None:
    """Write the whole file or nothing, readable by this user alone, and flush it to disk."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
