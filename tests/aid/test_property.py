"""Any sequence of ledger operations does in PostgreSQL what a plain Python model says."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, event, given, settings
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


#: How much is asked, of what the model says is left: values at the edge find more than numbers.
SIZE = st.sampled_from(["half", "all", "over"])
ITEMS = st.sampled_from(["none", "none", "none", "half", "all", "over"])
NET = st.sampled_from([300, 200, 101, 100, 1, 0, None])
NET_QUANTITY = st.one_of(st.none(), st.integers(0, 4))
LAYERS = ["charity", "group", "individual", "own", "government"]
FLAGS = ["", "", "advance", "small"]
PICK = st.integers(0, 20)
NOTHING = st.just("")
OPERATION = st.one_of(
    st.tuples(
        st.just("promise"), st.sampled_from(LAYERS), PICK, SIZE, ITEMS, st.sampled_from(FLAGS)
    ),
    st.tuples(
        st.just("reported"), st.sampled_from(["charity", "government"]), PICK, SIZE, ITEMS, NOTHING
    ),
    *(
        st.tuples(st.just(kind), NOTHING, PICK, SIZE, ITEMS, NOTHING)
        for kind in ("payment", "payment", "release", "reversal")
    ),
    st.tuples(st.just("assess"), NOTHING, st.just(0), NET, NET_QUANTITY, NOTHING),
)


def measure(size: str, left: int) -> int:
    """Turn a size into a number: of ``left``, or of 40 where nothing is left."""
    base = left if left > 0 else 40
    return {"none": 0, "half": base // 2, "all": max(left, 0), "over": max(left, 0) + 1}[size]


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
    max_examples=150,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.large_base_example,
    ],
)
@given(
    net=NET,
    net_quantity=NET_QUANTITY,
    plan=st.lists(OPERATION, min_size=10, max_size=20),
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
            else:
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
    size: str,
    items: str,
    flag: str,
) -> None:
    """Try one line in the database and in the model, and compare."""
    limit = {"advance": ADVANCE_LIMIT, "small": SMALL_GIFT_LIMIT}.get(flag, 0)
    line = _line(model, kind, layer, pick, size, items, flag, limit)
    if line is None or not (line.fen or line.quantity):
        return
    expected = None if kind == "reported" else model.refusal(line, limit)
    values = row(
        need,
        givers[line.giver],
        line.fen,
        id=line.id,
        kind=kind,
        layer=line.layer,
        quantity=line.quantity,
        of_entry_id=line.of.id if line.of else None,
        batch_row_id=new_id() if kind == "reported" else None,
        reason="更正" if kind == "reversal" else "",
        is_advance=flag == "advance",
        is_small_gift=flag == "small",
    )
    assert attempt(values) == expected
    event(f"{kind} {expected or 'accepted'}")
    if expected is None:
        model.accept(line)
        if kind == "promise" and line.layer not in STATE:
            assert model.net is None or not line.fen or model.active("fen") <= model.net
            if line.quantity and model.net_quantity is not None:
                assert model.active("quantity") <= model.net_quantity


def _line(
    model: Model,
    kind: str,
    layer: str,
    pick: int,
    size: str,
    items: str,
    flag: str,
    limit: int,
) -> Entry | None:
    """The line that an operation means, sized by what the model has left for it."""
    if kind in ("promise", "reported"):
        left = (
            limit - model.active("fen", society_only=True)
            if model.net is None
            else model.net - model.active("fen")
        )
        return Entry(
            kind,
            layer,
            pick % 2,
            measure(size, left),
            measure(items, (model.net_quantity or 0) - model.active("quantity")),
            bool(flag),
        )
    wanted = ("payment", "reported") if kind == "reversal" else ("promise",)
    origins = [x for x in model.lines if x.kind in wanted]
    if not origins:
        return None
    of = origins[pick % len(origins)]
    if kind == "reversal":
        fen, quantity = (
            getattr(of, what) - model.followed(of, "reversal", what) for what in ("fen", "quantity")
        )
    else:
        fen, quantity = model.unpaid(of, "fen"), model.unpaid(of, "quantity")
        if kind == "payment" and pick % 2:
            fen -= model.over("fen")
    return Entry(kind, of.layer, of.giver, measure(size, fen), measure(items, quantity), of=of)
