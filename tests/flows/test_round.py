"""The whole story of the product in one test, read back from the tables and not from its report."""

import hashlib
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.range import DateRange
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from aid.models import AidEntry
from aid.selectors import entries_visible_to
from aid.services import aid_reverse
from audit.acting import acting_as
from audit.services import chain_break
from config.demo.bodies import CHARITY, COUNTY, FEDERATION, UNION
from config.demo.load import city_load
from config.demo.offers import demo_actor
from config.demo.round import round_run
from donors.models import Donation
from donors.selectors import trace_of
from exchange.models import Batch
from exchange.services import batch_apply, batch_receive
from households.models import Need, Recognition
from households.services import need_assess
from kernel import clock
from kernel.access import SYSTEM
from matching.models import Proposal
from matching.services import posts_of, proposal_approve
from meetings.models import Meeting, Pack
from meetings.numbers import Moment, numbers_of
from meetings.services import pack_file, pack_freeze
from regions.models import Region
from tests.flows.books import Books, opened

HOUSEHOLDS, SEED = 300, 1

#: Values that the file writer spoils a row with, and the column that the refusal must name.
PLANTED = {
    "households": {
        "不存在的村": "村",
        "350699999999": "村",
        "困难户": "类别",
        "469.125": "月救助金额",
        "去年": "日期",
    },
    "government_payments": {"1200.125": "金额", "壹仟元": "金额", "其他补助": "项目"},
    "partner_beneficiaries": {"3000.005": "金额", "读书": "用途", "秋季": "日期"},
}
#: Keys of the report that the demo prints, with the place of each.
KEYS = (
    "households",
    "persons",
    "needs",
    "matching.proposed",
    "matching.lp_bound_ratio",
    "decisions.approved",
    "decisions.approved_fen",
    "decisions.held",
    "overlap_refused.count",
    "overlap_refused.fen",
    "wishes.delivered",
)

_SIGNED = """CASE WHEN e.kind IN ('promise', 'reported') THEN e.amount_fen ELSE -e.amount_fen END"""
_ACTIVE = """(e.kind IN ('promise', 'reported', 'release') OR (e.kind = 'reversal' AND EXISTS
    (SELECT FROM aid_aidentry o WHERE o.id = e.of_entry_id AND o.kind = 'reported')))"""


@pytest.mark.role("worker")
def test_a_round_brings_aid_together_and_nothing_overlaps(
    committed_db: dict[str, str], settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.PRIVATE_FILES_DIR = tmp_path, tmp_path / "files"
    city_load(households=HOUSEHOLDS, seed=SEED, today=clock.today())
    said: list[str] = []

    report = round_run(seed=SEED, say=said.append)

    assert len(said) == 5
    with opened(committed_db["admin"]) as books:
        _the_report_names_everything_and_counts_what_is_there(report, books)
        _good_rows_came_in_and_bad_ones_are_named(report, books, tmp_path / "demo")
        _a_second_delivery_changes_nothing(books, tmp_path / "demo")
        _the_plan_kept_every_rule(report, books)
        _approvals_took_two_people_and_promised_what_was_granted(report, books)
        _no_commanded_aid_passes_a_net(books)
        _the_late_report_held_what_it_overtook(report, books)
        _prevented_is_counted_once_and_seen_by_nobody_else(report, books)
        _the_gift_arrived_and_the_ledger_balances(report, books)
        _the_donor_learns_everything_but_who(books)
        _every_step_is_in_an_unbroken_chain(books)
        _the_pack_stays_what_it_was(report, books)


def _the_report_names_everything_and_counts_what_is_there(
    report: dict[str, Any], books: Books
) -> None:
    printed = json.loads(json.dumps(report))
    for key in KEYS:
        value: Any = printed
        for part in key.split("."):
            value = value[part]
        assert isinstance(value, int | float), key
        assert value > 0, key
    for table in ("household", "person", "need"):
        there = books.one(f"SELECT count(*) FROM households_{table}")
        assert report[f"{table}s"] == there
    assert books.one("SELECT count(*) FROM jobs_outbox WHERE done_at IS NULL") == 0


def _good_rows_came_in_and_bad_ones_are_named(
    report: dict[str, Any], books: Books, folder: Path
) -> None:
    assert set(report["imports"]) == {
        "households",
        "government_payments",
        "medical_bills",
        "partner_beneficiaries",
    }
    for kind, counts in report["imports"].items():
        rows = books.rows(
            "SELECT r.row_number, r.errors, r.applied_at IS NOT NULL FROM exchange_batchrow r"
            " JOIN exchange_batch b ON b.id = r.batch_id"
            " WHERE b.kind = %s AND b.number <> '补报-01' ORDER BY r.row_number",
            kind,
        )
        bad = [row for row in rows if row[1]]
        assert (len(rows), len(bad)) == (counts["rows"], counts["bad"])
        assert sum(applied for _, _, applied in rows) == counts["applied"] > 0
        assert not any(applied for _, _, applied in bad)
        for number, errors, _ in bad:
            assert all(e["row"] == number and e["column"] and e["mend"] for e in errors)
        sheet = _sheet(folder, kind, books)
        errors_at = {number: errors for number, errors, _ in rows}
        for value, column in PLANTED.get(kind, {}).items():
            (number,) = (n for n, cells in enumerate(sheet, 1) if value in cells)
            assert any(column in error["column"] for error in errors_at[number]), (kind, value)
    paid = books.one("SELECT count(*) FROM aid_aidentry WHERE kind = 'reported'")
    assert paid > report["imports"]["partner_beneficiaries"]["applied"]


def _sheet(folder: Path, kind: str, books: Books) -> list[list[str]]:
    """Return the cells of the file of a kind, as another reader than the importer's shows them."""
    name = books.one(
        "SELECT file_name FROM exchange_batch WHERE kind = %s AND number <> '补报-01'", kind
    )
    book = CalamineWorkbook.from_path(folder / name)
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [[str(cell).strip() for cell in row] for row in rows]


def _a_second_delivery_changes_nothing(books: Books, folder: Path) -> None:
    before = books.sizes()
    logins = {"households": "shi", "government_payments": "shi", "medical_bills": "yibao"}
    with acting_as(SYSTEM):
        batches = list(Batch.objects.exclude(number="补报-01").select_related("sender", "region"))
    assert len(batches) == 4
    for batch in batches:
        with acting_as(demo_actor(logins.get(batch.kind, "gonghui"))) as sender:
            again = batch_receive(
                sender=batch.sender,
                region=batch.region,
                kind=batch.kind,
                number=batch.number,
                file_name=batch.file_name,
                content=(folder / batch.file_name).read_bytes(),
                actor=sender,
            )
            assert again.pk == batch.pk
            assert batch_apply(batch=again, actor=sender).applied_count == 0
    assert books.sizes() == before


def _the_plan_kept_every_rule(report: dict[str, Any], books: Books) -> None:
    ((certificate, input_hash, value),) = books.rows(
        "SELECT r.certificate, r.input_hash, (SELECT sum(p.granted_fen) FROM matching_proposal p"
        " WHERE p.run_id = r.id) FROM matching_run r"
    )
    assert certificate["violations"] == 0
    assert 0 < certificate["value"] <= certificate["bound"]
    assert report["matching"]["lp_bound_ratio"] == round(certificate["ratio"], 4) <= 1
    assert report["matching"]["input_hash"] == input_hash
    assert value > 0
    # Nobody's word taken for it: budgets, quotas, grant limits and nets summed here.
    assert not books.rows(
        "SELECT j.name FROM matching_proposal p JOIN projects_project j ON j.id = p.project_id"
        " GROUP BY j.id HAVING sum(p.granted_fen) > j.budget_fen"
        " OR count(DISTINCT p.household_id) > j.household_quota"
        " OR min(p.granted_fen) < j.min_grant_fen OR max(p.granted_fen) > j.max_grant_fen"
    )
    assert not books.rows(
        "SELECT n.id FROM matching_proposal p JOIN households_need n ON n.id = p.need_id"
        " GROUP BY n.id HAVING sum(p.granted_fen) > n.net_fen"
    )
    assert not books.rows("SELECT id FROM matching_proposal WHERE explanation = '{}'")


def _approvals_took_two_people_and_promised_what_was_granted(
    report: dict[str, Any], books: Books
) -> None:
    rows = books.rows(
        "SELECT p.id, p.granted_fen, p.proposed_by, a.kind, a.amount_fen, a.need_id = p.need_id,"
        " array_agg(s.decided_by ORDER BY s.position), array_agg(s.post ORDER BY s.position),"
        " array_agg(s.decision ORDER BY s.position)"
        " FROM matching_proposal p JOIN aid_aidentry a ON a.id = p.promise_id"
        " JOIN matching_approvalstep s ON s.proposal_id = p.id"
        " WHERE p.state = 'approved' GROUP BY p.id, a.id"
    )
    assert len(rows) == report["decisions"]["approved"] > 0
    assert sum(row[1] for row in rows) == report["decisions"]["approved_fen"]
    with acting_as(SYSTEM):
        by_id = {p.pk: p for p in Proposal.objects.select_related("region")}
        for key, granted, proposer, kind, promised, same_need, people, posts, decisions in rows:
            assert (kind, promised, same_need) == ("promise", granted, True)
            assert len(set(people)) == len(people) >= 2
            assert proposer not in people
            assert posts == [post.value for post in posts_of(by_id[key])]
            assert set(decisions) == {"approve"}
    other_states: dict[str, int] = dict(
        books.rows("SELECT state, count(*) FROM matching_proposal GROUP BY state")
    )
    assert other_states["in_review"] == report["decisions"]["in_review"]
    assert other_states.get("rejected", 0) == report["decisions"]["rejected"]
    assert books.one("SELECT count(*) FROM matching_proposal WHERE promise_id IS NOT NULL") == len(
        rows
    )


def _no_commanded_aid_passes_a_net(books: Books) -> None:
    promises = books.rows(
        f"SELECT x.need_id, x.net_fen, x.active FROM (SELECT e.need_id, e.kind, e.layer, n.net_fen,"
        f" sum({_SIGNED}) OVER (PARTITION BY e.need_id ORDER BY e.recorded_at) AS active"
        f" FROM aid_aidentry e JOIN households_need n ON n.id = e.need_id WHERE {_ACTIVE}) x"
        " WHERE x.kind = 'promise' AND x.layer NOT IN ('insurance', 'government', 'reserve')"
    )
    assert len(promises) > 20
    assert [row for row in promises if row[1] is not None and row[2] > row[1]] == []
    passed = books.rows(
        f"SELECT e.need_id FROM aid_aidentry e JOIN households_need n ON n.id = e.need_id"
        f" WHERE {_ACTIVE} GROUP BY e.need_id, n.net_fen HAVING sum({_SIGNED}) > n.net_fen"
    )
    found = books.rows("SELECT need_id FROM aid_finding WHERE code IN ('O-03', 'O-14')")
    # What passes a net was reported from elsewhere, and somebody is told.
    assert passed
    assert set(passed) <= set(found)


def _the_late_report_held_what_it_overtook(report: dict[str, Any], books: Books) -> None:
    facts = books.rows(
        "SELECT a.need_id, a.recorded_at FROM aid_aidentry a JOIN exchange_batchrow r"
        " ON r.id = a.batch_row_id JOIN exchange_batch b ON b.id = r.batch_id"
        " WHERE b.number = '补报-01' AND a.kind = 'reported' AND a.organisation_id = %s",
        UNION,
    )
    assert len(facts) == report["late_report"]["applied"] == 4
    held = books.rows(
        "SELECT p.need_id, p.promise_id, p.explanation -> 'held' ->> 'code', max(s.decided_at),"
        " (SELECT v.prevented_fen FROM aid_prevented v WHERE v.attempt = 'match:' || p.id)"
        " FROM matching_proposal p LEFT JOIN matching_approvalstep s ON s.proposal_id = p.id"
        " WHERE p.state = 'held' GROUP BY p.id"
    )
    assert len(held) == report["decisions"]["held"]
    assert {need for need, *_ in held} == {need for need, _ in facts}
    recorded: dict[UUID, datetime] = dict(facts)
    for need, promise, code, decided_at, prevented in held:
        assert (promise, code) == (None, "O-03")
        assert recorded[need] < decided_at
        assert prevented > 0


def _prevented_is_counted_once_and_seen_by_nobody_else(
    report: dict[str, Any], books: Books
) -> None:
    count, fen = books.rows("SELECT count(*), sum(prevented_fen) FROM aid_prevented")[0]
    assert report["overlap_refused"] == {"count": count, "fen": fen}
    asked = books.rows(
        "SELECT need_id, prevented_fen, asked_fen FROM aid_prevented"
        " WHERE attempt LIKE 'demo-ask-%%' AND organisation_id = %s",
        CHARITY,
    )
    assert sum(row[1] for row in asked) == report["refused_by_charity_fen"] > 0
    assert all(0 < prevented <= asked_fen for _, prevented, asked_fen in asked)
    needs = [need for need, *_ in asked]
    others = "need_id = ANY (%s) AND organisation_id <> %s"
    assert books.one(f"SELECT count(*) FROM aid_aidentry WHERE {others}", needs, CHARITY) > 0
    with acting_as(demo_actor("shuixian")) as officer:
        for rows in (AidEntry.objects.all(), entries_visible_to(officer)):
            seen = rows.filter(need_id__in=needs).exclude(organisation_id=CHARITY)
            assert not seen.exists()


def _the_gift_arrived_and_the_ledger_balances(report: dict[str, Any], books: Books) -> None:
    assert books.rows("SELECT 1 FROM donors_posting")
    assert not books.rows(
        "SELECT entry_id FROM donors_posting GROUP BY entry_id HAVING sum(amount_fen) <> 0"
    )
    for kind, balance, total in books.rows(
        "SELECT f.kind, f.balance_fen, coalesce(sum(p.amount_fen), 0) FROM donors_fund f"
        " LEFT JOIN donors_posting p ON p.fund_id = f.id GROUP BY f.id"
    ):
        if kind in ("clearing", "spent"):
            assert balance is None
        else:
            assert balance == total >= 0
    gifts = books.rows(
        "SELECT w.state, w.quantity * w.unit_price_fen, d.state, d.amount_fen, d.spent_fen,"
        " v.actual_cost_fen, c.promise_id, o.id IS NOT NULL FROM donors_donation d"
        " JOIN projects_wish w ON w.id = d.wish_id JOIN donors_claim c ON c.id = d.claim_id"
        " LEFT JOIN projects_delivery v ON v.wish_id = w.id"
        " LEFT JOIN projects_wishoutcome o ON o.wish_id = w.id ORDER BY d.id"
    )
    assert sum(gift[3] for gift in gifts) == report["wishes"]["paid_fen"]
    arrived = [gift for gift in gifts if gift[0] == "outcome"]
    assert len(arrived) == report["wishes"]["delivered"]
    for _, price, state, amount, spent, cost, promise, has_outcome in arrived:
        assert (state, amount, spent, has_outcome) == ("disbursed", price, cost, True)
        lines: dict[str, int] = dict(
            books.rows("SELECT kind, amount_fen FROM aid_aidentry WHERE of_entry_id = %s", promise)
        )
        assert lines == {"payment": cost, "release": price - cost}
        assert 0 < cost < price
    for wish, price, state, amount, spent, _, promise, has_outcome in gifts:
        if wish == "funded":
            assert (state, amount, spent, has_outcome) == ("received", price, None, False)
            assert not books.rows("SELECT 1 FROM aid_aidentry WHERE of_entry_id = %s", promise)
    assert {gift[0] for gift in gifts} == {"outcome", "funded"}
    # The rest of each gift is in the same charity's pool.
    pool = books.one("SELECT balance_fen FROM donors_fund WHERE kind = 'charity_pool'")
    assert pool == sum(gift[3] - gift[4] for gift in arrived)


def _the_donor_learns_everything_but_who(books: Books) -> None:
    with acting_as(demo_actor("juanzeng")) as donor:
        donations = list(Donation.objects.filter(donor_id=donor.id))
        traces = {
            gift.wish_id: [
                (step.title, step.detail) for step in trace_of(donation=gift, actor=donor)
            ]
            for gift in donations
        }
    titles = {len(trace): [title for title, _ in trace] for trace in traces.values()}
    assert titles[5] == ["认领", "支付", "到账", "采购与送达", "回访"]
    for wish, trace in traces.items():
        public = books.rows(
            "SELECT public_title, public_story, public_region, age_band FROM projects_wish"
            " WHERE id = %s",
            wish,
        )
        text = json.dumps([trace, public], ensure_ascii=False)
        family = books.rows(
            "SELECT p.name, h.number, r.name, t.name FROM projects_wish w"
            " JOIN households_need n ON n.id = w.need_id"
            " JOIN households_household h ON h.id = n.household_id"
            " JOIN households_member m ON m.household_id = h.id"
            " JOIN households_person p ON p.id = m.person_id"
            " JOIN regions_region r ON r.code = h.region_id"
            " JOIN regions_region t ON t.code = r.parent_id WHERE w.id = %s",
            wish,
        )
        assert family
        assert [word for row in family for word in row if word in text] == []


def _every_step_is_in_an_unbroken_chain(books: Books) -> None:
    with acting_as(SYSTEM):
        assert chain_break() is None
    assert books.one("SELECT count(*) FROM audit_event WHERE position IS NULL") == 0
    verbs = {verb for (verb,) in books.rows("SELECT DISTINCT verb FROM audit_event")}
    assert verbs >= {
        "batch.received",
        "batch.applied",
        "match.run_made",
        "match.approved",
        "match.held",
        "aid.promised",
        "aid.paid",
        "aid.reported",
        "aid.prevented",
        "wish.published",
        "delivery.recorded",
        "donation.disbursed",
        "meeting.pack_frozen",
        "person.id_read",
    }


def _the_pack_stays_what_it_was(report: dict[str, Any], books: Books) -> None:
    files = [Path(path) for path in report["reports"]]
    assert [path.suffix for path in files] == [".pdf", ".docx", ".xlsx"]
    written = {path.suffix[1:]: path.read_bytes() for path in files}
    assert written["pdf"].startswith(b"%PDF-")
    assert "word/document.xml" in zipfile.ZipFile(files[1]).namelist()
    assert "xl/workbook.xml" in zipfile.ZipFile(files[2]).namelist()
    with acting_as(SYSTEM):
        pack = Pack.objects.get()
        meeting = Meeting.objects.get()
    frozen = pack.snapshot["numbers"]
    assert pack.digests == {
        kind: hashlib.sha256(content).hexdigest() for kind, content in written.items()
    }
    assert frozen["prevented"]["fen"] == report["overlap_refused"]["fen"]
    assert {row["code"]: row["count"] for row in frozen["wishes"]}["delivered"] == 3

    _correct_this_and_that()

    with acting_as(demo_actor("mishu")) as secretary:
        again = pack_freeze(
            meeting=meeting, as_of=pack.as_of, known_at=pack.known_at, actor=secretary
        )
    assert again.pk == pack.pk
    assert {kind: pack_file(pack=again, kind=kind) for kind in written} == written
    city = Region.objects.get(pk="350600")
    with acting_as(SYSTEM):
        then = numbers_of(Moment(city, pack.as_of, pack.known_at))
        now = numbers_of(Moment(city, clock.today(), clock.now()))
    for section in ("money", "brands", "prevented", "wishes", "matching"):
        assert json.loads(json.dumps(then[section])) == frozen[section], section
    assert now["money"]["total_fen"] == frozen["money"]["total_fen"] - 100
    assert now["matching"] != frozen["matching"]
    assert now["stock"] != frozen["stock"]


def _correct_this_and_that() -> None:
    """Take back a yuan of a payment, end a recognition, lower a net, decide one more proposal."""
    with acting_as(demo_actor("caiwu")) as cashier:
        payment = AidEntry.objects.filter(
            kind=AidEntry.Kind.PAYMENT,
            organisation_id=FEDERATION,
            source_reference__startswith="demo",
        ).first()
        assert payment is not None
        aid_reverse(entry=payment, amount_fen=100, reason="多付一元，已退回", actor=cashier)
    with acting_as(SYSTEM):
        held = Recognition.objects.filter(
            region__path__startswith="/350600/",
            period__contains=clock.today(),
            period__startswith__lt=clock.today(),
        ).first()
        assert held is not None
        held.period = DateRange(held.period.lower, clock.today())
        held.save(update_fields=["period"])
    with acting_as(demo_actor("xian")) as officer:
        need = Need.objects.filter(
            region__path__contains=f"/{COUNTY}/", net_fen__gt=10_000, aid__kind="promise"
        ).first()
        assert need is not None
        need_assess(need=need, net_fen=100, actor=officer)
        waiting = Proposal.objects.filter(state=Proposal.State.IN_REVIEW, step=1)
        proposal = waiting.exclude(need=need).order_by("granted_fen", "id").first()
        assert proposal is not None
    with acting_as(demo_actor("fuhe")) as reviewer:
        decided = proposal_approve(proposal=proposal, actor=reviewer)
    assert decided.state == Proposal.State.APPROVED
