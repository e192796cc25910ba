"""What breaks clients is told apart from what does not, wherever and however the contract says it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.evolutions import NUMBER, TEXT, listed, obj, ref
from tools.contract_diff.changes import changes
from tools.contract_rules.contract import Node

BEARER: Node = {"type": "http", "scheme": "bearer"}


def contract(item: Node, schemas: Node | None = None, path: str = "/t/{id}", **more: Any) -> Node:
    """A contract of one operation, which returns `Thing`."""
    returned = {"200": {"description": "d", "content": {"application/json": {"schema": ref("Thing")}}}}
    item = {
        key: {"operationId": "t", "responses": returned, **value} if key != "parameters" else value
        for key, value in item.items()
    }
    known = {"Thing": obj({"a": TEXT}), **(schemas or {})}
    return {
        "openapi": "3.1.0",
        "paths": {path: item},
        "components": {"schemas": known, "securitySchemes": {"x": BEARER, "y": BEARER}},
        **more,
    }


def got(schema: Any) -> Node:
    """An operation that returns something."""
    return contract({"get": {"responses": {"200": {"description": "d", "content": {"text/plain": schema}}}}})


def returned(schema: Node) -> Node:
    return contract({"get": {}}, {"Thing": schema})


def sent(schema: Node, **more: Any) -> Node:
    body = {"content": {"application/json": {"schema": schema}}, **more}
    return contract({"post": {"requestBody": body}}, {"Cat": obj({"c": TEXT}), "Dog": obj({"d": TEXT})})


def answers(before: Node, after: Node) -> tuple[Node, Node]:
    """A member of what is returned, before and after."""
    return returned(obj({"a": before})), returned(obj({"a": after}))


def questions(before: Node, after: Node) -> tuple[Node, Node]:
    """A member of what is sent, before and after."""
    return sent(obj({"a": before})), sent(obj({"a": after}))


def asked(**parameter: Any) -> Node:
    return contract({"get": {"parameters": [{"name": "q", "in": "query", "schema": TEXT, **parameter}]}})


def shared(**parameter: Any) -> Node:
    return contract({"get": {}, "parameters": [{"name": "q", "in": "query", "schema": TEXT, **parameter}]})


def secured(*ways: Node, **more: Any) -> Node:
    return contract({"get": {"security": list(ways)}}, **more)


OPEN = {"anyOf": [{"type": "string", "enum": ["x"]}, TEXT]}
OPENER = {"anyOf": [{"type": "string", "enum": ["x", "y"]}, TEXT]}
CLOSED, CLOSER = {"type": "string", "enum": ["x", "y"]}, {"type": "string", "enum": ["x"]}
TREE = obj({"n": TEXT, "kids": listed(ref("Thing")), "up": {"anyOf": [ref("Thing"), {"type": "null"}]}})
TALLER = obj({**TREE["properties"], "n": NUMBER})
BASED = {"allOf": [obj({"a": TEXT}, required=["a"]), obj({"b": TEXT})]}
UNBASED = {"allOf": [obj({"a": TEXT}), obj({"b": TEXT})]}
MANY = asked(schema=listed(TEXT))
BY_CONTENT: Node = {"name": "q", "in": "query", "content": {"application/json": {"schema": TEXT}}}
BY_CONTENT_TOO = {**BY_CONTENT, "content": {"application/json": {"schema": NUMBER}}}
SLASH = {"a/b": TEXT, "Thing": obj({"a": {"$ref": "#/components/schemas/a~1b"}})}

#: Before, after, and what breaks; "" for what does not break, None for what is no change.
CASES: dict[str, tuple[Node, Node, str | None]] = {
    "operation gone": (contract({"get": {}}), contract({}), "t: gone"),
    "operation moved": (contract({"get": {}}), contract({"get": {}}, path="/u"), "t: moved from GET /t/{id} to GET /u"),
    "operation new": (contract({}), contract({"get": {}}), ""),
    "success gone": (contract({"get": {}}), contract({"get": {"responses": {}}}), "t: status 200 gone"),
    "field gone": (returned(obj({"a": TEXT})), returned(obj({})), "t 200.a: gone"),
    "field new": (returned(obj({})), returned(obj({"a": TEXT})), ""),
    "field sent gone": (sent(obj({"a": TEXT})), sent(obj({})), "t body.a: gone"),
    "field sent new": (sent(obj({})), sent(obj({"a": TEXT})), ""),
    "field sent required": (sent(obj({"a": TEXT})), sent(obj({"a": TEXT}, required=["a"])), "t body.a: required now"),
    "recursive, the same": (returned(TREE), returned(TREE), None),
    "recursive, changed": (returned(TREE), returned(TALLER), "t 200.n: string is integer now"),
    "no operationId": (contract({"get": {"operationId": None}}), contract({"get": {"operationId": None}}), None),
    "another operationId": (contract({"get": {}}), contract({"get": {"operationId": "u"}}), "t: is called u now"),
    "parameter by content": (
        contract({"get": {"parameters": [BY_CONTENT]}}),
        contract({"get": {"parameters": [BY_CONTENT_TOO]}}),
        "t q: string is integer now",
    ),
    "parameter by schema, by content": (asked(), contract({"get": {"parameters": [BY_CONTENT]}}), "is written as"),
    "media without schema": (got({}), got({}), None),
    "media gets a schema": (got({}), got({"schema": TEXT}), ""),
    "media loses its schema": (got({"schema": TEXT}), got({}), "string is anything now"),
    "~1 in a reference": (contract({"get": {}}, SLASH), contract({"get": {}}, SLASH), None),
    "~1 in a reference, changed": (
        contract({"get": {}}, SLASH),
        contract({"get": {}}, {**SLASH, "a/b": NUMBER}),
        "t 200.a: string is integer now",
    ),
    "parameter of a path required": (shared(), shared(required=True), "t q: required now"),
    "parameter moves from path to operation": (shared(), asked(), None),
    "parameter of a path gone": (shared(), contract({"get": {}}), "query parameter q gone"),
    "query becomes header": (asked(), asked(**{"in": "header"}), "query parameter q gone"),
    "header in another case": (asked(**{"in": "header"}), asked(**{"in": "header"}, name="Q"), None),
    "style": (MANY, asked(schema=listed(TEXT), explode=False), "explode is false now"),
    "parameter optional": (asked(required=True), asked(), None),
    "maxLength shrinks": (*questions({**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 5}), "maxLength 9 is 5"),
    "maxLength new": (asked(), asked(schema={**TEXT, "maxLength": 5}), "maxLength none is 5"),
    "maxLength grows": (asked(schema={**TEXT, "maxLength": 5}), asked(schema={**TEXT, "maxLength": 9}), ""),
    "minimum grows": (asked(schema={**NUMBER, "minimum": 1}), asked(schema={**NUMBER, "minimum": 2}), "minimum 1 is 2"),
    "minimum gone": (asked(schema={**NUMBER, "minimum": 1}), asked(schema=NUMBER), ""),
    "pattern new": (asked(), asked(schema={**TEXT, "pattern": "a"}), "pattern none is a"),
    "maxLength of an answer": (*answers({**TEXT, "maxLength": 9}, TEXT), None),
    "body required": (sent(TEXT), sent(TEXT, required=True), "t body: required now"),
    "body new": (contract({"post": {}}), sent(TEXT), ""),
    "body new and required": (contract({"post": {}}), sent(TEXT, required=True), "t: body new, and required"),
    "body gone": (sent(TEXT), contract({"post": {}}), "t: body gone"),
    "security added": (secured({}), secured({"x": []}), "no secret is not enough any more"),
    "security added for all": (
        contract({"get": {}}),
        contract({"get": {}}, security=[{"x": []}]),
        "not enough any more",
    ),
    "scope added": (secured({"x": ["a"]}), secured({"x": ["a", "b"]}), "x a is not enough any more"),
    "another way taken": (secured({"x": []}), secured({"x": []}, {"y": []}), ""),
    "security gone": (secured({"x": []}), secured({}), ""),
    "scheme of another kind": (
        secured({"x": []}),
        secured(
            {"x": []},
            components={
                "securitySchemes": {"x": {**BEARER, "scheme": "basic"}},
                "schemas": {"Thing": obj({"a": TEXT})},
            },
        ),
        "not enough any more",
    ),
    "map of another type": (
        returned(obj({}, additionalProperties=NUMBER)),
        returned(obj({}, additionalProperties=TEXT)),
        "t 200.*: integer",
    ),
    "map of anything": (
        returned(obj({}, additionalProperties=NUMBER)),
        returned(obj({})),
        "t 200.*: integer is anything",
    ),
    "other fields refused": (sent(obj({})), sent(obj({}, additionalProperties=False)), "other fields are refused"),
    "items of another type": (*answers(listed(NUMBER), listed(TEXT)), "t 200.a[]: integer"),
    "format gone": (*answers({**TEXT, "format": "date-time"}, TEXT), "format date-time is none"),
    "format of no type": (*answers({**TEXT, "format": "uri"}, TEXT), ""),
    "closed enum grows": (*answers(CLOSER, CLOSED), "t 200.a: may be y now"),
    "closed enum opens": (*answers(CLOSER, TEXT), "may be other values now"),
    "open enum grows": (*answers(OPEN, OPENER), None),
    "enum of a request shrinks": (asked(schema=CLOSED), asked(schema=CLOSER), "takes y no more"),
    "enum of a request grows": (asked(schema=CLOSER), asked(schema=CLOSED), ""),
    "text becomes enum": (asked(), asked(schema=CLOSED), "takes other values no more"),
    "integer becomes number": (asked(schema=NUMBER), asked(schema={"type": "number"}), ""),
    "number becomes integer": (asked(schema={"type": "number"}), asked(schema=NUMBER), "number is integer now"),
    "answer becomes number": (*answers(NUMBER, {"type": "number"}), "integer is number now"),
    "null in an answer": (*answers(TEXT, {"type": ["string", "null"]}), "null or string now"),
    "inherited, optional now": (returned(BASED), returned(UNBASED), "t 200.a: optional now"),
    "one more kind returned": (
        contract(
            {"get": {}},
            {"Thing": obj({"p": {"oneOf": [ref("A"), ref("B")]}}), "A": obj({"a": TEXT}), "B": obj({"b": TEXT})},
        ),
        contract(
            {"get": {}},
            {
                "Thing": obj({"p": {"oneOf": [ref("A"), ref("B"), ref("C")]}}),
                **{n: obj({n.lower(): TEXT}) for n in "ABC"},
            },
        ),
        "may be C now",
    ),
    "one kind less taken": (sent({"oneOf": [ref("Cat"), ref("Dog")]}), sent(ref("Cat")), "is no Dog any more"),
    "one kind more taken": (sent(ref("Cat")), sent({"oneOf": [ref("Cat"), ref("Dog")]}), ""),
    "header of an answer gone": (
        contract({"get": {"responses": {"200": {"description": "d", "headers": {"ETag": {"schema": TEXT}}}}}}),
        contract({"get": {"responses": {"200": {"description": "d"}}}}),
        "header etag gone",
    ),
    "readOnly now": (*questions(TEXT, {**TEXT, "readOnly": True}), "t body.a: readOnly now"),
    "required and nowhere described": (sent(obj({})), sent(obj({}, required=["z"])), "t body.z: new, and required"),
    "base address": (
        contract({"get": {}}, servers=[{"url": "https://x.example.com/v1"}]),
        contract({"get": {}}, servers=[{"url": "https://x.example.com/v2"}]),
        "https://x.example.com/v1 gone",
    ),
    "deprecated": (contract({"get": {}}), contract({"get": {"deprecated": True}}), ""),
    "described": (*answers(TEXT, {**TEXT, "description": "d"}), None),
}


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    """What breaks is marked, with a remedy; what does not is not."""
    before, after, breaking = CASES[case]
    found = changes(before, copy.deepcopy(after))
    broken = [change for change in found if change.is_breaking]
    if breaking:
        assert any(breaking in change.text for change in broken), found
        assert all(change.remedy for change in broken)
    else:
        assert broken == []
        assert bool(found) is (breaking == ""), found


@pytest.mark.parametrize("case", CASES)
def test_nothing_changes_by_itself(case: str) -> None:
    """No contract differs from itself."""
    for each in CASES[case][:2]:
        assert changes(each, copy.deepcopy(each)) == []
