"""Matching runs and the certificate of their quality."""

from collections.abc import Iterable
from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from accounts.selectors import names_of
from api.graphql.common import Page, Row, actor_of, page_of, reader, region_of, seen
from api.graphql.jobs import Job, job_row
from api.graphql.scalars import DateTime, Fen
from matching.selectors import runs_with_totals
from matching.services import run_queue

#: The layers of a run, from needs of tier 0 on, as people call them.
LAYERS = ("第一层（最急）", "第二层（较急）", "第三层（一般）", "第四层（可缓）")


class TierCertificate(graphene.ObjectType):
    label = graphene.String(required=True)
    value = graphene.Float(required=True)
    bound = graphene.Float(required=True)
    ratio = graphene.Float(required=True)


class Certificate(graphene.ObjectType):
    """Proof of quality: no plan can be worth more than bound; ratio = value / bound."""

    value = graphene.Float(required=True)
    bound = graphene.Float(required=True)
    ratio = graphene.Float(required=True)
    violations = graphene.Int(
        required=True,
        description="Counted by an independent check of the whole plan; "
        "0 on every run that is kept.",
    )
    tiers = graphene.List(graphene.NonNull(TierCertificate), required=True)
    seconds = graphene.Float()


class Run(graphene.ObjectType):
    id = graphene.ID(required=True)
    region_name = graphene.String(required=True)
    created_at = DateTime(required=True)
    created_by_name = graphene.String(required=True)
    engine_version = graphene.String(required=True)
    input_hash = graphene.String(required=True)
    proposal_count = graphene.Int(required=True)
    granted_fen = Fen(required=True)
    certificate = graphene.Field(Certificate, required=True)


class RunPage(graphene.ObjectType):
    items = graphene.List(graphene.NonNull(Run), required=True)
    total = graphene.Int(required=True)


def _layer(tier: int) -> str:
    return LAYERS[tier] if tier < len(LAYERS) else f"第{tier + 1}层"


def run_rows(runs: Iterable[Any]) -> list[Row]:
    """Return runs (with totals) as the client sees them."""
    listed = list(runs)
    names = names_of(run.created_by for run in listed)
    return [
        {
            "id": run.pk,
            "region_name": run.region.name,
            "created_at": run.created_at,
            "created_by_name": names.get(run.created_by, ""),
            "engine_version": run.engine_version,
            "input_hash": run.input_hash,
            "proposal_count": run.proposal_count,
            "granted_fen": int(run.granted_fen),
            "certificate": {
                **run.certificate,
                "tiers": [
                    {**tier, "label": _layer(tier["tier"])}
                    for tier in run.certificate.get("tiers", [])
                ],
            },
        }
        for run in listed
    ]


class Query(graphene.ObjectType):
    runs = graphene.Field(
        RunPage,
        required=True,
        description="Newest first.",
        page=graphene.Int(default_value=1),
        page_size=graphene.Int(default_value=20),
    )
    run = graphene.Field(Run, id=graphene.ID(required=True))

    def resolve_runs(
        self, info: GraphQLResolveInfo, page: int | None = None, page_size: int | None = None
    ) -> Page:
        rows, total = page_of(runs_with_totals(reader(info, "match.view")), page, page_size)
        return Page(run_rows(rows), total)

    def resolve_run(self, info: GraphQLResolveInfo, id: str) -> Row | None:
        run = seen(info, runs_with_totals(reader(info, "match.view")), id)
        return run_rows([run])[0] if run else None


class Mutation(graphene.ObjectType):
    match_run = graphene.Field(
        Job,
        required=True,
        region_code=graphene.String(required=True),
        seed=graphene.Int(default_value=0),
    )

    def resolve_match_run(
        self, info: GraphQLResolveInfo, region_code: str, seed: int | None = None
    ) -> Row:
        job = run_queue(region=region_of(region_code), seed=seed or 0, actor=actor_of(info))
        return job_row(job)
