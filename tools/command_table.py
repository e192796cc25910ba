"""The operations as the command ``gpo`` needs them: one line of JSON each, derived from ``openapi.yaml``.

A field is told by its path in the request and its kind: ``string``, ``integer``, ``number``, ``boolean``, ``object``,
or its choices with bars between them; ``[]`` behind a kind stands for a list.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.contract_rules.contract import Contract

TABLE = Path(__file__).resolve().parents[1] / "custom" / "gpo_client" / "cli" / "operations.jsonl"


def command_table(spec: Mapping[str, Any], methods: Mapping[str, tuple[str, ...]]) -> str:
    """Return the lines.

    Args:
        spec: The OpenAPI document.
        methods: The methods of the client that perform each operation.
    """
    lines: list[dict[str, Any]] = []
    contract = Contract(dict(spec))
    for each in contract.operations:
        operation, parameters = each.node, list(contract.parameters(each))
        name = operation.get("operationId", each.place)
        line = {
            "name": name,
            "method": each.place.partition(" ")[0],
            "path": each.path,
            "summary": operation.get("summary", ""),
            "client": next(iter(methods.get(name) or ("",))),
            "creates": any(it.name == "Idempotency-Key" for it in parameters),
            "with_key": "security" not in operation,  # the key of the program opens sessions, all else is theirs
            "media": _media(spec, operation),
            "query": {it.name: _kind(spec, it.node["schema"]) for it in parameters if it.location == "query"},
            "body": _body(spec, operation),
            **_answer(spec, operation),
        }
        lines.append({name: value for name, value in line.items() if value})
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)


def _media(spec: Mapping[str, Any], operation: Mapping[str, Any]) -> list[str]:
    answers = (
        _resolved(spec, answer) for status, answer in operation["responses"].items() if str(status).startswith("2")
    )
    return [kind for answer in answers for kind in answer.get("content", {})]


def _answer(spec: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, Any]:
    """Where the answer has its rows, which columns these have, and which facts stand beside them."""
    answers = (
        _resolved(spec, answer) for status, answer in operation["responses"].items() if str(status).startswith("2")
    )
    contents: list[Mapping[str, Any]] = [answer.get("content", {}) for answer in answers]
    schemas = [content["application/json"].get("schema", {}) for content in contents if "application/json" in content]
    schema: Mapping[str, Any] = schemas[0] if schemas else {}
    if _resolved(spec, schema).get("type") == "array":
        return {"columns": [*_members(spec, _resolved(spec, schema).get("items", {}))]}
    members = _members(spec, schema)
    rows = {name: _members(spec, member["items"]) for name, member in members.items() if "items" in member}
    rows = {name: columns for name, columns in rows.items() if columns}
    facts = [name for name, member in members.items() if name not in rows and "object" not in _kind(spec, member)]
    name = next(iter(rows), "")
    return {"rows": name, "columns": [*rows.get(name, ())], "facts": facts}


def _members(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    schema = _resolved(spec, schema)
    members = {name: _resolved(spec, member) for name, member in schema.get("properties", {}).items()}
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ())):
        members |= _members(spec, part)
    return members


def _body(spec: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, str]:
    content: Mapping[str, Any] = _resolved(spec, operation.get("requestBody", {})).get("content", {})
    schema = next((each.get("schema") for each in content.values()), None)
    if schema is None:
        return {}
    fields = dict(_fields(spec, schema, ""))
    return fields or {"": _kind(spec, schema)}


def _fields(
    spec: Mapping[str, Any], schema: Mapping[str, Any], above: str, seen: tuple[int, ...] = ()
) -> Iterator[tuple[str, str]]:
    schema = _resolved(spec, schema)
    if id(schema) in seen:  # it holds itself: a field for any JSON
        return
    seen = (*seen, id(schema))
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _fields(spec, part, above, seen)
    for name, member in schema.get("properties", {}).items():
        below = dict(_fields(spec, member, f"{above}{name}.", seen))
        yield from below.items() if below else [(f"{above}{name}", _kind(spec, member))]


def _kind(spec: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    schema = _resolved(spec, schema)
    if "enum" in schema:
        return "|".join(str(choice) for choice in schema["enum"] if choice is not None)
    for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if (kind := _kind(spec, part)) != "null":
            return kind
    kinds = schema.get("type", "object")
    kind = kinds if isinstance(kinds, str) else next((each for each in kinds if each != "null"), "null")
    return f"{_kind(spec, schema.get('items', {}))}[]" if kind == "array" else kind


def _resolved(spec: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        found: Any = spec
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part
