"""What every noun shares: who reads, labels, pages, and rows by id."""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import graphene
from django.db.models import Model, QuerySet
from graphql import GraphQLResolveInfo

from accounts.middleware import actor_of_request
from api.graphql.paging import page_bounds
from api.refusals import keep_trespass, not_found
from kernel.access import PERMISSIONS, Actor, Role, narrowed
from kernel.errors import Refused
from regions.models import Region
from regions.selectors import region_now

Row = dict[str, Any]
M = TypeVar("M", bound=Model)


class Label(graphene.ObjectType):
    code = graphene.String(required=True)
    label = graphene.String(required=True)


def label(code: str, text: str = "") -> Row:
    """Return a Label; the code stands for itself where it has no word."""
    return {"code": code, "label": str(text or code)}


def labels(choices: Any) -> list[Row]:
    """Return the Labels of a ``TextChoices``."""
    return [label(code, text) for code, text in choices.choices]


def labelled(choices: Any, code: str) -> Row:
    """Return the Label of one code of a ``TextChoices``."""
    return label(code, dict(choices.choices).get(code, code))


def actor_of(info: GraphQLResolveInfo) -> Actor:
    """Return who asks."""
    return actor_of_request(info.context)


def reader(info: GraphQLResolveInfo, permission: str) -> Actor:
    """Return who asks, with only the grants that carry ``permission``.

    Raises ``Refused("denied")`` when none does.
    """
    return narrowed(actor_of(info), permission)


def holds(actor: Actor, permission: str) -> bool:
    """Whether any grant carries the permission, wherever."""
    return any(g.role in PERMISSIONS[permission] or g.role is Role.SYSTEM for g in actor.grants)


@dataclass(frozen=True)
class Page:
    """One page of rows as the client sees them, and how many there are in all."""

    items: list[Any]
    total: int


def page_of(rows: QuerySet[M], page: int | None, page_size: int | None) -> tuple[list[M], int]:
    """Return the rows of a page and the number of all; raises ``Refused("invalid")``."""
    first, end = page_bounds(page, page_size)
    return list(rows[first:end]), rows.count()


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def seen(info: GraphQLResolveInfo, rows: QuerySet[M], key: str) -> M | None:
    """Return a row by id, or ``None`` for one that the reader may not know of: it is recorded."""
    found = rows.filter(pk=_uuid(key)).first() if _uuid(key) else None
    if found is None:
        keep_trespass(info.context, not_found())
    return found


def needed(rows: QuerySet[M], key: str) -> M:
    """Return a row by id; raises ``Refused("not_found")``."""
    found = rows.filter(pk=_uuid(key)).first() if _uuid(key) else None
    if found is None:
        raise not_found()
    return found


def region_of(code: str) -> Region:
    """Return the present region of a code; raises ``Refused("invalid")``."""
    region = region_now(code)
    if region is None:
        raise Refused("invalid", "没有这个区划代码", fields={"regionCode": "没有这个区划代码"})
    return region


def in_region(rows: QuerySet[M], code: str | None) -> QuerySet[M]:
    """Return the rows that lie in a region, or all of them without one."""
    return rows.filter(region__path__startswith=region_of(code).path) if code else rows


def chosen(name: str, code: str, choices: Any) -> str:
    """Return a code that is one of the choices; raises ``Refused("invalid")``."""
    if code not in choices.values:
        raise Refused("invalid", f"没有“{code}”这个选项", fields={name: "请从列表中选择"})
    return code
