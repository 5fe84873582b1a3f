"""Planning a joint meeting and freezing its pack."""

import hashlib
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from audit.acting import acting_as
from audit.services import record
from documents.render_docx import render_docx
from documents.render_pdf import render_pdf
from documents.render_xlsx import render_xlsx
from documents.report import as_data, from_data
from kernel import clock
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused
from meetings.models import Meeting, Pack
from meetings.numbers import Moment, numbers_of
from meetings.report import report_of
from regions.models import Region

MOST_TITLE = 100
RENDERERS = {"pdf": render_pdf, "docx": render_docx, "xlsx": render_xlsx}


@transaction.atomic
def meeting_plan(*, region: Region, title: str, planned_on: date, actor: Actor) -> Meeting:
    """Plan a joint meeting; raises ``Refused`` (``denied``, ``invalid``)."""
    require(actor, "meeting.plan", region_path=region.path)
    if not 0 < len(title.strip()) <= MOST_TITLE:
        raise _invalid("title", f"请填写会议名称（{MOST_TITLE} 字以内）")
    meeting = Meeting.objects.create(
        region=region, title=title.strip(), planned_on=planned_on, created_by=actor.id
    )
    record("meeting.planned", meeting, actor, planned_on=planned_on.isoformat())
    return meeting


@transaction.atomic
def pack_freeze(*, meeting: Meeting, as_of: date, known_at: datetime, actor: Actor) -> Pack:
    """Freeze the pack of a meeting for (as_of, known_at) and return it; asked again, the same one.

    Raises ``Refused`` (``denied``, ``invalid`` for a day or time to come). Locks the meeting.
    """
    require(actor, "meeting.freeze", region_path=meeting.region.path)
    if as_of > clock.today():
        raise _invalid("asOf", "统计截止日不能晚于今天")
    if timezone.is_naive(known_at):
        raise _invalid("knownAt", "数据时点须注明时区")
    if known_at > timezone.now():
        raise _invalid("knownAt", "数据时点不能晚于现在")
    locked = Meeting.objects.select_for_update(of=("self",)).select_related("region")
    held = locked.get(pk=meeting.pk)
    earlier = held.packs.filter(as_of=as_of, known_at=known_at).first()
    if earlier is not None:
        return earlier
    # Claims and gifts of donors are nobody's to see by region; only their counts are reported.
    with acting_as(SYSTEM):
        numbers = numbers_of(Moment(held.region, as_of, known_at))
    report = report_of(
        numbers, title=held.title, region_name=held.region.name, as_of=as_of, known_at=known_at
    )
    frozen = as_data(report)
    pack = Pack.objects.create(
        meeting=held,
        region=held.region,
        as_of=as_of,
        known_at=known_at,
        snapshot={"numbers": numbers, "report": frozen},
        digests={
            kind: hashlib.sha256(render(from_data(frozen))).hexdigest()
            for kind, render in RENDERERS.items()
        },
        created_by=actor.id,
    )
    if held.state == Meeting.State.PLANNED:
        held.state = Meeting.State.FROZEN
        held.save(update_fields=["state"])
    record("meeting.pack_frozen", pack, actor, as_of=as_of.isoformat(), digests=pack.digests)
    return pack


def _invalid(field: str, message: str) -> Refused:
    return Refused("invalid", message, fields={field: message})


def pack_file(*, pack: Pack, kind: str) -> bytes:
    """Return a file of the pack, made from the frozen numbers: always the same bytes.

    Raises ``Refused`` (``not_found`` for an unknown kind, ``pack_differs`` when the bytes are not
    those frozen, as after a change of fonts or of the renderer).
    """
    if kind not in RENDERERS:
        raise Refused("not_found", "会议材料只有 PDF、Word 和 Excel 三种")
    content = RENDERERS[kind](from_data(pack.snapshot["report"]))
    if hashlib.sha256(content).hexdigest() != pack.digests[kind]:
        raise Refused("pack_differs", "材料与冻结时不一致（排版程序或字体已更新），请重新冻结一份")
    return content
