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

#: What the printed schema tells its clients first.
CONVENTIONS = """\
The contract between the server and its web clients: api/schema.graphql is printed from here.

POST /graphql/: session cookie; header X-CSRFToken = cookie csrftoken; JSON {query, variables}.
Every mutation carries an Idempotency-Key header; one mutation per document; no batching.
A new Idempotency-Key is one intention of the user: a retry of the same click sends it again.

Conventions
- Pages: page from 1, pageSize 1..100 (default 20); total counts all pages.
- A Label is a code for programs and its Chinese word for people; filters and inputs take codes.
- Names, numbers and addresses arrive masked as the reader's role requires; clients mask nothing.
- An object out of the reader's scope is null, as if it did not exist; to a mutation, not_found.
- A visitor may ask me, choices, brands, publicWishes, publicWish and publicWishFilters.
- Bounds: 200 kB a request, 2,000 tokens, 600 fields, 30 aliases, depth 12, and fields times page
  sizes at most 20,000; beyond them too_complex or too_large.
- Errors: GraphQL errors with extensions {code, message, details}. message is Chinese for people.
  Codes the clients know: unauthenticated, denied, not_found, invalid (details.fields:
  {field: message}), wrong_state (details.state, details.stateLabel), overlap (details.code,
  details.askedFen, details.residualFen, details.preventedFen), same_person, no_consent, not_public,
  wish_taken, expired, key_required, key_reused, rate_limited, too_complex, unavailable, internal.
  Keys of details are camelCase. A refusal before the document runs has an HTTP status of 400 or
  above, one while it runs answers 200.

REST beside it (same session; errors are JSON {code, message, details}): api/openapi.yaml.
  POST /api/batches               multipart: file, kind, number, senderId -> 201 and a Batch without
                                  rows; 200 when the same file came before; dry run only
  GET  /api/batches/{id}/errors.xlsx
  GET  /api/templates/{kind}.xlsx households | government_payments | medical_bills |
                                  partner_beneficiaries
  GET  /api/packs/{id}/{kind}     pdf | docx | xlsx
Pages: /login/?next=... and POST /logout/ (server), /staff/* and /wishes/* (the clients)."""


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
schema.graphql_schema.description = CONVENTIONS
