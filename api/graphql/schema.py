"""The whole GraphQL schema, put together from one file per noun."""

from typing import Any

import graphene

from api.graphql import (
    batches,
    dashboard,
    gifts,
    households,
    jobs,
    me,
    meetings,
    places,
    projects,
    proposals,
    public_wishes,
    runs,
    wishes,
)


# graphene lists the fields of the last base first.
class Query(
    gifts.Query,
    public_wishes.Query,
    meetings.Query,
    wishes.Query,
    projects.Query,
    jobs.Query,
    batches.Query,
    households.Query,
    runs.Query,
    proposals.Query,
    dashboard.Query,
    places.Query,
    me.Query,
):
    pass


class Mutation(
    gifts.Mutation,
    meetings.Mutation,
    wishes.Mutation,
    projects.Mutation,
    jobs.Mutation,
    batches.Mutation,
    households.Mutation,
    proposals.Mutation,
    runs.Mutation,
):
    pass


schema: Any = graphene.Schema(query=Query, mutation=Mutation)
