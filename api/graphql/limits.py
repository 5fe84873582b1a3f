"""What a document may ask for, judged on its text before any resolver runs."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    parse,
    validate,
)

from api.graphql.paging import MAX_PAGE_SIZE
from api.graphql.schema import schema
from kernel.errors import Refused

MAX_BODY_BYTES = 200_000
MAX_TOKENS = 2_000
MAX_FIELDS = 600
MAX_ALIASES = 30
MAX_DEPTH = 12
#: Fields times page sizes: the client's widest page (100 rows of 60 fields), and some room.
MAX_COST = 20_000
#: Twice the same field in one place is a merge; more of it only makes the validation quadratic.
MAX_REPEATED = 5

#: What a visitor may ask who has not logged in.
PUBLIC_FIELDS = {
    "me", "choices", "brands", "publicWishes", "publicWish", "publicWishFilters", "__typename",
}  # fmt: skip


def too_complex(message: str) -> Refused:
    return Refused("too_complex", message)


@dataclass(frozen=True)
class Checked:
    """A valid document: its one operation, and the names of its root fields."""

    document: DocumentNode
    operation: OperationDefinitionNode
    root_fields: tuple[str, ...]
    asks_schema: bool

    @property
    def is_mutation(self) -> bool:
        return self.operation.operation is OperationType.MUTATION


@lru_cache(maxsize=256)
def checked(query: str) -> Checked:
    """Parse, bound and validate a document.

    Raises ``Refused`` (``too_complex``, ``invalid``). Clients send few different documents, so
    the answer is kept.
    """
    try:
        document = parse(query, max_tokens=MAX_TOKENS, no_location=False)
    except GraphQLSyntaxError as error:
        if "Parsing aborted" in error.message:
            raise too_complex("查询过长或嵌套过深，请拆分后再试") from error
        raise Refused("invalid", f"查询语句有误：{error.message}") from error
    outline = _Outline(document)
    found = outline.checked()
    if errors := validate(schema.graphql_schema, document, max_errors=3):
        raise Refused("invalid", "；".join(error.message for error in errors))
    return found


def require_cost(found: Checked, variables: Mapping[str, Any]) -> None:
    """Raise ``Refused("too_complex")`` when fields times page sizes pass the limit."""
    cost = _Cost(found.document, variables).of(found.operation.selection_set)
    if cost > MAX_COST:
        raise too_complex("一次查询的数据过多，请减少每页条数或字段")


class _Outline:
    """Size and shape of a document, each fragment looked at once."""

    def __init__(self, document: DocumentNode) -> None:
        self.document = document
        self.fragments = _fragments(document)
        self._depths: dict[str, int] = {}
        self._open: set[str] = set()

    def checked(self) -> Checked:
        operations = [
            d for d in self.document.definitions if isinstance(d, OperationDefinitionNode)
        ]
        if len(operations) != 1:
            raise too_complex("每次请求只能包含一个操作")
        operation = operations[0]
        if operation.operation is OperationType.SUBSCRIPTION:
            raise Refused("invalid", "不支持订阅")
        fields = list(self._fields())
        if len(fields) > MAX_FIELDS:
            raise too_complex(f"查询字段过多，最多 {MAX_FIELDS} 个")
        if sum(1 for field in fields if field.alias) > MAX_ALIASES:
            raise too_complex(f"别名过多，最多 {MAX_ALIASES} 个")
        if self._depth(operation.selection_set, 0) > MAX_DEPTH:
            raise too_complex(f"查询嵌套过深，最多 {MAX_DEPTH} 层")
        root = tuple(self._root_fields(operation.selection_set))
        if operation.operation is OperationType.MUTATION:
            written = [name for name in root if name != "__typename"]
            if len(written) != 1:
                raise too_complex("每次请求只能包含一个写操作")
        names = {field.name.value for field in fields}
        return Checked(self.document, operation, root, bool(names & {"__schema", "__type"}))

    def _fields(self) -> Iterator[FieldNode]:
        """Every field that is written down, each once; and the checks that need no types."""
        pending: list[SelectionSetNode] = [
            d.selection_set
            for d in self.document.definitions
            if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)
        ]
        while pending:
            selections = pending.pop().selections
            keys = Counter(
                s.alias.value if s.alias else s.name.value
                for s in selections
                if isinstance(s, FieldNode)
            )
            spreads = sum(1 for s in selections if not isinstance(s, FieldNode))
            if spreads > MAX_ALIASES or any(count > MAX_REPEATED for count in keys.values()):
                raise too_complex("查询中有过多重复的字段或片段")
            for selection in selections:
                if isinstance(selection, FieldNode):
                    yield selection
                inner = getattr(selection, "selection_set", None)
                if inner is not None:
                    pending.append(inner)

    def _depth(self, selections: SelectionSetNode | None, above: int) -> int:
        """Depth in fields; stops at the first branch that is too deep."""
        if selections is None or above > MAX_DEPTH:
            return above
        deepest = above
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                below = self._depth(selection.selection_set, above + 1)
            elif isinstance(selection, FragmentSpreadNode):
                below = above + self._fragment_depth(selection.name.value)
            else:
                below = self._depth(_inner(selection), above)
            deepest = max(deepest, below)
        return deepest

    def _fragment_depth(self, name: str) -> int:
        if name in self._open:
            raise Refused("invalid", f"片段 {name} 引用了自身")
        if name not in self._depths:
            self._open.add(name)
            fragment = self.fragments.get(name)
            self._depths[name] = self._depth(fragment.selection_set, 0) if fragment else 0
            self._open.discard(name)
        return self._depths[name]

    def _root_fields(self, selections: SelectionSetNode) -> Iterator[str]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield selection.name.value
            elif isinstance(selection, FragmentSpreadNode):
                if fragment := self.fragments.get(selection.name.value):
                    yield from self._root_fields(fragment.selection_set)
            elif inner := _inner(selection):
                yield from self._root_fields(inner)


class _Cost:
    """Fields to be resolved, a page counted with its size."""

    def __init__(self, document: DocumentNode, variables: Mapping[str, Any]) -> None:
        self.fragments = _fragments(document)
        self.variables = variables
        self._fragment_costs: dict[str, int] = {}

    def of(self, selections: SelectionSetNode | None) -> int:
        if selections is None:
            return 0
        cost = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                cost += 1 + self._page_size(selection) * self.of(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name not in self._fragment_costs:
                    self._fragment_costs[name] = self.of(self.fragments[name].selection_set)
                cost += self._fragment_costs[name]
            else:
                cost += self.of(_inner(selection))
        return cost

    def _page_size(self, field: FieldNode) -> int:
        size: Any = page_sizes().get(field.name.value, 1)
        for argument in field.arguments:
            if argument.name.value != "pageSize":
                continue
            if isinstance(argument.value, IntValueNode):
                size = int(argument.value.value)
            elif isinstance(argument.value, VariableNode):
                size = self.variables.get(argument.value.name.value, size)
        if not isinstance(size, int):
            return MAX_PAGE_SIZE
        if size > MAX_PAGE_SIZE:
            raise too_complex(f"每页最多 {MAX_PAGE_SIZE} 条")
        return max(size, 1)


@lru_cache(maxsize=1)
def page_sizes() -> dict[str, int]:
    """Default page size by the name of the field that has pages."""
    return {
        name: field.args["pageSize"].default_value
        for type_ in schema.graphql_schema.type_map.values()
        for name, field in getattr(type_, "fields", {}).items()
        if "pageSize" in getattr(field, "args", {})
    }


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}


def _inner(selection: Any) -> SelectionSetNode | None:
    return selection.selection_set if isinstance(selection, InlineFragmentNode) else None
