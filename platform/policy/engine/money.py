"""Exact arithmetic on arrays of whole fen: int64 throughout, checked against overflow."""

from typing import Any

import numpy as np
import numpy.typing as npt

from kernel.errors import Refused

Column = npt.NDArray[Any]

BASIS_POINTS = 10_000
NO_LIMIT = np.iinfo(np.int64).max
_LARGEST_PRODUCT = 9e18


def product(*factors: Column | int) -> Column:
    """The factors multiplied, exactly.

    Raises ``Refused("amount_too_large")`` where int64 would wrap around.

    >>> product(np.array([2_150_000_000]), 3)
    array([6450000000])
    """
    result = np.ones(1, dtype=np.int64)
    magnitude = np.ones(1)
    for factor in factors:
        result = result * np.asarray(factor, dtype=np.int64)
        magnitude = magnitude * np.abs(np.asarray(factor, dtype=np.float64))
    if (magnitude > _LARGEST_PRODUCT).any():
        raise Refused("amount_too_large", "金额过大，超出可精确计算的范围，请核对输入")
    return result


def half_up(numerator: Column, divisor: int) -> Column:
    """``numerator / divisor`` to the nearest whole fen, halves up; for amounts of 0 or more.

    >>> half_up(np.array([14, 15, 16]), 10)
    array([1, 2, 2])
    """
    whole, rest = np.divmod(numerator, divisor)
    return whole + (2 * rest >= divisor)


def share(amount_fen: Column, basis_points: Column) -> Column:
    """A share of an amount, rounded once.

    >>> share(np.array([13_266_667]), np.array([1_500]))
    array([1990000])
    """
    return half_up(product(amount_fen, basis_points), BASIS_POINTS)


def yuan(amount_fen: int) -> str:
    """An amount as people read it.

    >>> yuan(1_990_005)
    '19,900.05元'
    """
    whole, rest = divmod(abs(amount_fen), 100)
    return f"{'-' if amount_fen < 0 else ''}{whole:,}.{rest:02d}元"


def percent(basis_points: int) -> str:
    """A ratio as people read it.

    >>> percent(4_600), percent(1_525)
    ('46%', '15.25%')
    """
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"
