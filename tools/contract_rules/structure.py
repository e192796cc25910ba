"""The rule on structure: the document is one of OpenAPI 3.1, by the schema that the specification publishes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator.schemas import schema_v31

from tools.contract_rules.contract import Contract, Finding


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
