"""Any sequence of ledger operations does in PostgreSQL what a plain Python model says."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid.models import AidEntry, Finding
from aid.selectors import residual_fen
from audit.acting import acting_as
from households.models import Need
from kernel.access import SYSTEM
from kernel.ids import new_id
from tests import make
from tests.aid.raw import insert, row

ADVANCE_LIMIT, SMALL_GIFT_LIMIT = 2_000_000, 50_000
STATE = {"government", "insurance"}


@dataclass
class Entry:
    """A line as the model sees it."""

    kind: str
    layer: str
    giver: int
    fen: int
    quantity: int
    flagged: bool = False
    of: "Entry | None" = None
    id: UUID = field(default_factory=new_id)


@dataclass
class Model:
    """What domain.md section 5 says about one need."""

    net: int | None
    net_quantity: int | None
    lines: list[Entry] = field(default_factory=list)
    findings: set[tuple[str, UUID | None]] = field(default_factory=set)

    def active(self, what: str, *, society_only: bool = False) -> int:
        total = 0
        for line in self.lines:
            if society_only and line.layer in STATE:
                continue
            if line.kind in ("promise", "reported"):
                total += getattr(line, what)
            elif line.kind == "release" or (line.of and line.of.kind == "reported"):
                total -= getattr(line, what)
        return total

    def followed(self, of: Entry, kind: str, what: str) -> int:
        return sum(getattr(x, what) for x in self.lines if x.of is of and x.kind == kind)

    def unpaid(self, promise: Entry, what: str) -> int:
        paid = sum(
            getattr(x, what) - self.followed(x, "reversal", what)
            for x in self.lines
            if x.of is promise and x.kind == "payment"
        )
        left: int = getattr(promise, what) - paid - self.followed(promise, "release", what)
        return left

    def over(self, what: str) -> int:
        net = self.net if what == "fen" else self.net_quantity
        return max(self.active(what) - net, 0) if net is not None else 0

    def refusal(self, line: Entry, limit: int) -> str | None:
        """The code that refuses a line, or ``None``."""
        if line.kind == "promise":
            return self._refused_promise(line, limit)
        assert line.of is not None
        if line.kind == "reversal":
            left = [
                getattr(line.of, what) - self.followed(line.of, "reversal", what)
                for what in ("fen", "quantity")
            ]
            return "over_entry" if line.fen > left[0] or line.quantity > left[1] else None
        fen, quantity = self.unpaid(line.of, "fen"), self.unpaid(line.of, "quantity")
        if line.fen > fen or line.quantity > quantity:
            return "over_promise"
        if line.kind == "payment" and line.layer not in STATE:
            if self.net is None and self.net_quantity is None and not line.of.flagged:
                return "O-13"
            over_fen, over_quantity = self.over("fen"), self.over("quantity")
            if line.fen and over_fen and line.fen > fen - over_fen:
                return "O-03"
            if line.quantity and over_quantity and line.quantity > quantity - over_quantity:
                return "O-03"
        return None

    def _refused_promise(self, line: Entry, limit: int) -> str | None:
        if (
            not line.quantity
            and line.layer != "individual"
            and any(
                x.kind == "promise"
                and x.layer != "individual"
                and (x.giver, x.fen, x.quantity) == (line.giver, line.fen, 0)
                and x.fen > self.followed(x, "release", "fen")
                for x in self.lines
            )
        ):
            return "O-01"
        if line.layer in STATE:
            return None
        counted = line.quantity > 0 and self.net_quantity is not None
        too_many = counted and self.active("quantity") + line.quantity > (self.net_quantity or 0)
        if self.net is not None:
            if (line.fen and self.active("fen") + line.fen > self.net) or too_many:
                return "O-03"
            return "O-13" if not line.fen and not counted else None
        if counted:
            return "O-03" if too_many else None
        left = limit - self.active("fen", society_only=True)
        if not line.fen or line.fen > max(left, 0):
            return "O-05" if limit == ADVANCE_LIMIT else "O-13"
        return None

    def accept(self, line: Entry) -> None:
        self.lines.append(line)
        if line.kind == "reported" or (line.kind == "promise" and line.layer in STATE):
            above = (line.fen and self.over("fen")) or (line.quantity and self.over("quantity"))
            if above:
                self.findings.add(("O-14" if line.layer in STATE else "O-03", line.id))


FEN = st.one_of(st.integers(0, 200), st.sampled_from([49_000, 50_000, 1_999_950]))
QUANTITY = st.sampled_from([0, 0, 0, 1, 2, 3])
NET = st.one_of(st.none(), st.integers(0, 300))
OPERATION = st.one_of(
    st.tuples(
        st.just("promise"),
        st.sampled_from(["charity", "group", "individual", "own", "government"]),
        st.integers(0, 1),
        FEN,
        QUANTITY,
        st.sampled_from(["", "", "advance", "small"]),
    ),
    st.tuples(
        st.just("reported"),
        st.sampled_from(["charity", "government"]),
        st.integers(0, 1),
        FEN,
        QUANTITY,
        st.just(""),
    ),
    st.tuples(
        st.sampled_from(["payment", "release", "reversal"]),
        st.just(""),
        st.integers(0, 20),
        FEN,
        QUANTITY,
        st.just(""),
    ),
    st.tuples(st.just("assess"), st.just(""), st.just(0), NET, NET, st.just("")),
)


def attempt(line: dict[str, Any]) -> str | None:
    """Insert a line; return the guard's code when it refuses."""
    try:
        with transaction.atomic():
            insert(line)
    except DatabaseError as error:
        cause: Any = error.__cause__
        assert cause.sqlstate == "P1798", cause
        code: str = json.loads(cause.diag.message_detail)["code"]
        return code
    return None


@pytest.mark.role("exchange")
@settings(
    max_examples=120,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    net=NET,
    net_quantity=st.one_of(st.none(), st.integers(0, 4)),
    plan=st.lists(OPERATION, max_size=14),
)
def test_the_ledger_follows_the_model(
    db: None, net: int | None, net_quantity: int | None, plan: list[Any]
) -> None:
    with acting_as(SYSTEM):
        givers = [make.partner("red_cross"), make.partner("trade_union")]
        need = make.need(net_fen=net, net_quantity=net_quantity, purpose="living")
        model = Model(net, net_quantity)
        for kind, layer, pick, fen, quantity, flag in plan:
            if kind == "assess":
                Need.objects.filter(pk=need.pk).update(net_fen=fen, net_quantity=quantity)
                changed = (model.net, model.net_quantity) != (fen, quantity)
                model.net, model.net_quantity = fen, quantity
                if changed and (model.over("fen") or model.over("quantity")):
                    model.findings.add(("O-14", None))
            elif fen or quantity:
                _write(need, givers, model, kind, layer, pick, fen, quantity, flag)
            assert residual_fen(need.pk) == (
                None if model.net is None else max(model.net - model.active("fen"), 0)
            )
        assert AidEntry.objects.filter(need=need).count() == len(model.lines)
        found = Finding.objects.filter(need=need).values_list("code", "entry_id")
        assert set(found) == model.findings


def _write(
    need: Need,
    givers: list[Any],
    model: Model,
    kind: str,
    layer: str,
    pick: int,
    fen: int,
    quantity: int,
    flag: str,
) -> None:
    flags = {"is_advance": flag == "advance", "is_small_gift": flag == "small"}
    limit = {"advance": ADVANCE_LIMIT, "small": SMALL_GIFT_LIMIT}.get(flag, 0)
    if kind in ("promise", "reported"):
        line = Entry(kind, layer, pick, fen, quantity, bool(flag))
    else:
        wanted = ("payment", "reported") if kind == "reversal" else ("promise",)
        origins = [x for x in model.lines if x.kind in wanted]
        if not origins:
            return
        origin = origins[pick % len(origins)]
        line = Entry(kind, origin.layer, origin.giver, fen, quantity, of=origin)
    expected = None if kind == "reported" else model.refusal(line, limit)
    values = row(
        need,
        givers[line.giver],
        fen,
        id=line.id,
        kind=kind,
        layer=line.layer,
        quantity=quantity,
        of_entry_id=line.of.id if line.of else None,
        batch_row_id=new_id() if kind == "reported" else None,
        reason="更正" if kind == "reversal" else "",
        **flags,
    )
    assert attempt(values) == expected
    if expected is None:
        model.accept(line)
        if kind == "promise" and line.layer not in STATE:
            assert model.net is None or not fen or model.active("fen") <= model.net
            if quantity and model.net_quantity is not None:
                assert model.active("quantity") <= model.net_quantity
