"""Which kinds of file are kept, and whether a file is the kind that its name says."""

from kernel.errors import Refused

MOST_BYTES = 30 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: ending -> (media type, how its bytes begin)
KINDS: dict[str, tuple[str, bytes]] = {
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": (f"{_OFFICE}wordprocessingml.document", _ZIP),
    "xlsx": (f"{_OFFICE}spreadsheetml.sheet", _ZIP),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "csv": ("text/csv", b""),
    "json": ("application/json", b""),
}


def plain_name(name: str) -> str:
    """Return a file name without folders or control characters, its ending kept, at most 200 long.

    >>> plain_name("..\\\\云霄\\\\8月 名单.xlsx")
    '8月 名单.xlsx'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in last if c.isprintable()).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot else clean[:200]


def media_type_of(name: str, content: bytes) -> str:
    """Return the media type of a file by its ending.

    Raises ``Refused``: ``file_empty``, ``file_too_large``, ``file_kind_refused`` for an ending not
    listed, ``file_kind_differs`` when the bytes begin otherwise than such files do.

    >>> media_type_of("名单.csv", "姓名".encode())
    'text/csv'
    """
    if not content:
        raise Refused("file_empty", f"文件“{name}”是空的")
    if len(content) > MOST_BYTES:
        limit = MOST_BYTES // 1024 // 1024
        raise Refused("file_too_large", f"文件“{name}”超过{limit}MB，请拆分后再上传")
    _, dot, ending = name.lower().rpartition(".")
    if not dot or ending not in KINDS:
        raise Refused(
            "file_kind_refused", f"不接受文件“{name}”的类型，只接受 {'、'.join(sorted(KINDS))}"
        )
    media_type, start = KINDS[ending]
    if not content.startswith(start):
        raise Refused(
            "file_kind_differs", f"文件“{name}”的内容不是 {ending} 格式，请重新导出后上传"
        )
    return media_type
