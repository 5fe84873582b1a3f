"""Office files are zip archives; these bytes do not depend on when they were packed."""

import io
import zipfile

# The earliest time a zip entry can carry.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def packed_alike(archive: bytes) -> bytes:
    """Return the same entries in the same order with fixed times and attributes."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target,
    ):
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(name))
    return out.getvalue()
