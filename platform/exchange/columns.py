"""What a kind of file holds: its columns, who may send it, and how each cell is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from exchange.cells import (
    Cell,
    Read,
    read_any_id,
    read_choice,
    read_date,
    read_fen,
    read_name,
    read_resident_id,
    read_text,
)
from exchange.villages import VillageBook
from kernel.access import Role


@dataclass(frozen=True)
class CheckContext:
    """What reading a cell may depend on."""

    today: date
    villages: VillageBook


@dataclass(frozen=True)
class Column:
    """A column: key, Chinese heading with accepted others, reader, and an example."""

    key: str
    heading: str
    read: Callable[[Cell, CheckContext], Read]
    aliases: tuple[str, ...] = ()
    required: bool = True
    example: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    #: Shown masked in files that go back to the sender.
    is_id: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of batch. ``roles``: who may import it; ``check``: errors across cells of a row."""

    code: str
    title: str
    columns: tuple[Column, ...]
    roles: frozenset[Role]
    check: Callable[[Mapping[str, Any]], list[tuple[str, str, str]]] = field(
        default=lambda _values: []
    )


def text_column(key: str, heading: str, *, most: int = 60, **more: Any) -> Column:
    """A column of plain text."""
    return Column(key, heading, lambda cell, _: read_text(cell, most=most), **more)


def name_column(key: str = "name", heading: str = "姓名", **more: Any) -> Column:
    """A column of personal names."""
    return Column(key, heading, lambda cell, _: read_name(cell), **more)


def id_column(key: str = "id_number", heading: str = "身份证号", **more: Any) -> Column:
    """A column of full resident IDs."""
    return Column(
        key,
        heading,
        lambda cell, context: read_resident_id(cell, today=context.today),
        is_id=True,
        **more,
    )


def any_id_column(key: str = "id_number", heading: str = "身份证号", **more: Any) -> Column:
    """A column of full or masked resident IDs."""
    return Column(
        key,
        heading,
        lambda cell, context: read_any_id(cell, today=context.today),
        is_id=True,
        **more,
    )


def date_column(key: str, heading: str, *, past: bool = True, **more: Any) -> Column:
    """A column of dates, none of them after today unless ``past`` is False."""
    return Column(
        key,
        heading,
        lambda cell, context: read_date(cell, latest=context.today if past else None),
        **more,
    )


def fen_column(key: str, heading: str, *, zero: bool = False, **more: Any) -> Column:
    """A column of amounts in yuan, read as fen."""
    return Column(key, heading, lambda cell, _: read_fen(cell, zero=zero), **more)


def choice_column(key: str, heading: str, choices: Mapping[str, str], **more: Any) -> Column:
    """A column of one of the labels in ``choices`` (label -> code)."""
    return Column(
        key,
        heading,
        lambda cell, _: read_choice(cell, choices=choices),
        choices=tuple(choices),
        **more,
    )


def village_column(
    key: str = "village", heading: str = "村（社区）代码或名称", **more: Any
) -> Column:
    """A column of village codes or names, old codes included, inside the batch's region."""
    return Column(key, heading, lambda cell, context: context.villages.read(cell), **more)
