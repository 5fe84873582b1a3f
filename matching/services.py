"""Making a run; deciding its proposals by ordered steps, past the guard."""

import dataclasses
from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from aid.guard import guard_check
from aid.models import Layer
from aid.services import aid_promise, needs_lock, prevented_record
from audit.acting import acting_as
from audit.services import record
from jobs.models import Job
from jobs.services import Cancelled, enqueue, job_finish, job_progress, job_start
from kernel import clock
from kernel.access import SYSTEM, Actor, Role, may, require
from kernel.errors import Refused
from kernel.money import yuan
from matching.build import Market, market_of
from matching.engine import ENGINE_VERSION
from matching.engine.solution import Solution
from matching.engine.solve import ITERATIONS, solve
from matching.explain import explanation_of
from matching.models import ApprovalStep, Proposal, Run
from matching.selectors import projects_spent
from organisations.models import Organisation
from policy.parameters import approval_posts, lookup
from projects.models import Project
from regions.models import Region

#: The permission that each post of ``approval.steps`` decides with.
POST_PERMISSION = {
    Role.COUNTY_OFFICER: "match.first_review",
    Role.COUNTY_REVIEWER: "match.approve",
    Role.CITY_OFFICER: "match.approve_large",
}
DECIDABLE = (Proposal.State.PROPOSED, Proposal.State.IN_REVIEW)


def run_queue(*, region: Region, seed: int = 0, actor: Actor) -> Job:
    """Queue a run; raises ``Refused("denied")`` at once. Returns the job to watch."""
    require(actor, "match.run", region_path=region.path)
    job = job_start(
        kind="match_run",
        title=f"{region.name}匹配运行",
        actor=actor,
        region_id=region.code,
        total_count=100,
    )
    enqueue("match.run", actor=actor, job_id=str(job.pk), region_code=region.code, seed=seed)
    return job


def run_queued(*, actor: Actor, job_id: str, region_code: str, seed: int) -> None:
    """Run a queued job to its end; a job that has ended is left alone.

    A refusal ends the job and says why: tried again it would be refused again. A run that was
    cancelled, before or meanwhile, leaves nothing.
    """
    job = Job.objects.get(pk=job_id)
    if job.state not in (Job.State.QUEUED, Job.State.RUNNING):
        return
    try:
        if job.cancel_requested_at is not None:
            raise Cancelled
        with transaction.atomic():
            run = run_make(region=Region.objects.get(pk=region_code), seed=seed, actor=actor)
            job_progress(job, 100)
    except Cancelled:
        job_finish(job, state=Job.State.CANCELLED, message="已取消，未生成建议")
        return
    except Refused as refused:
        job_finish(job, state=Job.State.FAILED, message=refused.message)
        return
    job_finish(job, message=f"生成建议 {run.proposals.count()} 条", result_id=str(run.pk))


@transaction.atomic
def run_make(*, region: Region, seed: int = 0, iterations: int = ITERATIONS, actor: Actor) -> Run:
    """Solve a region's problem and store run, certificate, prices and explained proposals.

    Proposals of earlier runs that nobody has begun to decide are replaced; those in review are
    pinned. Raises ``Refused`` (``denied``, ``violations``).
    """
    require(actor, "match.run", region_path=region.path)
    market = market_of(region, clock.today())
    solution = solve(market.problem, seed=seed, iterations=iterations)
    certificate = solution.certificate
    if certificate.violations.total:
        raise Refused(
            "violations", "匹配结果未通过独立核验，未保存", **vars(certificate.violations)
        )
    run = Run.objects.create(
        region=region,
        input_hash=certificate.input_hash,
        engine_version=ENGINE_VERSION,
        options={"seed": seed, "iterations": iterations},
        certificate={
            "value": certificate.value,
            "bound": certificate.bound,
            "ratio": certificate.ratio,
            "violations": certificate.violations.total,
            "stopped_by_time": certificate.stopped_by_time,
            "iterations": certificate.iterations,
            "tiers": [
                {**dataclasses.asdict(tier), "ratio": tier.ratio} for tier in certificate.tiers
            ],
        },
        prices={
            "project": [str(project.id) for project in market.projects],
            "budget": solution.prices.budget.round(6).tolist(),
            "quota": solution.prices.quota.round(2).tolist(),
        },
        created_by=actor.id,
    )
    replaced = Proposal.objects.filter(
        region__path__startswith=region.path, state=Proposal.State.PROPOSED
    )
    # In key order, as officers' batches lock them.
    list(replaced.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    replaced.update(state=Proposal.State.REPLACED)
    # A pair whose review began while this run was computing stays as it is.
    Proposal.objects.bulk_create(
        _proposals(run, market, solution), batch_size=500, ignore_conflicts=True
    )
    record(
        "match.run_made",
        run,
        actor,
        input_hash=run.input_hash,
        ratio=certificate.ratio,
        proposals=run.proposals.count(),
    )
    return run


def _proposals(run: Run, market: Market, solution: Solution) -> list[Proposal]:
    explain = explanation_of(market, solution)
    made = []
    for grant in range(len(solution.need)):
        if solution.pinned[grant]:
            continue
        need = market.needs[int(solution.need[grant])]
        project = market.projects[int(solution.project[grant])]
        made.append(
            Proposal(
                run=run,
                need=need,
                household_id=need.household_id,
                project=project,
                organisation_id=project.organisation_id,
                region_id=need.region_id,
                granted_fen=int(solution.fen[grant]),
                explanation=explain(grant),
                proposed_by=run.created_by,
            )
        )
    return made


def posts_of(proposal: Proposal) -> tuple[Role, ...]:
    """Return the posts that decide this amount in this region, in order."""
    posts = approval_posts(
        proposal.granted_fen, region_chain=proposal.region.chain, on=clock.today()
    )
    return tuple(Role(post) for post in posts)


def _next_post(proposal: Proposal, posts: tuple[Role, ...]) -> Role:
    """The post of the next step; the last one where new parameters ask for fewer steps."""
    return posts[min(proposal.step, len(posts) - 1)]


def decision_denied(proposal: Proposal, actor: Actor, decided_by: list[UUID]) -> Refused | None:
    """Return why the actor may not decide the next step, or ``None``; ``decided_by`` so far."""
    if proposal.state not in DECIDABLE:
        label = proposal.get_state_display()
        return Refused(
            "wrong_state", f"该建议{label}，不能再审批", state=proposal.state, state_label=label
        )
    posts = posts_of(proposal)
    post = _next_post(proposal, posts)
    if not _holds(actor, post, proposal):
        if any(_holds(actor, post, proposal) for post in posts[: proposal.step]):
            label = proposal.get_state_display()
            return Refused(
                "wrong_state",
                f"您岗位的步骤已有人办理，该建议现为{label}",
                state=proposal.state,
                state_label=label,
            )
        return Refused("denied", "当前步骤由其他岗位审批", post=post.value)
    if actor.id == proposal.proposed_by:
        return Refused("same_person", "提出人不能审批自己提出的建议")
    if actor.id in decided_by:
        return Refused("same_person", "同一人不能办理两个审批步骤")
    return None


def _holds(actor: Actor, post: Role, proposal: Proposal) -> bool:
    """Whether the actor may decide for a post in the proposal's region."""
    allowed = may(actor, POST_PERMISSION[post], region_path=proposal.region.path)
    return allowed and (actor.has(post) or actor.has(Role.SYSTEM))


def _locked(proposal: Proposal, actor: Actor) -> Proposal:
    """Lock and return the proposal after checking that the actor may decide it now."""
    locked = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("region", "need", "project__brand", "organisation")
        .filter(pk=proposal.pk)
        .first()
    )
    if locked is None:
        raise Refused("denied", "没有找到该建议，或不在您的辖区内")
    decided = list(locked.steps.values_list("decided_by", flat=True))
    if denied := decision_denied(locked, actor, decided):
        raise denied
    return locked


def approvals_lock(proposals: Iterable[Proposal]) -> None:
    """Lock what approving these in one transaction will lock: each kind of row in key order.

    One after the other they would take a project, a family, the next project: two batches
    that share them crosswise would deadlock. Only last steps lock more than the proposal.
    """
    listed = list(proposals)
    ids = [proposal.pk for proposal in listed]
    list(Proposal.objects.select_for_update().filter(pk__in=ids).order_by("pk").values("pk"))
    last = [each for each in listed if each.step + 1 >= len(posts_of(each))]
    with acting_as(SYSTEM):
        projects = Project.objects.filter(pk__in={each.project_id for each in last})
        list(projects.select_for_update(no_key=True).order_by("pk").values("pk"))
    needs_lock([each.need_id for each in last])


def proposal_approve(*, proposal: Proposal, reason: str = "", actor: Actor) -> Proposal:
    """Take the next approval step; the last one makes the promise, past the guard.

    When the guard refuses there, nothing is promised: the proposal is held, and the amount that
    was kept from being paid twice is counted. Raises ``Refused`` (``denied``, ``same_person``,
    ``wrong_state``, ``project_not_open``,
    ``project_exhausted``). Locks the proposal and the project; the guard locks household and need.
    """
    try:
        with transaction.atomic():
            return _approve(proposal, reason, actor)
    except Refused as refused:
        if refused.code != "overlap":
            raise
        return _hold(proposal, refused, actor)


def _approve(proposal: Proposal, reason: str, actor: Actor) -> Proposal:
    locked = _locked(proposal, actor)
    posts = posts_of(locked)
    check = guard_check(locked.need_id, layer_of(locked.organisation), locked.granted_fen)
    steps = lookup("approval.steps", region_chain=locked.region.chain, on=clock.today())
    try:
        with transaction.atomic():
            ApprovalStep.objects.create(
                proposal=locked,
                region_id=locked.region_id,
                position=locked.step,
                post=_next_post(locked, posts).value,
                decision=ApprovalStep.Decision.APPROVE,
                reason=reason,
                decided_by=actor.id,
                proposed_by=locked.proposed_by,
                parameters=[{"id": steps.id, "posts": [post.value for post in posts]}],
                overlaps=[
                    {
                        "code": check.code,
                        "outcome": check.outcome,
                        "residual_fen": check.residual_fen,
                    }
                ],
            )
    except IntegrityError as error:
        raise Refused("wrong_state", "该步骤刚刚已由他人办理，请刷新") from error
    locked.step += 1
    if locked.step < len(posts):
        locked.state = Proposal.State.IN_REVIEW
    else:
        _require_project_can_pay(locked)
        locked.promise = aid_promise(
            need=locked.need,
            layer=layer_of(locked.organisation),
            organisation=locked.organisation,
            amount_fen=locked.granted_fen,
            brand=locked.project.brand,
            source_reference=f"match:{locked.pk}",
            actor=actor,
        )
        locked.state = Proposal.State.APPROVED
    locked.save(update_fields=["step", "state", "promise"])
    record(
        "match.approved",
        locked,
        actor,
        step=locked.step,
        state=locked.state,
        granted_fen=locked.granted_fen,
    )
    return locked


def _require_project_can_pay(proposal: Proposal) -> None:
    """Raise ``Refused`` unless the project is still open, with money and a place for the family.

    Runs of several counties share a city-wide project: its row lock puts the approvals in order.
    """
    with acting_as(SYSTEM):
        project = Project.objects.select_for_update(no_key=True).get(pk=proposal.project_id)
        fen, households = projects_spent([project.pk])[project.pk]
    if project.state != Project.State.OPEN or not (
        project.opens_on <= clock.today() <= project.closes_on
    ):
        raise Refused("project_not_open", "该项目已不在实施期间，请退回后重新匹配")
    left = project.budget_fen - fen
    if proposal.granted_fen > left:
        raise Refused(
            "project_exhausted",
            f"该项目资金只剩 {yuan(max(left, 0))} 元，不足以资助，请退回后重新匹配",
            left_fen=max(left, 0),
        )
    if proposal.household_id not in households and len(households) >= project.household_quota:
        raise Refused("project_exhausted", "该项目名额已满，请退回后重新匹配", left_fen=left)


@transaction.atomic
def _hold(proposal: Proposal, refused: Refused, actor: Actor) -> Proposal:
    locked = _locked(proposal, actor)
    locked.state = Proposal.State.HELD
    locked.explanation = {
        **locked.explanation,
        "held": {"message": refused.message, **refused.details},
    }
    locked.save(update_fields=["state", "explanation"])
    prevented_record(
        code=str(refused.details["code"]),
        need=locked.need,
        organisation=locked.organisation,
        asked_fen=int(refused.details["asked_fen"]),
        prevented_fen=int(refused.details["prevented_fen"]),
        attempt=f"match:{locked.pk}",
        actor=actor,
    )
    record("match.held", locked, actor, code=refused.details["code"])
    return locked


@transaction.atomic
def proposal_reject(*, proposal: Proposal, reason: str, actor: Actor) -> Proposal:
    """Send a proposal back with a reason; the pair is not proposed again.

    Raises ``Refused`` (``denied``, ``same_person``, ``wrong_state``, ``invalid``).
    """
    locked = _locked(proposal, actor)
    if not reason.strip():
        raise Refused("invalid", "请填写退回理由", fields={"reason": "请填写退回理由"})
    ApprovalStep.objects.create(
        proposal=locked,
        region_id=locked.region_id,
        position=locked.step,
        post=_next_post(locked, posts_of(locked)).value,
        decision=ApprovalStep.Decision.REJECT,
        reason=reason.strip(),
        decided_by=actor.id,
        proposed_by=locked.proposed_by,
    )
    locked.state = Proposal.State.REJECTED
    locked.save(update_fields=["state"])
    record("match.rejected", locked, actor, reason=reason.strip())
    return locked


def layer_of(organisation: Organisation) -> str:
    """Return the layer of a project's money: a partner's own, or a charity's."""
    if organisation.kind == Organisation.Kind.PARTNER and organisation.role not in (
        "charity_federation",
        "red_cross",
    ):
        return Layer.GROUP
    return Layer.CHARITY
