"""What the web clients send: every document of theirs is valid and within the bounds."""

from pathlib import Path

import pytest
from django.conf import settings
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    Visitor,
    build_schema,
    lexicographic_sort_schema,
    parse,
    print_ast,
    print_schema,
    visit,
)

from api.graphql.limits import checked, require_cost
from api.graphql.schema import schema

CLIENTS = Path(settings.ROOT) / "frontend" / "src"


class _Spreads(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object) -> None:
        self.names.add(node.name.value)


def documents(client: str) -> dict[str, str]:
    """Every operation of a client with the fragments it needs, by name."""
    files = [f for d in ("shared", client) for f in sorted((CLIENTS / d).rglob("*.graphql"))]
    definitions = [d for f in files for d in parse(f.read_text()).definitions]
    fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
    made = {}
    for operation in definitions:
        if not isinstance(operation, OperationDefinitionNode) or operation.name is None:
            continue
        wanted, known = [operation.name.value], [operation]
        parts: list[OperationDefinitionNode | FragmentDefinitionNode] = list(known)
        seen: set[str] = set()
        for part in parts:
            spreads = _Spreads()
            visit(part, spreads)
            for name in sorted(spreads.names - seen):
                seen.add(name)
                parts.append(fragments[name])
        made[wanted[0]] = print_ast(DocumentNode(definitions=tuple(parts)))
    return made


@pytest.mark.parametrize("client", ["staff", "wishes"])
def test_documents_are_valid_and_within_the_bounds_with_the_largest_page(client: str) -> None:
    found = documents(client)
    assert len(found) >= 8
    for name, document in found.items():
        checked_document = checked(document)
        require_cost(checked_document, {"pageSize": 100 if name != "Choices" else 1})


def test_committed_schema_is_what_the_code_prints() -> None:
    committed = (Path(settings.ROOT) / "api" / "schema.graphql").read_text()
    assert committed.strip() == print_schema(schema.graphql_schema).strip()
    assert lexicographic_sort_schema(build_schema(committed)).query_type
