"""What a need costs, net (domain.md section 5.1)."""

from collections.abc import Iterable
from dataclasses import dataclass

from kernel.errors import Refused


@dataclass(frozen=True)
class BillPart:
    """One documented cost and what others paid of it, in fen."""

    gross_fen: int
    insurance_fen: int = 0
    third_party_fen: int = 0


def net_fen(parts: Iterable[BillPart]) -> int:
    """Return gross cost less insurance of every layer and what a liable third party paid.

    Raises ``Refused("bad_bill")`` when more was paid than a bill's cost or a part is negative.

    >>> net_fen([BillPart(5_000_000, insurance_fen=3_200_000)])
    1800000
    """
    total = 0
    for part in parts:
        paid = part.insurance_fen + part.third_party_fen
        if min(part.gross_fen, part.insurance_fen, part.third_party_fen) < 0:
            raise Refused("bad_bill", "费用和支付金额不能为负数")
        if paid > part.gross_fen:
            raise Refused("bad_bill", "医保与第三方支付之和超过总费用，请核对结算单")
        total += part.gross_fen - paid
    return total


def net_within_gross(net: int | None, gross: int | None) -> bool:
    """Whether an assessed net may stand beside the gross; an unknown gross forbids nothing.

    >>> net_within_gross(5, 4), net_within_gross(5, None)
    (False, True)
    """
    return net is None or gross is None or net <= gross
