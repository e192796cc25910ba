"""What is written by hand says the same as the contract."""

from __future__ import annotations

import types
from datetime import date, datetime
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import msgspec
import pytest

from gpo_client import ChatResponse, CitationSource, Message, Problem, SensitiveChatResponse, Session, StreamingChunk
from gpo_client.models import QuestionDetail
from gpo_client.models.members import ESSENTIAL
from gpo_sandbox.app import OPERATIONS
from tests.support.contract import resolved
from tools import operations as tool

#: Models that are written by hand, with the schemas of the same names.
BY_HAND: list[Any] = [
    ChatResponse,
    CitationSource,
    Message,
    QuestionDetail,
    SensitiveChatResponse,
    Session,
    StreamingChunk,
]
_TYPES = {"string": str, "integer": int, "number": float, "boolean": bool, "array": list, "object": dict}


def _merged(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    schema = resolved(spec, schema)
    merged: dict[str, Any] = {"properties": {}, "required": []}
    for part in [*schema.get("allOf", []), schema]:
        inner = part if part is schema else _merged(spec, part)
        merged["properties"] |= inner.get("properties", {})
        merged["required"] += inner.get("required", [])
    return merged


def _types_of(spec: dict[str, Any], schema: dict[str, Any]) -> set[Any]:
    """The Python types that a schema stands for; None for null."""
    schema = resolved(spec, schema)
    kinds = schema.get("type", [])
    found: set[Any] = set()
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind == "null":
            found.add(None)
        elif kind == "object" and schema.get("properties"):
            found.add("model")
        else:
            found.add({"date-time": datetime, "date": date}.get(schema.get("format", ""), _TYPES[kind]))
    for part in (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        found |= _types_of(spec, part)
    return found


def _types_in(hint: Any) -> set[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return {kind for part in get_args(hint) for kind in _types_in(part)}
    if hint is type(None):
        return {None}
    plain = get_origin(hint) or hint
    return {str if isinstance(plain, type) and issubclass(plain, str) else plain}


def _required_by_field(model: Any) -> dict[str, bool]:
    if issubclass(model, msgspec.Struct):
        found = {field.name: field.required for field in msgspec.structs.fields(model)}
    else:
        found = {name: field.default is attrs.NOTHING for name, field in attrs.fields_dict(model).items()}
    assert found.pop("additional_properties") is False  # what no contract knows has its place
    return found


@pytest.mark.parametrize("model", BY_HAND, ids=lambda model: model.__name__)
def test_models(model: Any, spec: dict[str, Any]) -> None:
    """The same fields, of the same types. What only informs may be None besides; what is essential only by contract."""
    schema = _merged(spec, spec["components"]["schemas"][model.__name__])
    hints, required, essential = get_type_hints(model), _required_by_field(model), ESSENTIAL[model.__name__]
    assert set(required) == set(schema["properties"])
    assert {name for name, is_required in required.items() if is_required} <= set(schema["required"])
    assert essential & set(schema["required"]) <= {name for name, is_required in required.items() if is_required}
    for name, part in schema["properties"].items():
        informs = {None} if name not in essential and get_origin(hints[name]) is not list else set()
        assert _types_in(hints[name]) == _types_of(spec, part) | informs, name
        if "items" in resolved(spec, part):
            item = next(arg for arg in [hints[name], *get_args(hints[name])] if get_origin(arg) is list)
            expected = _types_of(spec, part["items"])
            assert ("model" in expected) == (get_args(item)[0] in BY_HAND) or _types_in(get_args(item)[0]) == expected


def test_essentials(spec: dict[str, Any]) -> None:
    """The table names schemas and members that the contract has."""
    for name in set(ESSENTIAL) - {"Page"}:
        assert ESSENTIAL[name] <= set(_merged(spec, spec["components"]["schemas"][name])["properties"])


def test_nothing_is_nullable_and_yet_required(spec: dict[str, Any]) -> None:
    """What may be null may be absent."""
    for name in spec["components"]["schemas"]:
        schema = _merged(spec, spec["components"]["schemas"][name])
        nullable = {member for member, part in schema["properties"].items() if None in _types_of(spec, part)}
        assert not nullable & set(schema["required"]), name


def test_problem(spec: dict[str, Any]) -> None:
    """Errors are read leniently, so that a bad one hides nothing; but they have the fields of the contract."""
    schema = spec["components"]["schemas"]["Problem"]
    assert set(attrs.fields_dict(Problem)) == set(schema["properties"])


def test_routes_of_the_sandbox(spec: dict[str, Any]) -> None:
    """The sandbox serves the paths and methods of the contract, and no others."""
    served = {(path, method) for path, item in OPERATIONS.items() for method in item}
    assert served == {(path, method.upper()) for path, item in spec["paths"].items() for method in item}


def test_no_operation_is_missing_anywhere(capsys: pytest.CaptureFixture[str]) -> None:
    """Each is in the contract, in both clients, in the sandbox and in the tests; the table shows it."""
    found = tool.operations()
    print(tool.table(found))
    assert [operation.name for operation in found if operation.has_gap] == []
    assert len(capsys.readouterr().out.splitlines()) == len(found) + 1


def test_methods_name_their_operations(spec: dict[str, Any]) -> None:
    """No method names an operation that does not exist, and every one that sends names one."""
    known = {operation["operationId"] for path in spec["paths"].values() for operation in path.values()}
    named = dict(tool.named_by_methods())
    assert set(named.values()) == known
    assert {"chat", "chat_stream", "metrics.total_questions", "users.save"} <= set(named)


def test_table_of_the_documents() -> None:
    """docs/operations.md is what `make operations` writes."""
    assert tool.PAGE.read_text("utf-8") == tool.page(tool.operations())


def test_a_gap_is_seen() -> None:
    """The check can fail."""
    first = tool.operations()[0]
    for lack in ({"methods": ()}, {"endpoint": ""}, {"is_tested": False}):
        assert attrs.evolve(first, **lack).has_gap
