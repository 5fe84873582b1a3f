"""Link a row to a person, and let a person decide what the rules could not."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from audit.acting import acting_as
from audit.services import record
from exchange.models import Batch, BatchRow
from households.models import Person
from jobs.services import enqueue
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused
from linkage.models import Link
from linkage.rules import Candidate, Incoming, Outcome, decide, is_masked, is_unknown
from regions.models import Region

#: Namesakes looked at for one row; more than these say nothing anyway.
_MOST_CANDIDATES = 50


@transaction.atomic
def link_row(
    *,
    row_id: UUID,
    region: Region,
    name: str,
    id_number: str = "",
    born_on: date | None = None,
    village: str = "",
    actor: Actor,
) -> Link:
    """Return the link of an incoming row, made on the first call and kept afterwards.

    Only persons under ``region`` are looked at. ``id_number`` is full, masked with ``*``, or empty.
    Compares IDs inside the process; nothing of them is stored or shown. Needs the system's scope.
    """
    earlier = Link.objects.select_related("person").filter(row_id=row_id).first()
    if earlier:
        return earlier
    row = Incoming(name, id_number, born_on, village)
    by_id = _holder(id_number, region)
    by_name = [] if is_unknown(name) else _namesakes(row, region)
    decision = decide(row, by_id, by_name)
    near = decision.person_id or next(iter(decision.candidates), None)
    place = Person.objects.get(pk=near).region_id if near else village or region.pk
    link = Link.objects.create(
        row_id=row_id,
        region_id=place,
        person_id=decision.person_id,
        outcome=decision.outcome.value,
        rule=decision.rule,
        candidates=[str(person_id) for person_id in decision.candidates],
    )
    if decision.outcome is not Outcome.NEW:
        record("link.made", link, actor, outcome=link.outcome, rule=link.rule)
    return link


def _holder(id_number: str, region: Region) -> Candidate | None:
    if not id_number or is_masked(id_number):
        return None
    found = Person.objects.filter(
        id_digest=settings.KEYRING.digest(id_number), region__path__startswith=region.path
    ).first()
    return _candidate(found) if found else None


def _namesakes(row: Incoming, region: Region) -> list[Candidate]:
    found = Person.objects.filter(region__path__startswith=region.path)
    if is_masked(row.name):
        if row.name[0] == "*" or row.born_on is None:
            return []
        found = found.filter(name__startswith=row.name[0], born_on=row.born_on)
    else:
        found = found.filter(name=row.name)
    if row.born_on and len(found[: _MOST_CANDIDATES + 1]) > _MOST_CANDIDATES:
        found = found.filter(born_on=row.born_on)
    return [_candidate(person) for person in found.order_by("id")[:_MOST_CANDIDATES]]


def _candidate(person: Person) -> Candidate:
    number = ""
    if person.id_sealed is not None:
        number = settings.KEYRING.decrypt(
            bytes(person.id_sealed), context=f"households_person.id_sealed.{person.pk}"
        )
    return Candidate(person.pk, person.name, number, person.born_on, person.region_id)


@transaction.atomic
def link_decide(*, link: Link, person: Person | None, actor: Actor) -> Link:
    """Store a reviewer's decision: one of the candidates, or ``None`` for somebody new.

    The row's batch is then continued by the worker. Raises ``Refused``: ``denied``,
    ``wrong_state``, ``not_a_candidate``.
    """
    link = Link.objects.select_for_update(of=("self",)).select_related("region").get(pk=link.pk)
    require(actor, "link.decide", region_path=link.region.path)
    if link.outcome != Link.Outcome.REVIEW:
        raise Refused("wrong_state", f"该行{link.get_outcome_display()}，不能再核对")
    if person is not None and str(person.pk) not in link.candidates:
        raise Refused("not_a_candidate", "只能选择列出的候选人，或判定为新人员")
    link.person = person
    link.outcome = Link.Outcome.LINKED if person else Link.Outcome.NEW
    link.decided_by = actor.id
    link.save(update_fields=["person", "outcome", "decided_by"])
    Link.objects.filter(pk=link.pk).update(decided_at=Now())
    record(
        "link.decided",
        link,
        actor,
        person_id=person.pk if person else None,
        outcome=link.outcome,
        rule=link.rule,
    )
    with acting_as(SYSTEM):
        row = BatchRow.objects.filter(pk=link.row_id).first()
        if row and Batch.objects.filter(pk=row.batch_id).exists():
            enqueue(
                "exchange.apply",
                actor=SYSTEM,
                batch_id=str(row.batch_id),
                after=row.row_number - 1,
            )
    return link
