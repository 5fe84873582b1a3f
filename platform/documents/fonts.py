"""The Chinese fonts a PDF embeds: where they are and which characters they can draw.

``FONT_DIRS`` (folders, separated as in PATH) names other places; any further font found there
helps out with characters that the two Noto families lack.
"""

import os
import struct
from functools import lru_cache
from pathlib import Path

import typst

from kernel.errors import Refused

SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
_PACKAGES = Path(__file__).resolve().parents[2] / "frontend/node_modules/@expo-google-fonts"
DEFAULT_DIRS = (_PACKAGES / "noto-serif-sc", _PACKAGES / "noto-sans-sc")


def font_dirs() -> tuple[Path, ...]:
    """Return the folders of ``FONT_DIRS``, or those of the front end's font packages."""
    chosen = os.environ.get("FONT_DIRS", "")
    return tuple(Path(part) for part in chosen.split(os.pathsep) if part) or DEFAULT_DIRS


def load_fonts() -> tuple[typst.Fonts, tuple[str, ...]]:
    """Return the fonts for a compiler and their families, the serif one first.

    Raises ``Refused("fonts_missing")`` unless both Noto families are there: a PDF set in whatever
    the machine has would differ from machine to machine, or show boxes.
    """
    return _load(font_dirs())


@lru_cache(maxsize=4)
def _load(dirs: tuple[Path, ...]) -> tuple[typst.Fonts, tuple[str, ...]]:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[path for path in dirs if path.is_dir()],
    )
    found = fonts.families()
    missing = [family for family in (SERIF, SANS) if family not in found]
    if missing:
        raise Refused(
            "fonts_missing",
            f"缺少中文字体 {'、'.join(missing)}，无法生成 PDF。"
            f"请在项目目录运行 make run 或 make test（会自动安装字体），"
            f"或用环境变量 FONT_DIRS 指明字体所在文件夹。"
            f"已查找：{'；'.join(str(path) for path in dirs)}",
        )
    return fonts, (SERIF, SANS, *(name for name in found if name not in (SERIF, SANS)))


def undrawable(text: str) -> frozenset[str]:
    """Return the characters of ``text`` that no loaded font can draw."""
    drawable = _drawable(font_dirs())
    return frozenset(c for c in text if ord(c) not in drawable and not c.isspace())


@lru_cache(maxsize=4)
def _drawable(dirs: tuple[Path, ...]) -> frozenset[int]:
    fonts, _ = _load(dirs)
    files: dict[str, str] = {}
    for info in fonts.fonts():
        # The weights of one family cover the same characters; one regular file stands for all.
        if info.path and (info.weight == 400 or info.family not in files):
            files[info.family] = info.path
    return frozenset().union(*(_characters(Path(path).read_bytes()) for path in files.values()))


def _characters(font: bytes) -> set[int]:
    """Return the code points in a TrueType or OpenType file's character map (formats 4 and 12)."""
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    (tables,) = struct.unpack_from(">H", font, start + 4)
    found: set[int] = set()
    for index in range(tables):
        tag, _, base, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * index)
        if tag != b"cmap":
            continue
        (maps,) = struct.unpack_from(">H", font, base + 2)
        for number in range(maps):
            (offset,) = struct.unpack_from(">I", font, base + 8 + 8 * number)
            found |= _subtable(font, base + offset)
    return found


def _subtable(font: bytes, at: int) -> set[int]:
    (form,) = struct.unpack_from(">H", font, at)
    found: set[int] = set()
    if form == 12:
        (groups,) = struct.unpack_from(">I", font, at + 12)
        for group in range(groups):
            first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * group)
            found.update(range(first, last + 1))
    elif form == 4:
        (double,) = struct.unpack_from(">H", font, at + 6)
        lasts = struct.unpack_from(f">{double // 2}H", font, at + 14)
        firsts = struct.unpack_from(f">{double // 2}H", font, at + 16 + double)
        for first, last in zip(firsts, lasts, strict=True):
            found.update(range(first, min(last, 0xFFFE) + 1))
    return found
