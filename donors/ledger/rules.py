"""What an entry must be before the database is asked; the database refuses it all the same."""

from collections.abc import Mapping
from typing import Any

from kernel.errors import Refused


def require_balanced(amounts_fen: Mapping[Any, int]) -> None:
    """Raise ``Refused`` unless there are two legs or more, none zero, that sum to zero.

    >>> require_balanced({"clearing": -500, "wish": 500})
    """
    if len(amounts_fen) < 2:
        raise Refused("one_legged", "一笔凭证至少有两条分录")
    if any(amount == 0 for amount in amounts_fen.values()):
        raise Refused("amount_zero", "分录金额不能为零")
    if sum(amounts_fen.values()) != 0:
        raise Refused("unbalanced", "凭证借贷不平")
