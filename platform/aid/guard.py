"""Ask the database's guard, and say its refusals in Chinese."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from aid.rules import OUTCOMES, prevented_fen
from households.services import REFUSED_BY_GUARD
from kernel.errors import Refused
from kernel.money import yuan

_UNIQUE_VIOLATION = "23505"
_ROW_SECURITY = "42501"

#: Code -> Chinese sentence; ``{left}`` is the amount still possible.
_OVERLAP = {
    "O-01": "同一笔救助已登记过，请勿重复提交；如确需再次救助，请调整期间或金额后登记",
    "O-03": "超过该需求尚未覆盖的部分：最多还可帮扶{left}",
    "O-04": "该需求尚未结算医保报销、未核定净额，不能按总费用帮扶；请先核定，或作为垫付申请",
    "O-05": "结算前垫付超过限额：最多还可垫付{left}",
    "O-06": "该人员在此期间已享受互斥的待遇，不能同时享受",
    "O-13": "该需求尚未核定净额，且超过小额慰问限额：现最多可慰问{left}，或请先核定",
}
_OTHER = {
    "exchange_only": "报告的救助事实只能由数据交换写入",
    "isolation": "救助台账只接受“读已提交”隔离级别的事务",
    "layer": "慈善组织、企业的资金不能登记为财政或保险资金",
    "mismatch": "救助条目与需求的家庭、人员、区划，或与所指条目不一致",
    "need_closed": "该需求已撤回或已到期，不能再登记救助",
    "need_in_use": "该需求已有救助记录，不能改变其对象、用途、期间，也不能在救助未释放前撤回",
    "need_unknown": "没有这项需求",
    "no_period": "请填写救助期间",
    "no_reference": "请填写来源编号",
    "over_entry": "冲正超过原条目金额：最多还可冲正{left}",
    "over_promise": "超过该承诺尚未支付、未释放的部分：最多还可{left}",
    "person_required": "该项目按人认定，请选择受益人",
}


@dataclass(frozen=True)
class GuardResult:
    """What the guard would say: ``code`` is ``""`` when nothing stands against it.

    ``residual_fen`` is what may still be promised; ``None`` where nothing is assessed in money.
    """

    code: str
    outcome: str
    residual_fen: int | None
    residual_quantity: int | None = None


def guard_check(
    need_id: UUID,
    layer: str,
    amount_fen: int,
    quantity: int = 0,
    *,
    is_advance: bool = False,
    is_small_gift: bool = False,
) -> GuardResult:
    """Return the guard's verdict on a promise without making it; tells nothing of others' rows.

    A state layer's ``O-14`` is not a refusal: the entry passes and opens a finding.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, residual_fen, residual_quantity"
            " FROM aid_guard_check(%s, %s, %s, %s, %s, %s)",
            [need_id, layer, amount_fen, quantity, is_advance, is_small_gift],
        )
        code, residual, residual_quantity = cursor.fetchone()
    outcome = OUTCOMES.get(code or "", "BLOCK")
    return GuardResult(code or "", outcome, residual, residual_quantity)


@contextmanager
def refusals_in_chinese(*, asked_fen: int = 0) -> Iterator[None]:
    """Turn what the ledger's triggers and constraints refuse into ``Refused``.

    Code ``overlap`` carries ``code`` (O-..), ``asked_fen``, ``residual_fen``, ``prevented_fen``;
    other refusals carry the guard's own code.
    """
    try:
        yield
    except DatabaseError as error:
        cause: Any = error.__cause__
        state = getattr(cause, "sqlstate", None)
        if state == REFUSED_BY_GUARD:
            raise refusal(json.loads(cause.diag.message_detail)) from error
        if state == _UNIQUE_VIOLATION and cause.diag.constraint_name == "aid_source_once":
            raise refusal({"code": "O-01", "asked_fen": asked_fen}) from error
        if state == _ROW_SECURITY:
            raise Refused(
                "denied", "该需求不在您的辖区内，或该家庭没有对您机构的有效知情同意"
            ) from error
        raise


def refusal(detail: dict[str, Any]) -> Refused:
    """Return the Chinese refusal for the detail of a database refusal."""
    code = detail["code"]
    asked, residual = int(detail.get("asked_fen", 0)), int(detail.get("residual_fen", 0))
    items = int(detail.get("residual_quantity", 0))
    by_quantity = int(detail.get("asked_quantity", 0)) > 0
    parts = [f"{yuan(residual)}元"] if asked or not by_quantity else []
    if by_quantity:
        parts.append(f"{items}件")
    left = "、".join(parts)
    if code in _OVERLAP:
        return Refused(
            "overlap",
            _OVERLAP[code].format(left=left),
            code=code,
            asked_fen=asked,
            residual_fen=residual,
            prevented_fen=prevented_fen(asked, residual),
            residual_quantity=items,
        )
    return Refused(code, _OTHER[code].format(left=left), asked_fen=asked, residual_fen=residual)
