"""A small frozen pack, without the numbers of a whole city."""

import hashlib
from datetime import UTC, date, datetime

from audit.acting import acting_as
from documents.report import Paragraph, Report, Section, as_data, from_data
from kernel.access import SYSTEM
from kernel.ids import new_id
from meetings.models import Meeting, Pack
from meetings.services import RENDERERS
from tests import make


def pack(
    code: str = make.COUNTY, *, title: str = "芗城区2026年第三季度联席会议", kind: str = "xlsx"
) -> Pack:
    """Freeze a pack of one sentence with one file."""
    report = as_data(Report(title, date(2026, 9, 30), (Section("", (Paragraph("全区情况"),)),)))
    with acting_as(SYSTEM):
        meeting = Meeting.objects.create(
            region=make.region(code), title=title, planned_on=date(2026, 10, 1), created_by=new_id()
        )
        return Pack.objects.create(
            meeting=meeting,
            region=meeting.region,
            as_of=date(2026, 9, 30),
            known_at=datetime(2026, 9, 30, 12, tzinfo=UTC),
            snapshot={"report": report},
            digests={kind: hashlib.sha256(RENDERERS[kind](from_data(report))).hexdigest()},
            created_by=new_id(),
        )
