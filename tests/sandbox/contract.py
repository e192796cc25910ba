"""Holding responses against openapi.yaml."""

import json
import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator, FormatChecker

from tests.support.contract import openapi, resolved

_SPEC: dict[str, Any] = openapi()


def check_response(response: httpx.Response) -> None:
    """Check that a JSON response is one that openapi.yaml describes; problems may have any status."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if media_type == "application/problem+json":
        _validate("#/components/schemas/Problem", response.json())
        assert response.json()["status"] == response.status_code
        assert response.json()["request_id"] == response.headers["X-Request-ID"]
        return
    described = _response(response)
    if media_type == "application/json":
        _validate(described["content"]["application/json"]["schema"], response.json())
    elif response.status_code == 204:
        assert "content" not in described


def check_chunk(chunk: object) -> None:
    """Check one StreamingChunk."""
    _validate("#/components/schemas/StreamingChunk", chunk)


def _response(response: httpx.Response) -> dict[str, Any]:
    path, method = response.request.url.path, response.request.method.lower()
    for template, operations in _SPEC["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method in operations:
            return resolved(_SPEC, operations[method]["responses"][str(response.status_code)])
    raise AssertionError(f"{method} {path} is not in openapi.yaml")


def _validate(schema: str | dict[str, Any], value: object) -> None:
    _validator(json.dumps({"$ref": schema} if isinstance(schema, str) else schema)).validate(value)


@cache
def _validator(schema: str) -> Draft202012Validator:
    whole = {**json.loads(schema), "components": _SPEC["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())
