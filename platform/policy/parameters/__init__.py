"""Policy parameters: every number a rule needs, dated, regional, with its source.

The shipped values lie in ``values/``; a deployment adds its own in the directory named by the
environment variable ``POLICY_DIR``. Both are checked strictly when first read.
"""

import os
from collections.abc import Sequence
from datetime import date
from functools import cache
from pathlib import Path

from policy.parameters.book import ParameterBook
from policy.parameters.files import ParameterFileError
from policy.parameters.model import NATION, ApprovalTier, Definition, Parameter

__all__ = [
    "NATION",
    "ApprovalTier",
    "Definition",
    "Parameter",
    "ParameterBook",
    "ParameterFileError",
    "approval_posts",
    "current_book",
    "lookup",
    "lookup_number",
    "sample_parameters",
    "undated_parameters",
]


@cache
def current_book() -> ParameterBook:
    """The parameters of this deployment, read once in a process."""
    configured = os.environ.get("POLICY_DIR")
    return ParameterBook.load(Path(configured) if configured else None)


def lookup(name: str, *, region_chain: Sequence[str], on: date) -> Parameter:
    """The parameter in force on a day; ``region_chain`` runs from the narrowest code to "CN".

    Raises ``Refused("parameter_missing")`` naming it; never answers 0 for a missing one.

    >>> from datetime import date
    >>> chain = ("350582", "350500", "350000", "CN")
    >>> lookup("dibao.standard_fen_per_month", region_chain=chain, on=date(2022, 4, 1)).value
    90000
    """
    return current_book().lookup(name, region_chain=region_chain, on=on)


def lookup_number(name: str, *, region_chain: Sequence[str], on: date) -> int:
    """The value of a whole-number parameter, when the caller needs no record of it."""
    value = lookup(name, region_chain=region_chain, on=on).value
    if type(value) is not int:
        raise TypeError(f"{name} is not a whole number")
    return value


def approval_posts(amount_fen: int, *, region_chain: Sequence[str], on: date) -> tuple[str, ...]:
    """The posts (``kernel.access.Role`` values) that must approve this amount, in order.

    >>> from datetime import date
    >>> approval_posts(2_000_001, region_chain=("350622", "350600", "CN"), on=date(2026, 1, 1))
    ('county_officer', 'county_reviewer', 'city_officer')
    """
    tiers = lookup("approval.steps", region_chain=region_chain, on=on).value
    if not isinstance(tiers, tuple):
        raise TypeError("approval.steps holds no tiers")
    for tier in tiers:
        if isinstance(tier, ApprovalTier) and (
            tier.up_to_fen is None or amount_fen <= tier.up_to_fen
        ):
            return tier.posts
    raise TypeError("approval.steps has no last tier")


def sample_parameters() -> list[Parameter]:
    """Values that no source gives and this deployment has not settled: its set-up checklist.

    One is settled when a file in ``POLICY_DIR`` gives the same name in the same region.
    """
    return current_book().samples()


def undated_parameters() -> list[Parameter]:
    """Values used from an assumed day, because no source states the real one."""
    return current_book().undated()
