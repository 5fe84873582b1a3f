"""Who may be matched with what, and how urgent needs weigh. No Django here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

#: A project made for the family's category fits better than one that is open to everyone.
TARGETED, OPEN_TO_ALL = 1.0, 0.9
#: One grant costs an officer's time and a family's patience: fewer, larger grants are better.
KEEP_BONUS_FEN = 2_000.0


@dataclass(frozen=True)
class Offer:
    """What a project asks of a need: purpose, categories, region subtree and dates."""

    purpose: str
    categories: frozenset[str]
    region_path: str
    opens_on: date
    closes_on: date


@dataclass(frozen=True)
class Asking:
    """What a need brings: purpose, the household's categories, where it lives."""

    purpose: str
    categories: frozenset[str]
    region_path: str


def first_failing_test(offer: Offer, asking: Asking, on: date) -> str | None:
    """Return the first test that keeps a project from a need, in Chinese, or ``None``.

    >>> offer = Offer("medical", frozenset(), "/350600/", date(2026, 1, 1), date(2026, 12, 31))
    >>> asking = Asking("living", frozenset(), "/350600/350602/")
    >>> first_failing_test(offer, asking, date(2026, 5, 1))
    '用途不符'
    """
    if offer.purpose != asking.purpose:
        return "用途不符"
    if not asking.region_path.startswith(offer.region_path):
        return "不在项目实施范围"
    if not offer.opens_on <= on <= offer.closes_on:
        return "不在项目期间"
    if offer.categories and not offer.categories & asking.categories:
        return "不属于项目帮扶对象"
    return None


def fit(project_categories: Collection[str]) -> float:
    """Return the weight of a fitting pair: targeted projects before those open to everyone."""
    return TARGETED if project_categories else OPEN_TO_ALL
