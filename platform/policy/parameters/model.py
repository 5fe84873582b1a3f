"""What a policy parameter is: a dated, regional number with its source."""

from dataclasses import dataclass
from datetime import date

NATION = "CN"


@dataclass(frozen=True, slots=True)
class ApprovalTier:
    """The posts that must approve, in order, up to ``up_to_fen`` inclusive (None: any amount)."""

    up_to_fen: int | None
    posts: tuple[str, ...]


Value = int | bool | str | tuple[str, ...] | tuple[ApprovalTier, ...] | None


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that value files may use, its title on screens and its unit."""

    name: str
    title: str
    unit: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a parameter, in one region, from one day.

    ``effective_from`` is None when no source states the day; ``assumed_from`` is then the day this
    deployment works with until somebody enters the real one. ``sample`` marks a value that no
    source gives. ``value`` None: the authority states that there is no such limit.
    """

    id: str
    name: str
    title: str
    unit: str
    region: str
    value: Value
    effective_from: date | None
    assumed_from: date | None
    source: str
    clause: str
    note: str
    sample: bool

    @property
    def in_force_from(self) -> date:
        """The day it counts from; the earliest of all days when neither is known."""
        return self.effective_from or self.assumed_from or date.min

    def snapshot(self) -> dict[str, object]:
        """What a decision stores of it; plain JSON values."""
        return {
            "id": self.id,
            "name": self.name,
            "region": self.region,
            "value": _plain(self.value),
            "unit": self.unit,
            "effective_from": self.effective_from.isoformat() if self.effective_from else None,
            "assumed_from": self.assumed_from.isoformat() if self.assumed_from else None,
            "source": self.source,
            "clause": self.clause,
            "sample": self.sample,
        }


def _plain(value: Value) -> object:
    if isinstance(value, tuple):
        return [
            {"up_to_fen": item.up_to_fen, "posts": list(item.posts)}
            if isinstance(item, ApprovalTier)
            else item
            for item in value
        ]
    return value
