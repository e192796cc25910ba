"""A schema with all its parts put together, to be compared with another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from tools.contract_rules.contract import Contract, Node, kind_of

ANYTHING = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
#: Words that narrow what is taken, with whether a larger value takes more.
LIMITS = {
    "maximum": True, "exclusiveMaximum": True, "maxLength": True, "maxItems": True, "maxProperties": True,
    "minimum": False, "exclusiveMinimum": False, "minLength": False, "minItems": False, "minProperties": False,
}  # fmt: skip
#: Words that narrow what is taken in a way of their own.
PATTERNS = ("pattern", "multipleOf", "uniqueItems")
_WORDS = (*LIMITS, *PATTERNS, "format", "contentMediaType", "default")


@attrs.frozen
class Shape:
    """What a schema allows.

    Attributes:
        types: The types of JSON.
        values: The only values, as texts; None for any.
        words: Formats, limits and patterns, by name.
        objects: The kinds of object, by name: one, or those of a union.
        items: The schema of items; None for any.
        places: The schemas of the first items.
    """

    types: frozenset[str]
    values: frozenset[str] | None
    words: Node
    objects: dict[str, Node]
    items: Any
    places: list[Any]


def shape_of(contract: Contract, schema: Any) -> Shape:
    """Return the shape of a schema; of none at all, that of anything."""
    arms = list(_arms(contract, schema, "", ()))
    kinds = {kind_of(arm) for _, arm in arms}
    is_nullable = contract.is_nullable(schema) or any(None in arm.get("enum", ()) for _, arm in arms)
    return Shape(
        types=ANYTHING
        if None in kinds
        else frozenset({*(kind or "" for kind in kinds), *(["null"] if is_nullable else [])}),
        values=_values(arms),
        words={word: arm[word] for _, arm in arms for word in _WORDS if word in arm},
        objects={name: arm for name, arm in arms if kind_of(arm) == "object"},
        items=next((arm["items"] for _, arm in arms if "items" in arm), None),
        places=next((arm["prefixItems"] for _, arm in arms if "prefixItems" in arm), []),
    )


def _values(arms: list[tuple[str, Node]]) -> frozenset[str] | None:
    """Return the values of the enumerations.

    None where any is taken: "one of these words, or another text" takes any text.
    """
    by_kind: dict[str | None, frozenset[str] | None] = {}
    for _, arm in arms:
        kind, mine = kind_of(arm), [arm["const"]] if "const" in arm else arm.get("enum")
        known = by_kind.get(kind, frozenset())
        if kind not in ("object", "array"):
            of_arm = None if mine is None else {str(value) for value in mine if value is not None}
            by_kind[kind] = None if known is None or of_arm is None else known | of_arm
    closed = [values for values in by_kind.values() if values is not None]
    return frozenset().union(*closed) if closed and len(closed) == len(by_kind) else None


def _arms(contract: Contract, schema: Any, name: str, seen: tuple[int, ...]) -> Iterator[tuple[str, Node]]:
    """Return the alternatives of a schema, those of its parts put together, each with a name."""
    if isinstance(schema, dict) and "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
    schema = {} if schema is True else contract.resolved(schema)
    if id(schema) in seen:
        return
    seen = (*seen, id(schema))
    union = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    for number, part in enumerate(union):
        for inner, arm in _arms(contract, part, str(number), seen):
            yield inner, {**schema, **arm}
    if not union:
        whole = _whole(contract, schema, seen)
        kinds = whole.get("type")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if kind != "null":
                yield name, ({**whole, "type": kind} if kind else whole)


def _whole(contract: Contract, schema: Node, seen: tuple[int, ...]) -> Node:
    """Return a schema with what it inherits."""
    if not (parts := schema.get("allOf")):
        return schema
    whole: Node = {}
    for part in parts:
        for _, arm in _arms(contract, part, "", seen):
            whole = {**whole, **arm}
    inherited = {"properties": contract.members(schema), "required": sorted(contract.required(schema))}
    return {**whole, **schema, **(inherited if inherited["properties"] else {})}
