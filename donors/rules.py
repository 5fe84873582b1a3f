"""Holds, shares and where money goes; states are the values of ``donors.models``."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

#: At checkout a hold lasts at least so long, and the provider's session ends before it, so that
#: money can hardly come after the hold. Stripe's shortest session is 30 minutes.
CHECKOUT_HOLD = timedelta(minutes=35)
SESSION_LENGTH = timedelta(minutes=31)
#: A bank transfer takes days.
TRANSFER_HOLD = timedelta(days=3)

#: Where late or surplus money goes, as the donor agrees at checkout (Charity Law art. 56, 58).
TERMS_POOL = "pool"
TERMS_TEXT = "逾期到账、重复支付或结余的款项，转入同一慈善组织的同类帮扶资金，并在捐赠记录中说明。"

#: A donation's state only moves forward along these.
DONATION_MOVES: Mapping[str, frozenset[str]] = {
    "pledged": frozenset({"received", "refunded", "failed"}),
    "received": frozenset({"allocated", "disbursed", "refunded"}),
    "allocated": frozenset({"disbursed", "refunded"}),
    "disbursed": frozenset(),
    "refunded": frozenset(),
    "failed": frozenset({"received"}),
}


def held_until(now: datetime, mode: str, hold_minutes: int) -> datetime:
    """Return when a new claim ends: by parameter for payment, in days for a transfer."""
    return now + (TRANSFER_HOLD if mode == "transfer" else timedelta(minutes=hold_minutes))


def split_cost(cost_fen: int, gifts_fen: Sequence[int]) -> list[int]:
    """Return the share of each gift in the actual cost: in proportion, exact to the fen.

    Leftover fen go to the largest remainders, the earlier gift first. The cost must not exceed
    the gifts.

    >>> split_cost(100, [100, 100, 100])
    [34, 33, 33]
    """
    total = sum(gifts_fen)
    if not 0 <= cost_fen <= total:
        raise ValueError("the cost must lie between 0 and the gifts")
    if total == 0:
        return [0] * len(gifts_fen)
    shares = [cost_fen * gift // total for gift in gifts_fen]
    by_remainder = sorted(
        range(len(gifts_fen)), key=lambda i: (-(cost_fen * gifts_fen[i] % total), i)
    )
    for index in by_remainder[: cost_fen - sum(shares)]:
        shares[index] += 1
    return shares
