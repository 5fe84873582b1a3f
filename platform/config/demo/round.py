"""One full round of 1798 on a demo city: lists in, plan, decisions, gifts, the meeting's pack."""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from aid.models import Finding, Prevented
from audit.acting import acting_as
from audit.services import chain_break, events_seal
from casework.models import Signal
from config.demo.decisions import (
    ask_twice,
    decide,
    late_report,
    plan_make,
    promises_pay,
    proposals_of_county,
)
from config.demo.giving import giving_prepare, wishes_grant
from config.demo.imports import demo_files_import
from config.demo.offers import demo_actor, offers_post
from households.models import Household, Need, Person
from jobs.services import outbox_drain
from kernel import clock
from kernel.access import SYSTEM
from matching.models import Proposal
from meetings.services import meeting_plan, pack_file, pack_freeze
from regions.models import Region
from regions.reference import ROOT

Say = Callable[[str], None]


def round_run(*, seed: int, say: Say) -> dict[str, Any]:
    """Run the round and return its counts, amounts (fen) and the paths of the reports."""
    folder = Path(settings.DATA_DIR) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    result: dict[str, Any] = {"business_date": clock.today().isoformat()}

    result["imports"] = demo_files_import(folder, seed)
    say(f"导入 {len(result['imports'])} 份表格")
    outbox_drain()

    result["projects"] = len(offers_post(clock.today()))
    giving_prepare()
    say(f"发布项目 {result['projects']} 个")

    run = plan_make(seed)
    result["matching"] = {
        "input_hash": run.input_hash,
        "lp_bound_ratio": round(run.certificate["ratio"], 4),
        "violations": run.certificate["violations"],
        "proposed": _proposed(run.pk),
    }
    say(f"匹配建议 {result['matching']['proposed']} 条，达到上界的 {run.certificate['ratio']:.2%}")

    proposals = proposals_of_county()
    late = late_report(proposals, folder)
    result["late_report"] = {"rows": late.total_count, "applied": late.applied_count}
    result["decisions"] = asdict(decide(proposals))
    result["refused_by_charity_fen"] = ask_twice(proposals)
    paid, paid_fen = promises_pay(20)
    result["paid"] = {"count": paid, "fen": paid_fen}
    say(f"批准 {result['decisions']['approved']} 条，重叠拦下 {result['decisions']['held']} 条")

    result["wishes"] = asdict(wishes_grant())
    say(f"微心愿送达 {result['wishes']['delivered']} 个")

    result["reports"] = _pack(folder)
    outbox_drain()
    with acting_as(SYSTEM):
        while events_seal():
            pass
        result |= {
            "households": Household.objects.count(),
            "persons": Person.objects.count(),
            "needs": Need.objects.count(),
            "signals": Signal.objects.count(),
            "findings": Finding.objects.count(),
            "overlap_refused": {
                "count": Prevented.objects.count(),
                "fen": sum(Prevented.objects.values_list("prevented_fen", flat=True)),
            },
            "audit_chain_whole": chain_break() is None,
        }
    return result


def _proposed(run: Any) -> int:
    with acting_as(SYSTEM):
        return Proposal.objects.filter(run=run).count()


def _pack(folder: Path) -> list[str]:
    """Plan the city's joint meeting, freeze its pack, and write the three files."""
    with acting_as(demo_actor("mishu")) as secretary:
        meeting = meeting_plan(
            region=Region.objects.get(pk=ROOT),
            title=f"漳州市社会救助联席会议（{clock.today().year} 年）",
            planned_on=clock.today(),
            actor=secretary,
        )
        pack = pack_freeze(
            meeting=meeting, as_of=clock.today(), known_at=clock.now(), actor=secretary
        )
        paths = []
        for kind in ("pdf", "docx", "xlsx"):
            path = folder / f"联席会议材料-{clock.today():%Y%m%d}.{kind}"
            path.write_bytes(pack_file(pack=pack, kind=kind))
            paths.append(str(path))
    return paths
