"""The rules tell the truth: what they take, the generated functions send as described; names that break are refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest
import yaml

from tests.support.contract import run_with_generated
from tools.contract_rules import findings
from tools.contract_rules.contract import Node

pytestmark = pytest.mark.slow

_TEXT: Node = {"type": "string"}
#: A schema, a value in Python, and what goes over the wire.
_KINDS: dict[str, tuple[Node, str, str]] = {
    "text": (_TEXT, "'a&/'", "a&/"),
    "whole": ({"type": "integer"}, "5", "5"),
    "number": ({"type": "number"}, "1.5", "1.5"),
    "truth": ({"type": "boolean"}, "True", "true"),
    "day": ({**_TEXT, "format": "date"}, "date(2026, 1, 2)", "2026-01-02"),
    "time": ({**_TEXT, "format": "date-time"}, "datetime(2026, 1, 2, tzinfo=UTC)", "2026-01-02T00:00:00+00:00"),
    "uuid": ({**_TEXT, "format": "uuid"}, "UUID(int=1)", "00000000-0000-0000-0000-000000000001"),
    "word": ({**_TEXT, "enum": ["a", "b"]}, "'a'", "a"),
    "digit": ({"type": "integer", "enum": [1, 2]}, "1", "1"),
    "fixed": ({"const": "v"}, "'v'", "v"),
    "fixed_number": ({"const": 5}, "5", "5"),
    "either": ({"type": ["integer", "string"]}, "'z'", "z"),
    "maybe": ({"type": ["string", "null"]}, "'z'", "z"),
    "maybe_day": ({"anyOf": [{**_TEXT, "format": "date"}, {"type": "null"}]}, "date(2026, 1, 2)", "2026-01-02"),
}
_PLACES = ("query", "path", "header", "cookie", "multipart/form-data", "application/x-www-form-urlencoded")
_GOT = {"$ref": "#/components/schemas/Got"}
_ANSWER = {"200": {"description": "d", "content": {"application/json": {"schema": _GOT}}}}

_SEND = """
import asyncio, importlib, json, sys, warnings
from datetime import UTC, date, datetime
from email.parser import BytesParser
from urllib.parse import parse_qs, unquote
from uuid import UUID
import httpx
import gpo_core_client.models as models
from gpo_client.operations.generated import urlencoded
from gpo_client.operations.generated import request_from
from gpo_core_client import Client

warnings.simplefilter("ignore")  # httpx's on cookies
seen = []

def answer(request):
    seen.append(request)
    return httpx.Response(200, json={"n": 5})

async def answer_later(request):
    await request.aread()
    return answer(request)

def sent(place, url, headers, body):
    if place in ("query", "path"):
        return parse_qs(url.partition("?")[2])["x"] if place == "query" else [unquote(url.rpartition("/")[2])]
    if place in ("header", "cookie"):
        return [headers["x"] if place == "header" else headers["cookie"].partition("=")[2]]
    if place != "multipart/form-data":
        return parse_qs(body.decode())["x"]
    message = BytesParser().parsebytes(b"Content-Type: " + headers["content-type"].encode() + b"\\r\\n\\r\\n" + body)
    return [part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()]

clients = (Client("http://x", httpx_args={"transport": httpx.MockTransport(each)}) for each in (answer, answer_later))
blocking, later = clients
for name, place, written, wire in json.load(sys.stdin):
    module = importlib.import_module(f"gpo_core_client.api.t.{name}")
    value = eval(written)
    body = getattr(models, "".join(map(str.title, name.split("_"))) + "Body", None)
    given = {"body": body(x=value)} if body else {"x": value}
    assert module.sync(client=blocking, **given).n == 5
    assert asyncio.run(module.asyncio(client=later, **given)).n == 5
    for request in (seen.pop(), seen.pop()):
        assert sent(place, str(request.url), request.headers, request.content) == wire, (name, request, wire)
    ours = request_from(module._get_kwargs(**given))
    headers = {key.lower(): value for key, value in ours.headers.items()}
    assert sent(place, f"{ours.url}?{urlencoded(ours.params)}".strip("?"), headers, ours.content) == wire, (name, ours)
"""
_NAMES = """
import importlib, json, sys, warnings
import httpx
import gpo_core_client

warnings.simplefilter("ignore")
broken = {"property": [], "query": [], "schema": []}
client = gpo_core_client.Client("http://x", httpx_args={"transport": httpx.MockTransport(
    lambda request: httpx.Response(200, json={"n": 5}, headers={"url": str(request.url)}))})
for number, (name, python, module, kind) in enumerate(json.load(sys.stdin)):
    try:
        model = getattr(importlib.import_module(f"gpo_core_client.models.{module}"), kind)
        raw = {"zz_when": "2026-01-01T00:00:00+00:00", "zz_sub": {"n": 1}, "zz_list": [{"n": 2}], name: "v", "more": 7}
        read = model.from_dict(raw)
        assert (getattr(read, python), read.to_dict(), read["more"], read.additional_keys) == ("v", raw, 7, ["more"])
    except Exception:
        broken["property"].append(name)
    try:
        operation = importlib.import_module(f"gpo_core_client.api.q.q_{number}")
        argument = f"{python}_query" if python in ("client", "url") else python
        response = operation.sync_detailed(client=client, **{argument: "v"}, x_zz=3)
        assert operation.sync(client=client, **{argument: "v"}).n == 5
        assert httpx.URL(response.headers["url"]).params[name] == "v"
    except Exception:
        broken["query"].append(name)
print(json.dumps(broken))
"""


def _spec(paths: Node, schemas: Node) -> Node:
    got = {"Got": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**got, **schemas}},
    }


def _generated(folder: Path, spec: Node) -> None:
    """What the generator makes of a contract, without any rule."""
    root = Path(__file__).resolve().parents[2]
    (folder / "openapi.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), "utf-8")
    shutil.copy(root / "generator-config.yaml", folder)
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", "openapi.yaml", "--config", "generator-config.yaml"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _operation(name: str, place: str, schema: Node) -> tuple[str, Node]:
    """An operation that is given x in a place, with its path."""
    operation: Node = {"operationId": name, "tags": ["t"], "responses": _ANSWER}
    if "/" in place:
        sent = {"type": "object", "required": ["x"], "properties": {"x": schema}}
        operation["requestBody"] = {"required": True, "content": {place: {"schema": sent}}}
    else:
        operation["parameters"] = [{"name": "x", "in": place, "required": True, "schema": schema}]
    return f"/api/{name}" + ("/{x}" if place == "path" else ""), {"post": operation}


def test_what_is_taken_is_sent(root: Path, tmp_path: Path) -> None:
    """Each kind of value in each place, one and several: refused, or the same words from all three callers."""
    paths: Node = {}
    cases: list[tuple[str, str, str, list[str]]] = []
    for kind, (schema, value, wire) in _KINDS.items():
        for number, place in enumerate(_PLACES):
            for word, asked, given, told in (
                ("one", schema, value, [wire]),
                ("list", {"type": "array", "items": schema}, f"[{value}, {value}]", [wire, wire]),
            ):
                name = f"{kind}_{word}_p{number}"
                path, item = _operation(name, place, asked)
                if not findings(_spec({path: item}, {})):
                    paths[path] = item
                    cases.append((name, place, given, told))
    assert len(cases) > 60
    _generated(tmp_path, _spec(paths, {}))
    modules = {file.stem.replace("_", ""): file.stem for file in (tmp_path / "gpo_core_client/api/t").glob("*.py")}
    run_with_generated(tmp_path, root, _SEND, [(modules[name.replace("_", "")], *rest) for name, *rest in cases])


def test_names_that_break_are_refused(root: Path, tmp_path: Path) -> None:
    """Every name that generated code uses itself, tried as a property and as a parameter."""
    from openapi_python_client.strings import ClassName, PythonIdentifier

    names: set[str] = set()
    for file in (root / "gpo_core_client").rglob("*.py"):
        tokens = tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline)
        names |= {token.string for token in tokens if token.type == tokenize.NAME}
    tried = sorted(name for name in names if name.islower() and not name.startswith("_"))
    sub, when = _GOT, {**_TEXT, "format": "date-time"}
    schemas: Node = {}
    paths: Node = {}
    given = []
    for number, name in enumerate(tried):
        members = {"zz_when": when, "zz_sub": sub, "zz_list": {"type": "array", "items": sub}, name: _TEXT}
        schemas[f"Zz{number}"] = {"type": "object", "properties": members, "additionalProperties": {"type": "integer"}}
        parameters = [{"name": name, "in": "query", "required": True, "schema": _TEXT}]
        parameters.append({"name": "X-Zz", "in": "header", "required": False, "schema": {"type": "integer"}})
        paths[f"/q/{number}"] = {
            "get": {"operationId": f"q_{number}", "tags": ["q"], "parameters": parameters, "responses": _ANSWER}
        }
        kind = ClassName(f"Zz{number}", "field_")
        given.append((name, PythonIdentifier(name, "field_"), PythonIdentifier(kind, "field_"), kind))
    spec = _spec(paths, schemas)
    _generated(tmp_path, spec)
    broken = json.loads(run_with_generated(tmp_path, root, _NAMES, given))
    told = "\n".join(map(str, findings(spec)))
    assert broken["property"]
    assert broken["query"]
    assert [name for name in broken["property"] if f".{name}: the generated class" not in told] == []
    assert [name for name in broken["query"] if f"query parameter {name}: the generated function" not in told] == []
