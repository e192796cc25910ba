"""Schemas that an API's owner may add: the client reads them as the generated package does."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.contract import openapi, run_with_generated
from tests.support.evolutions import NUMBER, TEXT, listed, obj, ref
from tools.generate import GenerationError, generate

_NULL = {"type": "null"}
_NAMES = ("class", "from", "self", "2fa", "x-y", "type_", "items", "a b", "displayName")
_CAT = obj({"kind": {"type": "string", "enum": ["cat"]}, "lives": NUMBER}, "kind", "lives")
_DOG = obj({"kind": {"type": "string", "enum": ["dog"]}, "tricks": listed(TEXT)}, "kind")
_SCHEMAS: dict[str, Any] = {
    "Item": obj({"n": NUMBER}, "n"),
    "Cat": _CAT,
    "Dog": _DOG,
    "Tree": obj({"name": TEXT, "children": listed(ref("Tree"))}, "name"),
    "Chain": obj({"name": TEXT, "next": {"anyOf": [ref("Chain"), _NULL]}}, "name"),
    "Colliding": obj({"a-b": TEXT, "a_b": TEXT}, "a-b"),
    "Named": obj(dict.fromkeys(_NAMES, TEXT), "class", "2fa", "displayName"),
    "Owner": obj({"pet": {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "kind"}}}, "pet"),
    "Maybe": obj({"pet": {"anyOf": [ref("Cat"), ref("Dog"), _NULL]}}, "pet"),
    "Mapped": obj({"by": {"type": "object", "additionalProperties": ref("Item")}}, "by"),
    "Counted": obj({"name": TEXT}, "name", additionalProperties=NUMBER),
    "Closed": obj({"name": TEXT}, "name", additionalProperties=False),
    "Grid": obj({"rows": listed(listed(ref("Item")))}, "rows"),
    "Heir": {"allOf": [ref("Item"), obj({"name": TEXT}, "name")]},
    "Formats": obj(
        {
            "id": {**TEXT, "format": "uuid"},
            "day": {**TEXT, "format": "date"},
            "at": {**TEXT, "format": "date-time"},
            "lasts": {**TEXT, "format": "duration"},
            "number": {"type": "number"},
        },
        "id",
        "day",
        "at",
    ),
    "Odds": obj({"k": {"const": "v"}, "pair": {"type": "array", "prefixItems": [NUMBER, TEXT]}, "any": {}}, "k"),
    "Union": obj({"xs": {"type": "array", "items": {"type": ["integer", "string", "null"]}}}, "xs"),
    "Level": obj({"level": {"anyOf": [{"type": "integer", "enum": [1, 2, 3]}, NUMBER]}}, "level"),
}
#: What is read as the generated package reads it.
_GOOD: list[tuple[str, Any]] = [
    ("Tree", {"name": "a", "children": [{"name": "b", "children": []}]}),
    ("Chain", {"name": "a", "next": {"name": "b", "next": None}}),
    ("Named", {**{name: name for name in _NAMES}, "emoji\U0001f600": 1, "": 2}),
    ("Colliding", {"a-b": "1", "a_b": "2"}),
    ("Owner", {"pet": {"kind": "cat", "lives": 9}}),
    ("Owner", {"pet": {"kind": "dog", "tricks": ["sit"]}}),
    ("Maybe", {"pet": None}),
    ("Mapped", {"by": {"a": {"n": 1}, "b": {"n": 2, "more": 3}}}),
    ("Counted", {"name": "a", "x": 1, "y": 2}),
    ("Closed", {"name": "a"}),
    ("Grid", {"rows": [[{"n": 1}], []]}),
    ("Heir", {"n": 1, "name": "a"}),
    ("Formats", {"id": "0d3b4e0c-1b3c-4b6e-8d0e-000000000001", "day": "2026-11-28", "at": "2026-11-28T09:00:00+00:00"}),
    ("Odds", {"k": "v", "pair": [1, "a"], "any": {"a": [1]}}),
    ("Union", {"xs": [1, "a", None]}),
    ("Level", {"level": 3}),
]
#: What is refused, and where; None where it is read all the same.
_ODD: list[tuple[str, Any, str | None]] = [
    ("Tree", {"name": []}, "$.name"),
    ("Tree", {"name": "a", "children": [{"name": []}]}, None),
    ("Named", {"class": "a", "2fa": {}, "displayName": "c"}, "$.2fa"),
    ("Owner", {"pet": {"kind": "fox", "lives": 9}}, "$.pet.kind"),
    ("Owner", {"pet": {"kind": "cat", "lives": "9"}}, None),
    ("Maybe", {"pet": 7}, "$.pet"),
    ("Mapped", {"by": {"a": {"n": "x"}}}, "$.by.a.n"),
    ("Grid", {"rows": [[{"n": "x"}]]}, "$.rows[0][0].n"),
    ("Formats", {"id": "x", "day": "2026-11-28", "at": "2026-11-28"}, "$.id"),
    ("Union", {"xs": [{}]}, "$.xs[0]"),
    ("Level", {"level": 4}, None),
    ("Level", {"level": "2"}, None),
]
_PROGRAM = """
import json, sys
import gpo_core_client.models as models
from gpo_client import InvalidArgumentError, InvalidResponseError
from gpo_client.operations.call import generated, read_response
from gpo_client.operations.generated import model_from
good, odd = json.load(sys.stdin)
for name, raw in good:
    kind = getattr(models, name)
    expected, read = kind.from_dict(raw), read_response(generated(kind), json.dumps(raw).encode())
    written = json.loads(read.to_json().replace('00Z"', '00+00:00"'))  # the other way to write the same time
    plain = {key: value for key, value in written.items() if value is not None or raw.get(key, 0) is None}
    assert plain == expected.to_dict() == raw, (name, plain, raw)
    assert isinstance(read, kind)
    if name not in ("Named", "Counted"):  # what a request has besides may be misspelt
        assert model_from(kind, raw, "request").to_dict() == raw, name
for name, raw, where in odd:
    try:
        read_response(generated(getattr(models, name)), json.dumps(raw).encode())
        assert where is None, (name, raw)
    except InvalidResponseError as error:
        assert error.path == where, (name, raw, error)
    try:
        model_from(getattr(models, name), raw, "request")
    except InvalidArgumentError:
        pass
"""


def _project(root: Path, folder: Path, schemas: dict[str, Any]) -> Path:
    """A project with more schemas, each the answer of an operation, and its generated package."""
    spec = openapi()
    spec["components"]["schemas"] |= schemas
    for name in schemas:
        answer = {"description": "d", "content": {"application/json": {"schema": ref(name)}}}
        operation = {"operationId": f"get{name}", "tags": ["try"], "summary": "s", "responses": {"200": answer}}
        spec["paths"][f"/api/Try/{name}"] = {"get": operation}
    (folder / "openapi.yaml").write_text(yaml.safe_dump(spec, sort_keys=False, allow_unicode=True), encoding="utf-8")
    shutil.copy(root / "generator-config.yaml", folder)
    generate(folder, folder / "gpo_core_client")
    return folder


@pytest.mark.slow
def test_schemas_of_every_kind(root: Path, tmp_path: Path) -> None:
    """Good objects are the same either way; odd ones are read or refused by our own error, requests too."""
    folder = _project(root, tmp_path, _SCHEMAS)
    run_with_generated(folder, root, _PROGRAM, [_GOOD, _ODD])


@pytest.mark.slow
def test_names_that_differ_in_case_alone(root: Path, tmp_path: Path) -> None:
    """The generator would write one file over the other, and say nothing: refused before."""
    with pytest.raises(GenerationError, match="VLAN and Vlan"):
        _project(root, tmp_path, {"VLAN": obj({"x": TEXT}), "Vlan": obj({"y": NUMBER})})
