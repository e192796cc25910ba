"""Rules on references: the generator follows those to named components of the same document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tools.contract_rules.contract import METHODS, Contract, Finding, Node

_NAME = re.compile(r"[A-Za-z0-9._-]+")
#: What may stand beside a reference: words that change nothing on the wire.
_ANNOTATIONS = frozenset(
    {"$ref", "$comment", "title", "summary", "description", "deprecated", "default", "example", "examples"}
    | {"readOnly", "writeOnly", "externalDocs"}
)
_IGNORED = {"$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$defs", "$recursiveRef"}
#: Where references do not point to schemas.
_DATA = frozenset({"example", "examples", "default", "const", "enum", "mapping"})


def references(contract: Contract) -> Iterator[Finding]:
    """Find references that lead nowhere, elsewhere, or drop what stands beside them."""
    for place, node in _nodes(contract.spec, ""):
        if isinstance(ref := node.get("$ref"), str):
            yield from _reference(contract, place, ref, node)
    for kind in ("schemas", "parameters", "requestBodies", "responses"):
        for name, node in contract.component(kind).items():
            if not _NAME.fullmatch(name):
                yield Finding(
                    f"components.{kind}", f"{name!r} is no name for a component", "use A-Z a-z 0-9 . _ - only"
                )
            if kind != "schemas" and isinstance(node, dict) and "$ref" in node:
                yield Finding(
                    f"components.{kind}.{name}", "is nothing but a reference", "write it out, or refer to the other one"
                )
    for place, schema in contract.schemas:
        for word in _IGNORED & schema.keys():
            yield Finding(place, f"{word} is passed over", "give the schema a name in components.schemas and use $ref")


def _nodes(node: Any, place: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node, dict):
        yield place, node
        for name, inner in node.items():
            is_data = name in _DATA and not place.endswith(".properties")
            if not is_data:
                yield from _nodes(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from _nodes(inner, f"{place}[{number}]")


def _reference(contract: Contract, place: str, ref: str, node: Node) -> Iterator[Finding]:
    parts = ref.split("/")
    if not ref.startswith("#"):
        yield Finding(place, f"$ref {ref!r} leads to another document", "copy what it names into components here")
    elif contract.target(ref) is None:
        yield Finding(place, f"$ref {ref!r} leads to nothing", "correct the name")
    elif contract.is_circle(ref):
        yield Finding(place, f"$ref {ref!r} leads in a circle", "write out one of the schemas on the way")
    elif len(parts) != 4 or parts[1] != "components" or not _NAME.fullmatch(parts[3]):
        yield Finding(
            place, f"$ref {ref!r} leads to no named component", "give what it names a name of its own in components"
        )
    elif place.startswith("paths.") and node.keys() & {*METHODS, "parameters"}:
        yield Finding(place, "$ref stands beside operations", "write the whole path out")
    elif beside := sorted(word for word in node.keys() - _ANNOTATIONS if not word.startswith("x-")):
        yield Finding(
            place, f"{', '.join(beside)} beside $ref is passed over", "put both into allOf, or into a schema of its own"
        )
