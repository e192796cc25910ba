"""Rules on the document as a whole: it is one of OpenAPI 3.1, and its references lead to named components of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator.schemas import schema_v31

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


def structure(spec: Any) -> Iterator[Finding]:
    """Return what is no OpenAPI 3.1."""
    version = str(spec.get("openapi", "")) if isinstance(spec, dict) else ""
    if not version.startswith("3.1"):
        said = f"says openapi: {version}" if version else "does not say openapi: 3.1.0"
        yield Finding("the document", said, "write it in OpenAPI 3.1, which the generator and the checks read")
        return
    yield from _errors(schema_v31, spec, "the document")
    if not list(_errors(schema_v31, spec, "")):
        for place, schema in Contract(spec).roots:
            if schema is None:  # none is said; other rules tell what that means
                continue
            yield from _errors(Draft202012Validator.META_SCHEMA, schema, place)


def _errors(rules: Any, value: Any, place: str) -> Iterator[Finding]:
    for error in Draft202012Validator(rules).iter_errors(value):
        inner = ".".join(map(str, error.absolute_path))
        yield Finding(f"{place}, {inner}" if inner else place, f"{error.message[:200]} (OpenAPI 3.1)", "correct it")
