"""Reading runs and proposals, within the actor's region or organisation."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)

from households.models import Consent, Need, Recognition
from households.selectors import in_regions
from kernel import clock
from kernel.access import Actor, Role
from matching.models import ApprovalStep, Proposal, Run
from policy.parameters import ApprovalTier, lookup
from projects.models import Project, Wish
from regions.models import Region
from regions.selectors import regions_under

#: Proposals that still wait for somebody.
UNDECIDED = (Proposal.State.PROPOSED, Proposal.State.IN_REVIEW)
_SPENT_WISHES = [
    Wish.State.CLAIMED,
    Wish.State.FUNDED,
    Wish.State.DELIVERED,
    Wish.State.OUTCOME,
    Wish.State.CLOSED,
]


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Runs of the actor's regions, newest first."""
    return Run.objects.filter(in_regions(actor)).select_related("region").order_by("-created_at")


def proposals_visible_to(actor: Actor) -> QuerySet[Proposal]:
    """Proposals of the actor's regions or organisations, with what a row needs.

    Those that wait for somebody come first, then the oldest.
    """
    return (
        Proposal.objects.filter(in_regions(actor) | Q(organisation_id__in=actor.organisation_ids))
        .select_related("region", "need", "household", "project__brand", "project__organisation")
        .order_by(
            Case(When(state__in=UNDECIDED, then=0), default=1, output_field=IntegerField()),
            "created_at",
            "id",
        )
    )


def runs_with_totals(actor: Actor) -> QuerySet[Run]:
    """Runs of the actor's regions with ``proposal_count`` and ``granted_fen``."""
    return runs_visible_to(actor).annotate(
        proposal_count=Count("proposals"), granted_fen=Sum("proposals__granted_fen", default=0)
    )


def proposals_in_full(actor: Actor) -> QuerySet[Proposal]:
    """Visible proposals with their decisions and the need's person, for whole pages."""
    return (
        proposals_visible_to(actor)
        .select_related("household__region", "need__person", "organisation")
        .prefetch_related("steps")
    )


def proposals_awaiting(actor: Actor) -> QuerySet[Proposal]:
    """Proposals whose next step the actor may decide: by post and amount, not his own."""
    decided = ApprovalStep.objects.filter(decided_by=actor.id).values("proposal_id")
    return (
        proposals_visible_to(actor)
        .filter(_next_step_is_for(actor), state__in=["proposed", "in_review"])
        .exclude(proposed_by=actor.id)
        .exclude(pk__in=decided)
    )


def _next_step_is_for(actor: Actor) -> Q:
    """The condition that the post of the next step is one the actor holds there."""
    found = Q(pk__in=[])
    for grant in actor.grants:
        for tiers, paths in _tiers_by_place(grant.region_path).items():
            place = Q(pk__in=[])
            for path in paths:
                place |= Q(region__path__startswith=path)
            floor = 0
            for tier in tiers:
                amount = Q(granted_fen__gt=floor)
                if tier.up_to_fen is not None:
                    amount &= Q(granted_fen__lte=tier.up_to_fen)
                    floor = tier.up_to_fen
                mine = [
                    position
                    for position, post in enumerate(tier.posts)
                    if grant.role in (Role(post), Role.SYSTEM)
                ]
                if mine:
                    step = Q(step__in=mine)
                    if len(tier.posts) - 1 in mine:  # also where more have decided than must now
                        step |= Q(step__gte=len(tier.posts))
                    found |= place & amount & step
    return found


def _tiers_by_place(path: str) -> dict[tuple[ApprovalTier, ...], list[str]]:
    """Approval tiers in a subtree, with the subtrees they hold in: one where all counties agree."""
    places = list(regions_under(path, level=Region.Level.COUNTY)) or list(
        Region.objects.filter(path=path)
    )
    by_tiers: dict[tuple[ApprovalTier, ...], list[str]] = defaultdict(list)
    for place in places:
        value = lookup("approval.steps", region_chain=place.chain, on=clock.today()).value
        tiers = value if isinstance(value, tuple) else ()
        by_tiers[tuple(t for t in tiers if isinstance(t, ApprovalTier))].append(place.path)
    return {next(iter(by_tiers)): [path]} if len(by_tiers) == 1 else dict(by_tiers)


def projects_spent(
    project_ids: Iterable[UUID], *, in_review: bool = False
) -> dict[UUID, tuple[int, set[UUID]]]:
    """Return (fen, households) that each project has committed, as far as the reader may see.

    Approved proposals and claimed wishes count; with ``in_review`` also proposals under review.
    """
    ids = list(project_ids)
    states = [Proposal.State.APPROVED] + [Proposal.State.IN_REVIEW] * in_review
    spent: dict[UUID, tuple[int, set[UUID]]] = {each: (0, set()) for each in ids}
    granted = Proposal.objects.filter(project__in=ids, state__in=states)
    for project, household, fen in granted.values_list("project_id", "household_id", "granted_fen"):
        before, households = spent[project]
        spent[project] = (before + fen, households | {household})
    wished = Wish.objects.filter(project__in=ids, state__in=_SPENT_WISHES)
    for row in wished.values("project_id").annotate(fen=Sum(F("quantity") * F("unit_price_fen"))):
        before, households = spent[row["project_id"]]
        spent[row["project_id"]] = (before + row["fen"], households)
    return spent


def needs_fitting(project: Project, on: date) -> QuerySet[Need]:
    """Open needs that a project may help, of households that agreed to its organisation.

    With ``consent_until``; the most urgent first.
    """
    bodies = [project.organisation_id, project.organisation.legal_body.pk]
    consents = Consent.objects.filter(
        household=OuterRef("household_id"),
        organisation_id__in=bodies,
        withdrawn_on=None,
        given_on__lte=on,
        valid_until__gte=on,
    )
    found = Need.objects.filter(
        purpose=project.purpose,
        state__in=[Need.State.OPEN, Need.State.PARTLY_MET],
        region__path__startswith=project.region.path,
    )
    if project.categories:
        held = Recognition.objects.filter(category__in=project.categories, period__contains=on)
        found = found.filter(household_id__in=held.values("household_id"))
    return (
        found.annotate(
            consent_until=Subquery(consents.order_by("-valid_until").values("valid_until")[:1])
        )
        .exclude(consent_until=None)
        .select_related("region", "person")
        .order_by("tier", "id")
    )
