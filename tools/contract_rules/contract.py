"""The contract as the rules see it: operations, parameters and schemas, each with its place and its uses."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

Node = dict[str, Any]

METHODS = ("get", "put", "post", "delete", "patch")
#: Where the generator looks for schemas in a schema.
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties")


class Finding(NamedTuple):
    """One thing that the generated package would get wrong.

    Attributes:
        place: Where it stands in the contract.
        problem: What is wrong there.
        remedy: What to write instead.
    """

    place: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"openapi.yaml: {self.place}: {self.problem}; {self.remedy}."


class Operation(NamedTuple):
    """One operation.

    Attributes:
        place: Method and path.
        path: The path.
        node: What the contract says of it.
        item: What the contract says of its path.
    """

    place: str
    path: str
    node: Node
    item: Node


class Parameter(NamedTuple):
    """One parameter of an operation, its own or its path's."""

    place: str
    name: str
    location: str
    node: Node


class Media(NamedTuple):
    """One media type of a body.

    Attributes:
        place: Of the body.
        status: The status of a response; empty for a request.
        name: The media type, without its parameters.
        node: What the contract says of it.
        others: The media types of the same body, in their order.
    """

    place: str
    status: str
    name: str
    node: Node
    others: list[str]


class Contract:
    """A contract, read.

    Args:
        spec: The document.
        config: The settings of the generator.
    """

    def __init__(self, spec: Node, config: Node | None = None) -> None:
        self.spec = spec
        self.config = config or {}

    def component(self, kind: str) -> dict[str, Any]:
        """Return the components of a kind, such as ``schemas``."""
        return (self.spec.get("components") or {}).get(kind) or {}

    def resolved(self, node: Any) -> Node:
        """Return what a reference leads to; an empty object where it leads nowhere or in a circle."""
        seen: list[str] = []
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                return {}
            seen.append(node["$ref"])
            node = self.target(node["$ref"])
        return node if isinstance(node, dict) else {}

    def is_circle(self, ref: str) -> bool:
        """Whether references lead from one back to itself."""
        node, seen = self.target(ref), {ref}
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
            seen.add(node["$ref"])
            node = self.target(node["$ref"])
        return isinstance(node, dict) and node.get("$ref") in seen

    def target(self, ref: str) -> Any:
        """Return what a reference within the document names; None for nothing."""
        if not ref.startswith("#/"):
            return None
        found: Any = self.spec
        for part in ref[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
        return found

    @cached_property
    def operations(self) -> list[Operation]:
        """All operations that the generator knows."""
        return [
            Operation(f"{method.upper()} {path}", path, item[method], item)
            for path, node in (self.spec.get("paths") or {}).items()
            for item in (self.resolved(node),)
            for method in METHODS
            if method in item
        ]

    def parameters(self, operation: Operation) -> Iterator[Parameter]:
        """Return the parameters of an operation; its own go before those of its path."""
        seen: set[tuple[str, str]] = set()
        for reference in [*operation.node.get("parameters", []), *operation.item.get("parameters", [])]:
            node = self.resolved(reference)
            name, location = str(node.get("name")), str(node.get("in"))
            if (name, location) not in seen:
                seen.add((name, location))
                yield Parameter(f"{operation.place}, {location} parameter {name}", name, location, node)

    def bodies(self, operation: Operation) -> Iterator[Media]:
        """Return the media types that are sent."""
        content = self.resolved(operation.node.get("requestBody", {})).get("content") or {}
        yield from self._media(f"{operation.place}, request body", "", content)

    def responses(self, operation: Operation) -> Iterator[Media]:
        """Return the media types that come back."""
        for status, reference in (operation.node.get("responses") or {}).items():
            content = self.resolved(reference).get("content") or {}
            yield from self._media(f"{operation.place}, response {status}", str(status), content)

    @staticmethod
    def _media(place: str, status: str, content: Node) -> Iterator[Media]:
        names = [name.partition(";")[0].strip().lower() for name in content]
        for name, node in zip(names, content.values(), strict=True):
            yield Media(place, status, name, node or {}, names)

    @cached_property
    def roots(self) -> list[tuple[str, Any]]:
        """The schemas that stand in no other one, with their places."""
        named = [(f"schema {name}", schema) for name, schema in self.component("schemas").items()]
        return [*named, *(root for operation in self.operations for root in self._roots(operation))]

    @cached_property
    def schemas(self) -> list[tuple[str, Node]]:
        """Every schema of the document, once, with its place."""
        found: dict[int, tuple[str, Node]] = {}
        for place, schema in self.roots:
            self._walk(place, schema, found, follow=False)
        return list(found.values())

    def _roots(self, operation: Operation) -> Iterator[tuple[str, Any]]:
        yield from ((each.place, each.node.get("schema")) for each in self.parameters(operation))
        for media in (*self.bodies(operation), *self.responses(operation)):
            yield media.place, media.node.get("schema")

    @cached_property
    def sent(self) -> list[tuple[str, Node]]:
        """Every schema that requests hold."""
        return self._reached((m.place, m.node.get("schema")) for op in self.operations for m in self.bodies(op))

    @cached_property
    def received(self) -> list[tuple[str, Node]]:
        """Every schema that responses hold."""
        return self._reached((m.place, m.node.get("schema")) for op in self.operations for m in self.responses(op))

    def _reached(self, roots: Iterator[tuple[str, Any]]) -> list[tuple[str, Node]]:
        found: dict[int, tuple[str, Node]] = {}
        for place, schema in roots:
            self._walk(place, schema, found, follow=True)
        return list(found.values())

    def _walk(self, place: str, schema: Any, found: dict[int, tuple[str, Node]], *, follow: bool) -> None:
        if not isinstance(schema, dict) or id(schema) in found:
            return
        found[id(schema)] = (place, schema)
        if follow and "$ref" in schema:
            self._walk(f"schema {schema['$ref'].rpartition('/')[2]}", self.resolved(schema), found, follow=True)
        for inner, child in children(schema):
            self._walk(place + inner, child, found, follow=follow)

    def arms(self, schema: Any, seen: tuple[int, ...] = ()) -> list[Node]:
        """Return the kinds of value that a schema allows, null left out: one, or those of a union."""
        schema = self.resolved(schema)
        if id(schema) in seen:
            return []
        seen = (*seen, id(schema))
        union = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        if union:
            return [arm for part in union for arm in self.arms(part, seen)]
        if len(parts := schema.get("allOf", [])) == 1 and "properties" not in schema:
            return self.arms(parts[0], seen)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            return [{**schema, "type": kind} for kind in kinds if kind != "null"]
        return [] if kinds == "null" else [schema]

    def is_nullable(self, schema: Any) -> bool:
        """Whether a schema allows null, at its top or in an arm of its union."""
        schema = self.resolved(schema)
        kinds = schema.get("type")
        parts = (*schema.get("anyOf", []), *schema.get("oneOf", []))
        return kinds == "null" or (isinstance(kinds, list) and "null" in kinds) or any(map(self.is_nullable, parts))

    def members(self, schema: Any, seen: tuple[int, ...] = ()) -> dict[str, Any]:
        """Return the properties of an object, those of ``allOf`` too."""
        schema = self.resolved(schema)
        if id(schema) in seen:
            return {}
        found: dict[str, Any] = {}
        for part in schema.get("allOf", []):
            found |= self.members(part, (*seen, id(schema)))
        return found | (schema.get("properties") or {})

    def required(self, schema: Any, seen: tuple[int, ...] = ()) -> set[str]:
        """Return the names of the properties that an object must have."""
        schema = self.resolved(schema)
        if id(schema) in seen:
            return set()
        parts = schema.get("allOf", [])
        return {*schema.get("required", []), *(n for p in parts for n in self.required(p, (*seen, id(schema))))}


def kind_of(schema: Node) -> str | None:
    """Return the type of a schema: said, or told by what else it says."""
    said = schema.get("type")
    if isinstance(said, str):
        return said
    words = {"properties": "object", "allOf": "object"}
    values = [*(schema.get("enum") or []), *([schema["const"]] if "const" in schema else [])]
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return next(
        (kind for word, kind in words.items() if word in schema), kinds.get(type(values[0])) if values else None
    )


def children(schema: Node) -> Iterator[tuple[str, Any]]:
    """Return the schemas directly in a schema, each with its place there."""
    for name, child in (schema.get("properties") or {}).items():
        yield f".{name}", child
    for word in _LISTS:
        for number, child in enumerate(schema.get(word) or []):
            yield f" {word}[{number}]", child
    for word in _SINGLE:
        if isinstance(schema.get(word), dict):
            yield ("[]" if word == "items" else ".*"), schema[word]
