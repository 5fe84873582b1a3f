"""Paying up to a cap and holding the rest for a collective decision (一事一议)."""

import numpy as np

from policy.engine.money import Column


def room_under(cap_fen: Column, already_fen: Column) -> Column:
    """What may still be paid under a cap.

    >>> room_under(np.array([4_000_000, 100]), np.array([3_000_000, 200]))
    array([1000000,       0])
    """
    return np.asarray(np.maximum(cap_fen - already_fen, 0))


def paid_and_held(wanted_fen: Column, room_fen: Column) -> tuple[Column, Column]:
    """The part within the room and the part above it.

    >>> paid_and_held(np.array([1_500_000]), np.array([1_000_000]))
    (array([1000000]), array([500000]))
    """
    paid = np.minimum(wanted_fen, room_fen)
    return paid, wanted_fen - paid
