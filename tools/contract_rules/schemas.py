"""Rules on schemas: words that the generator reads otherwise than meant, or passes over."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from jsonschema import Draft202012Validator

from tools.contract_rules.contract import Contract, Finding, Node, children, kind_of

#: Words that mean something for one type, and make the generator pass the schema over when it is not said.
_WORDS = {"items": "array", "prefixItems": "array", "additionalProperties": "object", "format": "string"}
#: Words that no generated code goes by.
_SAYING_NOTHING = {
    *("description", "title", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems"),
}
#: Words of which the generator keeps the first that it meets, or whose values it does not compare.
_ONE_OF_MANY = {"enum", "const", "anyOf", "oneOf", "allOf", "properties", "additionalProperties"}
#: What the generator writes with a backslash before it, as if it were within quotes already.
_ESCAPED = frozenset('"\\')
_PLAIN = ("string", "integer", "number", "boolean")
_REQUIRED = "leave it out of required, or use a schema of its own for requests"


def schemas(contract: Contract) -> Iterator[Finding]:
    """Return what is read otherwise than meant wherever it stands."""
    for place, schema in contract.schemas:
        if "$ref" in schema:
            continue
        yield from _words(place, schema)
        yield from _values(place, schema)
        yield from _unions(place, schema)
        yield from _parts(contract, place, schema)
        yield from _default(contract, place, schema)


def _words(place: str, schema: Node) -> Iterator[Finding]:
    if schema.get("nullable"):
        yield Finding(
            place, "nullable is a word of OpenAPI 3.0", 'write type: [string, "null"], or anyOf with {type: "null"}'
        )
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kind_of(schema)]
    is_union = schema.keys() & {"anyOf", "oneOf", "allOf", "enum"}
    for word, kind in _WORDS.items():
        if word in schema and not is_union and kinds == [None]:
            yield Finding(place, f"{word} without type is passed over", f"write type: {kind}")
    if "array" in kinds and not schema.keys() & {"items", "prefixItems"}:
        yield Finding(place, "an array without items is not generated", "write items: {} for anything")
    for word in ("properties", "patternProperties"):
        for name, child in (schema.get(word) or {}).items():
            if isinstance(child, bool):
                yield Finding(
                    f"{place}.{name}", f"the schema {str(child).lower()} is not generated", "write {} for true"
                )


def _values(place: str, schema: Node) -> Iterator[Finding]:
    values = [value for value in schema.get("enum") or [] if value is not None]
    kinds = {type(value) for value in values}
    if kinds and (len(kinds) > 1 or not kinds <= {str, int, bool}):
        yield Finding(
            place, "enum holds other values than texts alone or whole numbers alone", "use one of these kinds"
        )
    if "const" in schema and not isinstance(schema["const"], str | int):
        yield Finding(place, "const is no text, whole number or truth value", "use one of these, or an enum")
    for word, remedy in (("const", "use an enum of one text"), ("default", "describe the default in words")):
        if isinstance(text := schema.get(word), str) and not _ESCAPED.isdisjoint(text):
            yield Finding(place, f"{word} has a quote or a backslash, which would get a backslash before it", remedy)


def _unions(place: str, schema: Node) -> Iterator[Finding]:
    words = [word for word in ("anyOf", "oneOf") if word in schema]
    if not words:
        return
    beside = sorted(
        schema.keys() & {"allOf", "properties", "additionalProperties", "items", "required", "enum", "const"}
    )
    if len(words) == 2 or beside:
        yield Finding(
            place,
            f"{', '.join(beside) or 'anyOf'} beside {words[-1]} is passed over",
            "put it into each of the alternatives",
        )


def unions(contract: Contract) -> Iterator[Finding]:
    """Alternatives in answers: the generated code takes the first that fits, and knows no discriminator."""
    for place, schema in contract.received:
        if not schema.keys() & {"anyOf", "oneOf"}:
            continue
        objects = [arm for arm in contract.arms(schema) if kind_of(arm) == "object"]
        if any(not _tells_apart(contract, *pair) for pair in combinations(objects, 2)):
            yield Finding(
                place,
                "an object of one kind would be read as another, since nothing that is required tells them apart",
                "give each a required property with a const of its own, with or without discriminator",
            )


def _tells_apart(contract: Contract, first: Node, second: Node) -> bool:
    """Whether reading an object of the second kind as one of the first fails, as it should."""
    members, others = contract.members(first), contract.members(second)
    for name in contract.required(first):
        if name not in others:
            return True
        here, there = (_fixed(contract, each.get(name, {})) for each in (members, others))
        if here and there and not here & there:
            return True
    return False


def _fixed(contract: Contract, schema: Any) -> set[Any]:
    found = contract.resolved(schema)
    return {found["const"]} if "const" in found else set(found.get("enum") or ())


def _parts(contract: Contract, place: str, schema: Node) -> Iterator[Finding]:
    parts = schema.get("allOf") or []
    if not parts or (len(parts) == 1 and "properties" not in schema):
        return
    for part in parts:
        said = part if "$ref" not in part else contract.resolved(part)
        if lost := sorted(said.keys() & {"anyOf", "oneOf"} | (part.keys() & {"allOf", "additionalProperties"})):
            yield Finding(place, f"{', '.join(lost)} inside allOf is passed over", "write its properties out")
        elif said.get("type") not in ("object", None) or said.keys() & {"enum", "const"}:
            yield Finding(place, "allOf holds what is no object", "refer to that schema alone, or write it out")
    yield from _said_twice(contract, place, schema)


def _said_twice(contract: Contract, place: str, schema: Node) -> Iterator[Finding]:
    """Properties that two parts describe: the generated class has one description of each."""
    seen: dict[str, Any] = {}
    for part in (*schema["allOf"], {"properties": schema.get("properties") or {}}):
        for name, member in contract.members(part).items():
            if name in seen and not _join(contract, seen[name], member):
                told = "is described in two ways in allOf, of which one would be passed over"
                yield Finding(f"{place}.{name}", told, "describe it once, or in the same way")
            seen.setdefault(name, member)


def _join(contract: Contract, first: Any, second: Any) -> bool:
    """Whether the generator makes one description of two."""
    here, there = (
        {word: value for word, value in contract.resolved(each).items() if word not in _SAYING_NOTHING}
        for each in (first, second)
    )
    if here == there or not here or not there:
        return True
    kinds = [each.get("type") for each in (here, there)]
    if kinds == ["array", "array"]:
        return _join(contract, here.get("items"), there.get("items"))
    formats = {here.get("format"), there.get("format")}
    if (here.keys() | there.keys()) & _ONE_OF_MANY or len(formats - {None}) > 1 or formats == {None, "uuid"}:
        return False
    return kinds[0] in _PLAIN and (kinds[0] == kinds[1] or sorted(map(str, kinds)) == ["integer", "number"])


def _default(contract: Contract, place: str, schema: Node) -> Iterator[Finding]:
    if "default" not in schema or schema["default"] is None:
        return
    kinds = {kind_of(arm) for arm in contract.arms(schema)}
    if kinds & {"object", "array"}:
        yield Finding(place, "a default that is an object or a list is not generated", "say it in the description")
        return
    whole = {**schema, "components": contract.spec.get("components") or {}}
    for error in Draft202012Validator(whole).iter_errors(schema["default"]):
        yield Finding(place, f"its default does not fit: {error.message}", "correct the default or the limits")


def directions(contract: Contract) -> Iterator[Finding]:
    """Properties that stand on one side only, and must stand on both."""
    sides = ((contract.received, "writeOnly", "an answer"), (contract.sent, "readOnly", "a request"))
    for reached, word, side in sides:
        for place, schema in reached:
            if "$ref" in schema:
                continue
            for name in contract.required(schema) & contract.members(schema).keys():
                member = contract.members(schema)[name]
                if member.get(word) or contract.resolved(member).get(word):
                    yield Finding(f"{place}.{name}", f"is {word}, and required in {side}", _REQUIRED)


def enumerations(contract: Contract) -> Iterator[Finding]:
    """Words in answers: a service may have newer ones."""
    for place, schema in _holders(contract):
        arms = contract.arms(schema)
        free = {kind_of(arm) for arm in arms if "enum" not in arm and "const" not in arm}
        for arm in arms:
            kind, values = kind_of(arm), [value for value in arm.get("enum", []) if value is not None]
            if len(values) > 1 and kind != "boolean" and kind not in free:
                yield Finding(
                    place,
                    "an answer with a value that is not in enum could not be read",
                    f"write anyOf: [{{enum: …}}, {{type: {kind}}}], which takes new values too",
                )


def _holders(contract: Contract) -> Iterator[tuple[str, Any]]:
    """Return the places in answers that hold a value; the alternatives of a union are one place."""
    for operation in contract.operations:
        yield from ((media.place, media.node.get("schema", {})) for media in contract.responses(operation))
    for place, schema in contract.received:
        if "$ref" not in schema:
            yield from ((place + inner, child) for inner, child in children(schema) if not inner.startswith(" "))
