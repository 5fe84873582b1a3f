"""Reading ``a[b][0]=c`` forms and checking them against the stripe package's parameter types."""

from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import stripe.params._refund_create_params as refund_params
import stripe.params.checkout._session_create_params as session_params
from pydantic import ConfigDict, TypeAdapter, ValidationError
from stripe._request_options import RequestOptions
from typing_extensions import TypedDict, is_typeddict


class BadForm(Exception):
    """Names the parameter that is wrong."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def nested(body: bytes) -> dict[str, Any]:
    """Return a form with bracketed names as dicts and lists.

    >>> nested(b"a=1&b[c]=2&d[0][e]=3&d[1][e]=4")
    {'a': '1', 'b': {'c': '2'}, 'd': [{'e': '3'}, {'e': '4'}]}
    """
    found: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode(), keep_blank_values=True):
        head, *keys = name.replace("]", "").split("[")
        place, key = found, head
        for following in keys:
            place, key = place.setdefault(key, {}), following
        place[key] = value
    return {key: _lists(value) for key, value in found.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    items = {key: _lists(item) for key, item in value.items()}
    if items and all(key.isdigit() or key == "" for key in items):
        return [items[key] for key in sorted(items, key=lambda k: int(k or 0))]
    return items


@cache
def _checker(name: str) -> TypeAdapter[Any]:
    module: ModuleType = {
        "SessionCreateParams": session_params,
        "RefundCreateParams": refund_params,
    }[name]
    forbid = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    for part in vars(module).values():
        if is_typeddict(part) and part is not RequestOptions:
            part.__pydantic_config__ = forbid
    # Without the client's own options: they are headers, never parameters.
    fields = {
        field: kind
        for field, kind in getattr(module, name).__annotations__.items()
        if field not in RequestOptions.__annotations__
    }
    typed: Any = TypedDict
    checked_type = typed(name, fields)
    checked_type.__pydantic_config__ = forbid
    adapter: TypeAdapter[Any] = TypeAdapter(checked_type)
    adapter.rebuild(force=True, raise_errors=True, _types_namespace=vars(module))
    return adapter


def checked(name: str, body: bytes) -> dict[str, Any]:
    """Return a form as the package's parameters; raises ``BadForm`` for an unknown or wrong one."""
    try:
        found: dict[str, Any] = _checker(name).validate_python(nested(body))
    except ValidationError as error:
        first = error.errors()[0]
        raise BadForm(".".join(map(str, first["loc"])), first["msg"]) from error
    return found
