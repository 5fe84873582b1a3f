"""What linking the rows of a chunk needs, read in two statements."""

from collections.abc import Iterable
from uuid import UUID

from households.ahead import HoldersAhead
from linkage.models import Link
from linkage.rules import is_masked
from regions.models import Region


class LinksAhead:
    """Earlier links of some rows, each (row id, ID as sent), and who holds their full IDs."""

    def __init__(self, region: Region, rows: Iterable[tuple[UUID, str]]) -> None:
        sent = dict(rows)
        full = [number for number in sent.values() if number and not is_masked(number)]
        self.holders = HoldersAhead(full, under=region)
        self._links: dict[UUID, Link | None] = dict.fromkeys(sent)
        for link in Link.objects.select_related("person").filter(row_id__in=list(sent)):
            self._links[link.row_id] = link

    def link(self, row_id: UUID) -> Link | None:
        """Return the earlier link of one of the rows."""
        return self._links[row_id]

    @property
    def person_ids(self) -> set[UUID]:
        """Everybody found, by ID or by an earlier link."""
        linked = {link.person_id for link in self._links.values() if link and link.person_id}
        return linked | self.holders.person_ids
