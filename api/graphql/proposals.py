"""Proposals with their explanation, and the steps that decide them."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from uuid import UUID

import graphene
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from graphql import GraphQLResolveInfo

from accounts.selectors import names_of
from aid.models import Outcome
from aid.preview import Ask, guard_checks, sentence_of
from api.graphql.common import (
    Label,
    Page,
    Row,
    actor_of,
    chosen,
    in_region,
    label,
    labelled,
    needed,
    page_of,
    reader,
    seen,
)
from api.graphql.households import HouseholdBrief, brief_rows
from api.graphql.needs import Need, need_rows
from api.graphql.scalars import DateTime, Fen
from api.refusals import TRESPASS, not_found
from audit.services import record_refusal
from kernel.access import ROLE_LABEL, Actor
from kernel.errors import Refused
from matching.models import ApprovalStep as Step
from matching.models import Proposal as ProposalModel
from matching.selectors import proposals_awaiting, proposals_in_full
from matching.services import (
    approvals_lock,
    decision_denied,
    layer_of,
    posts_of,
    proposal_approve,
    proposal_reject,
)

MAX_DECISIONS = 100


class ProposalProject(graphene.ObjectType):
    id = graphene.ID(required=True)
    name = graphene.String(required=True)
    brand_name = graphene.String(required=True)
    organisation_name = graphene.String(required=True)


class ExplanationTerm(graphene.ObjectType):
    """One term of the score. value adds or takes away; share is its part of the whole, 0..1."""

    code = graphene.String(required=True)
    label = graphene.String(required=True)
    value = graphene.Float(required=True)
    share = graphene.Float(required=True)
    note = graphene.String(required=True)


class NextBest(graphene.ObjectType):
    project_name = graphene.String(required=True)
    margin = graphene.Float(
        required=True, description="How far the chosen project is ahead, in the score's unit."
    )


class Explanation(graphene.ObjectType):
    summary = graphene.String(required=True, description="One sentence in plain words.")
    terms = graphene.List(graphene.NonNull(ExplanationTerm), required=True)
    next_best = graphene.Field(NextBest)


class OverlapItem(graphene.ObjectType):
    code = graphene.String(required=True, description="O-03, W-01, …")
    outcome = graphene.Field(Label, required=True)
    text = graphene.String(required=True)
    amount_fen = Fen()


class OverlapCheck(graphene.ObjectType):
    outcome = graphene.Field(
        Label,
        required=True,
        description="BLOCK | REASON | REPORT | WANTED | CLEAR: the strictest of the items.",
    )
    residual_fen = Fen()
    checked_at = DateTime(required=True)
    items = graphene.List(graphene.NonNull(OverlapItem), required=True)


class ApprovalStep(graphene.ObjectType):
    position = graphene.Int(required=True)
    post_label = graphene.String(required=True)
    decision = graphene.Field(Label, description="approve | reject; null while waiting.")
    reason = graphene.String(required=True)
    decided_by_name = graphene.String()
    decided_at = DateTime()


class Proposal(graphene.ObjectType):
    id = graphene.ID(required=True)
    state = graphene.Field(Label, required=True)
    granted_fen = Fen(required=True)
    created_at = DateTime(required=True)
    run_id = graphene.ID(required=True)
    project = graphene.Field(ProposalProject, required=True)
    household = graphene.Field(HouseholdBrief, required=True)
    need = graphene.Field(Need, required=True)
    explanation = graphene.Field(Explanation, required=True)
    overlap_check = graphene.Field(
        OverlapCheck,
        required=True,
        description="The overlap rules run now for the granted amount; "
        "the guard runs again in the approving transaction.",
    )
    steps = graphene.List(
        graphene.NonNull(ApprovalStep),
        required=True,
        description="Steps that this amount needs, in order, decided or not.",
    )
    may_decide = graphene.Boolean(
        required=True, description="Whether the reader may decide the next step, and if not, why."
    )
    may_not_reason = graphene.String()

    def resolve_overlap_check(self: Row, info: GraphQLResolveInfo) -> Row:
        row: Row = self["overlap_checks"]()[self["id"]]
        return row


class ProposalPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Proposal), required=True)
    total = graphene.Int(required=True)


class DecisionResult(graphene.ObjectType):
    id = graphene.ID(required=True)
    ok = graphene.Boolean(required=True)
    proposal = graphene.Field(Proposal, description="Null when not ok.")
    code = graphene.String(description="As in error extensions; null when ok.")
    message = graphene.String()
    residual_fen = Fen()


def proposal_rows(proposals: Iterable[ProposalModel], actor: Actor) -> list[Row]:
    """Return proposals as the client sees them; a fixed number of queries for the whole page."""
    listed = list(proposals)
    needs = need_rows((p.need for p in listed), actor)
    homes = brief_rows((p.household for p in listed), actor)
    names = names_of(step.decided_by for p in listed for step in p.steps.all())

    @cache
    def overlap_checks() -> dict[UUID, Row]:
        return _overlap_checks(listed)

    return [
        {
            "id": p.pk,
            "state": label(p.state, p.get_state_display()),
            "granted_fen": p.granted_fen,
            "created_at": p.created_at,
            "run_id": p.run_id,
            "project": {
                "id": p.project.pk,
                "name": p.project.name,
                "brand_name": p.project.brand.name,
                "organisation_name": p.project.organisation.name,
            },
            "household": homes[p.household_id],
            "need": needs[p.need_id],
            "explanation": _explanation(p.explanation),
            "overlap_checks": overlap_checks,
            "steps": _steps(p, names),
            **_decision(p, actor),
        }
        for p in listed
    ]


def _explanation(stored: dict[str, Any]) -> Row:
    held = stored.get("held")
    summary = stored.get("summary", "")
    if held:
        summary = f"{summary}。批准时被拦截：{held.get('message', '')}"
    return {
        "summary": summary,
        "terms": stored.get("terms", []),
        "next_best": stored.get("next_best"),
    }


def _steps(proposal: ProposalModel, names: dict[UUID, str]) -> list[Row]:
    """Return the steps in order: those decided, and the posts that still wait."""
    decided = {step.position: step for step in proposal.steps.all()}
    posts = posts_of(proposal)
    rows = []
    for position in range(max([len(posts), *(p + 1 for p in decided)])):
        step = decided.get(position)
        # What was decided keeps the post that decided it, also when the parameters changed.
        post = next(r for r in ROLE_LABEL if r.value == step.post) if step else posts[position]
        rows.append(
            {
                "position": position,
                "post_label": ROLE_LABEL[post],
                "decision": labelled(Step.Decision, step.decision) if step else None,
                "reason": step.reason if step else "",
                "decided_by_name": names.get(step.decided_by) if step else None,
                "decided_at": step.decided_at if step else None,
            }
        )
    return rows


def _decision(proposal: ProposalModel, actor: Actor) -> Row:
    denied = decision_denied(proposal, actor, [step.decided_by for step in proposal.steps.all()])
    return {"may_decide": denied is None, "may_not_reason": denied.message if denied else None}


def _overlap_checks(proposals: list[ProposalModel]) -> dict[UUID, Row]:
    """Ask the guard about every proposal, in one query."""
    asks = [Ask(p.need_id, layer_of(p.organisation), p.granted_fen) for p in proposals]
    now = timezone.now()
    rows = {}
    for proposal, check in zip(proposals, guard_checks(asks), strict=True):
        outcome = labelled(Outcome, check.outcome) if check.code else label("CLEAR", "无重叠")
        item = {
            "code": check.code,
            "outcome": outcome,
            "text": sentence_of(check, proposal.granted_fen),
            "amount_fen": proposal.granted_fen,
        }
        rows[proposal.pk] = {
            "outcome": outcome,
            "residual_fen": check.residual_fen,
            "checked_at": now,
            "items": [item] if check.code else [],
        }
    return rows


def _found(rows: QuerySet[ProposalModel], text: str) -> QuerySet[ProposalModel]:
    """Return the proposals of a household number, project or organisation that begins so."""
    if not text.strip():
        return rows
    start = text.strip()
    return rows.filter(
        Q(household__number__istartswith=start)
        | Q(project__name__icontains=start)
        | Q(organisation__name__icontains=start)
    )


def _decided(proposal: ProposalModel, decision: str, reason: str, actor: Actor) -> ProposalModel:
    if decision == Step.Decision.APPROVE:
        return proposal_approve(proposal=proposal, reason=reason, actor=actor)
    return proposal_reject(proposal=proposal, reason=reason, actor=actor)


class Query(graphene.ObjectType):
    proposals = graphene.Field(
        ProposalPage,
        required=True,
        description=(
            "Undecided first, then the oldest. awaitingMe: only what the reader may decide next."
        ),
        state=graphene.String(),
        region_code=graphene.String(),
        awaiting_me=graphene.Boolean(default_value=False),
        search=graphene.String(),
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    proposal = graphene.Field(Proposal, id=graphene.ID(required=True))

    def resolve_proposals(
        self,
        info: GraphQLResolveInfo,
        state: str | None = None,
        region_code: str | None = None,
        awaiting_me: bool | None = None,
        search: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> Page:
        actor = reader(info, "match.view")
        found = in_region(proposals_in_full(actor), region_code)
        if state:
            found = found.filter(state=chosen("state", state, ProposalModel.State))
        if awaiting_me:
            found = found.filter(pk__in=proposals_awaiting(actor).order_by().values("pk"))
        rows, total = page_of(_found(found, search or ""), page, page_size)
        return Page(proposal_rows(rows, actor), total)

    def resolve_proposal(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        actor = reader(info, "match.view")
        proposal = seen(info, proposals_in_full(actor), id)
        return proposal_rows([proposal], actor)[0] if proposal else None


class Mutation(graphene.ObjectType):
    proposal_approve = graphene.Field(
        Proposal,
        required=True,
        description="The next ordered step; the last step makes the promise, past the guard.",
        id=graphene.ID(required=True),
        reason=graphene.String(default_value=""),
    )
    proposal_reject = graphene.Field(
        Proposal,
        required=True,
        id=graphene.ID(required=True),
        reason=graphene.String(required=True),
    )
    proposals_decide = graphene.List(
        graphene.NonNull(DecisionResult),
        required=True,
        description="Up to 100; each is decided in a transaction of its own. "
        "decision: approve | reject.",
        ids=graphene.List(graphene.NonNull(graphene.ID), required=True),
        decision=graphene.String(required=True),
        reason=graphene.String(default_value=""),
    )

    def resolve_proposal_approve(
        self, info: GraphQLResolveInfo, id: str, reason: str | None = None
    ) -> Row:
        return _decide_one(info, id, Step.Decision.APPROVE, reason or "")

    def resolve_proposal_reject(self, info: GraphQLResolveInfo, id: str, reason: str) -> Row:
        return _decide_one(info, id, Step.Decision.REJECT, reason)

    def resolve_proposals_decide(
        self, info: GraphQLResolveInfo, ids: list[str], decision: str, reason: str | None = None
    ) -> list[Row]:
        chosen("decision", decision, Step.Decision)
        if not 0 < len(ids) <= MAX_DECISIONS or len(set(ids)) != len(ids):
            raise Refused("invalid", f"一次可办理 1 至 {MAX_DECISIONS} 条不同的建议")
        actor = reader(info, "match.view")
        visible = {str(p.pk): p for p in proposals_in_full(actor).filter(pk__in=_uuids(ids))}
        refusals: dict[str, Refused] = {}
        if decision == Step.Decision.APPROVE:
            approvals_lock(visible.values())
        # In key order, so that two officers' batches lock alike.
        for key in sorted(ids):
            try:
                if key not in visible:
                    raise not_found()
                with transaction.atomic():
                    decided = _decided(visible[key], decision, reason or "", actor)
                if decided.state == ProposalModel.State.HELD:
                    refusals[key] = _held(decided)
            except Refused as refused:
                refusals[key] = refused
                if refused.code in TRESPASS:
                    record_refusal(code=refused.code, path=info.context.path, actor=actor)
        again = proposals_in_full(actor).filter(pk__in=[k for k in visible if k not in refusals])
        rows = {str(row["id"]): row for row in proposal_rows(again, actor)}
        return [_result(key, rows.get(key), refusals.get(key)) for key in ids]


def _decide_one(info: GraphQLResolveInfo, key: str, decision: str, reason: str) -> Row:
    actor = actor_of(info)
    proposal = needed(proposals_in_full(actor), key)
    _decided(proposal, decision, reason, actor)
    return proposal_rows([needed(proposals_in_full(actor), key)], actor)[0]


def _held(proposal: ProposalModel) -> Refused:
    """Return what the guard said of a proposal that is now held."""
    held = dict(proposal.explanation.get("held", {}))
    return Refused("overlap", held.pop("message", "与其他救助重叠，已挂起"), **held)


def _uuids(keys: Iterable[str]) -> list[UUID]:
    try:
        return [UUID(key) for key in keys]
    except ValueError:
        raise not_found() from None


def _result(key: str, row: Row | None, refused: Refused | None) -> Row:
    return {
        "id": key,
        "ok": refused is None,
        "proposal": row,
        "code": refused.code if refused else None,
        "message": refused.message if refused else None,
        "residual_fen": refused.details.get("residual_fen") if refused else None,
    }
