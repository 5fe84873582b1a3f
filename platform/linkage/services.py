"""Link a row to a person, and let a person decide what the rules could not."""

from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from audit.acting import acting_as
from audit.services import record
from audit.units import atomic, insert
from exchange.models import Batch, BatchRow
from households.models import Person
from jobs.services import enqueue
from kernel.access import SYSTEM, Actor, require
from kernel.errors import Refused
from linkage.ahead import LinksAhead
from linkage.models import Link
from linkage.rules import Candidate, Incoming, Outcome, decide, is_masked, is_unknown
from regions.models import Region

#: Namesakes looked at for one row; more than these say nothing anyway.
_MOST_CANDIDATES = 50


@atomic()
def link_row(
    *,
    row_id: UUID,
    region: Region,
    name: str,
    id_number: str = "",
    born_on: date | None = None,
    village: str = "",
    ahead: LinksAhead | None = None,
    actor: Actor,
) -> Link:
    """Return the link of an incoming row, made on the first call and kept afterwards.

    Only persons under ``region`` are looked at, the same that ``ahead`` was read for. ``id_number``
    is full, masked with ``*``, or empty. Compares IDs inside the process; nothing of them is stored
    or shown. Needs the system's scope.
    """
    ahead = ahead or LinksAhead(region, [(row_id, id_number)])
    if earlier := ahead.link(row_id):
        return earlier
    row = Incoming(name, id_number, born_on, village)
    full = id_number and not is_masked(id_number)
    holder = ahead.holders.holder(id_number) if full else None
    found = {holder.pk: holder} if holder else {}
    by_id = _candidate(holder) if holder else None
    decision = decide(row, by_id, [])
    # No namesake shakes a link by full ID and name; anything less certain asks for them.
    if decision.outcome is not Outcome.LINKED and not is_unknown(name):
        namesakes = _namesakes(row, region)
        found |= {person.pk: person for person in namesakes}
        decision = decide(row, by_id, [_candidate(person) for person in namesakes])
    near = decision.person_id or next(iter(decision.candidates), None)
    link = Link(
        row_id=row_id,
        region_id=found[near].region_id if near else village or region.pk,
        person=found[decision.person_id] if decision.person_id else None,
        outcome=decision.outcome.value,
        rule=decision.rule,
        candidates=[str(person_id) for person_id in decision.candidates],
    )
    insert(link)
    if decision.outcome is not Outcome.NEW:
        record("link.made", link, actor, outcome=link.outcome, rule=link.rule)
    return link


def _namesakes(row: Incoming, region: Region) -> list[Person]:
    found = Person.objects.filter(region__path__startswith=region.path)
    if is_masked(row.name):
        if row.name[0] == "*" or row.born_on is None:
            return []
        found = found.filter(name__startswith=row.name[0], born_on=row.born_on)
    else:
        found = found.filter(name=row.name)
    persons = list(found.order_by("id")[: _MOST_CANDIDATES + 1])
    if row.born_on and len(persons) > _MOST_CANDIDATES:
        persons = list(found.filter(born_on=row.born_on).order_by("id")[:_MOST_CANDIDATES])
    return persons[:_MOST_CANDIDATES]


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
