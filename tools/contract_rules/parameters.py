"""Rules on parameters: what is written the way that the generator and httpx write it."""

from __future__ import annotations

from collections.abc import Iterator

from openapi_python_client.strings import PythonIdentifier

from tools.contract_rules.contract import Contract, Finding, Node, Operation, Parameter, kind_of

SCALARS = frozenset({"string", "integer", "number", "boolean"})
_STYLES = {"query": "form", "path": "simple", "header": "simple", "cookie": "form"}
#: Names that the generated function uses itself.
_TAKEN = {"params", "headers", "cookies", "quote", "sync_detailed", "asyncio_detailed"}
_NOT_PARAMETERS = frozenset({"accept", "authorization", "content-type"})


def parameters(contract: Contract) -> Iterator[Finding]:
    """Parameters that would be sent otherwise than described, or not at all."""
    for operation in contract.operations:
        found = list(contract.parameters(operation))
        for each in found:
            yield from _style(contract, each)
            yield from _kind(contract, each)
        yield from _names(operation, found)


def _style(contract: Contract, it: Parameter) -> Iterator[Finding]:
    if "schema" not in it.node:
        yield Finding(it.place, "has no schema and would not be sent", "give it a schema; content is not supported")
        return
    style, usual = it.node.get("style", _STYLES.get(it.location)), _STYLES.get(it.location)
    arms = contract.arms(it.node["schema"])
    if style != usual:
        yield Finding(it.place, f"style {style} would be sent as {usual}", f"use style: {usual}")
    elif it.location == "query" and it.node.get("explode") is False and not _all(arms, SCALARS):
        yield Finding(
            it.place,
            "explode: false would be sent as explode: true (ids=a&ids=b for ids=a,b)",
            "use explode: true, or a string that holds the list",
        )
    if it.node.get("allowReserved"):
        yield Finding(it.place, "allowReserved: true is passed over and / ? & are encoded", "take it out")


def _all(arms: list[Node], kinds: frozenset[str]) -> bool:
    return all(kind_of(arm) in kinds for arm in arms)


def _kind(contract: Contract, it: Parameter) -> Iterator[Finding]:
    schema = it.node.get("schema", {})
    arms = contract.arms(schema)
    kinds = {kind_of(arm) or "any" for arm in arms}
    formats = {arm.get("format") for arm in arms}
    if it.location == "query":
        yield from _query(contract, it, arms)
    elif kinds - SCALARS:
        yield Finding(
            it.place, f"{' or '.join(sorted(kinds - SCALARS))} is not written as described", "use a string or a number"
        )
    elif it.location != "query" and contract.is_nullable(schema):
        yield Finding(it.place, "null would be sent as the word None", "leave null out; what is optional may be absent")
    elif it.location == "path" and "boolean" in kinds:
        yield Finding(it.place, "true would be sent as True", 'use a string with enum ["true", "false"]')
    elif it.location == "path" and "date-time" in formats:
        yield Finding(
            it.place, "a date-time would be sent with a space in it", "use a string without format, or a date"
        )
    elif it.location == "header" and formats & {"date", "date-time", "uuid"}:
        yield Finding(it.place, f"{formats.pop()} is not written in headers", "use a string without format")
    elif it.location == "cookie" and (kinds != {"string"} or formats & {"date", "date-time", "uuid"}):
        yield Finding(it.place, "only text is written in cookies", "use a string without format")
    elif it.location in ("header", "cookie") and (len(arms) > 1 or any("const" in arm for arm in arms)):
        yield Finding(it.place, "a union or a const is not written there", "use one type, or an enum")
    if it.location == "header" and it.name.lower() in _NOT_PARAMETERS:
        yield Finding(it.place, "OpenAPI passes this name over, and generated code would send it", "take it out")


def _query(contract: Contract, it: Parameter, arms: list[Node]) -> Iterator[Finding]:
    if all(kind_of(arm) in SCALARS for arm in arms):
        return
    for arm in arms:
        kind = kind_of(arm)
        if kind == "array":
            inner = contract.arms(arm.get("items") or {})
            if not _all(inner, SCALARS) or not inner:
                yield Finding(it.place, "its items are not texts, numbers or truth values", "use such items")
        elif kind == "object":
            members = contract.members(arm).values()
            is_flat = all(_all(contract.arms(each), SCALARS) for each in members)
            if len(arms) > 1 or contract.is_nullable(it.node["schema"]) or not is_flat:
                yield Finding(it.place, "such an object is not written in a query", "use a parameter for each value")
        elif kind not in SCALARS:
            yield Finding(it.place, "has no type, and anything would be sent", "give its schema a type")


def _names(operation: Operation, found: list[Parameter]) -> Iterator[Finding]:
    taken = _TAKEN | ({"body"} if "requestBody" in operation.node else set())
    for each in found:
        name = PythonIdentifier(each.name, "field_")
        if name in taken:
            yield Finding(
                each.place, f"the generated function uses the name {name} itself", "give the parameter another name"
            )
        elif name == "field_":
            yield Finding(each.place, "its name leaves nothing for Python", "use a name with a letter in it")
