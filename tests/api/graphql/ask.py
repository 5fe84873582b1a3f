"""A client that asks GraphQL as a web client does."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts.models import User
from kernel.access import Role
from kernel.ids import new_id
from organisations.models import Organisation
from tests import make


@dataclass
class Reply:
    """What came back."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The data of a reply without errors."""
        assert "errors" not in self.body, self.body["errors"]
        data: dict[str, Any] = self.body["data"]
        return data

    @property
    def code(self) -> str:
        """The code of the first error."""
        code: str = self.body["errors"][0]["extensions"]["code"]
        return code

    @property
    def details(self) -> dict[str, Any]:
        """The details of the first error."""
        details: dict[str, Any] = self.body["errors"][0]["extensions"]["details"]
        return details


@dataclass
class Asker:
    """Somebody at a browser; without a user a visitor."""

    user: User | None = None
    client: Client = field(default_factory=Client)

    def __post_init__(self) -> None:
        if self.user:
            self.client.force_login(self.user)

    def ask(self, query: str, *, key: str | None = None, **variables: Any) -> Reply:
        """Send a query or mutation with a new Idempotency-Key, or the one given."""
        return self.post(
            json.dumps({"query": query, "variables": variables}), key=key or str(new_id())
        )

    def post(self, body: str | bytes, *, key: str = "", kind: str = "application/json") -> Reply:
        """Send a raw body."""
        headers = {"Idempotency-Key": key} if key else {}
        reply = self.client.post("/graphql/", body, content_type=kind, headers=headers)
        return Reply(reply.status_code, json.loads(reply.content))


def somebody(
    role: Role, code: str = make.COUNTY, organisation: Organisation | None = None
) -> Asker:
    """A logged-in user with one role."""
    return Asker(make.user(role, code, organisation))
