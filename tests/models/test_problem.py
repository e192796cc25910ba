"""Problem documents of every dialect: field and reason survive, whatever stands beside them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import Secret
from gpo_client.models.problem import Problem, Reason, problem_from

_ASP_NET = {
    "title": "One or more validation errors occurred.",
    "status": 400,
    "errors": {"UserId": ["The UserId field is required."]},
    "traceId": "00-ab-01",
}
_FASTAPI = {"detail": [{"loc": ["body", "items", 0, "id"], "msg": "too long"}, {"loc": ["query", "q"], "msg": "empty"}]}
_JSON_API = {"errors": [{"status": "422", "source": {"pointer": "/data/attributes/name"}, "detail": "too short"}]}
_SPRING = {"status": 404, "error": "Not Found", "message": "no such chat", "path": "/api/Chat"}


def _deep(count: int) -> Any:
    return {"error": _deep(count - 1)} if count else {"message": "why"}


#: What a service writes, and what is read of it.
_DIALECTS: dict[str, tuple[Any, dict[str, Any]]] = {
    "RFC 9457": (
        {"title": "Bad", "detail": "why", "field": "query"},
        {"title": "Bad", "detail": "why", "field": "query"},
    ),
    "number as code": ({"detail": "really bad", "code": 4001}, {"detail": "really bad", "code": "4001"}),
    "text as status": ({"status": "404", "detail": ["a", "b"]}, {"status": 404, "detail": "a; b"}),
    "odd members": ({"status": True, "code": [], "title": {}, "detail": "why"}, {"detail": "why"}),
    "FastAPI": (_FASTAPI, {"detail": "items.0.id: too long; q: empty", "field": "items.0.id"}),
    "FastAPI, an object": ({"detail": {"code": "a_b", "message": "why"}}, {"detail": "why", "code": "a_b"}),
    "ASP.NET": (
        _ASP_NET,
        {
            "title": "One or more validation errors occurred.",
            "status": 400,
            "detail": "The UserId field is required.",
            "field": "UserId",
            "request_id": "00-ab-01",
        },
    ),
    "message and errors": (
        {"message": "not valid", "errors": {"user_id": ["required"]}},
        {"detail": "not valid (user_id: required)", "field": "user_id"},
    ),
    "JSON:API": (_JSON_API, {"detail": "name: too short", "field": "name"}),
    "Django": ({"user_id": ["required"]}, {"detail": "user_id: required", "field": "user_id"}),
    "Spring": (_SPRING, {"title": "Not Found", "status": 404, "detail": "no such chat"}),
    "OAuth": (
        {"error": "invalid_token", "error_description": "too old"},
        {"code": "invalid_token", "detail": "too old"},
    ),
    "error as a text": ({"error": "out of luck"}, {"title": "out of luck"}),
    "error as an object": ({"error": {"message": "long", "code": "ctx"}}, {"detail": "long", "code": "ctx"}),
    "error with a type": (
        {"type": "error", "error": {"type": "overloaded_error", "message": "too many"}},
        {"type": "error", "code": "overloaded_error", "detail": "too many"},
    ),
    "error with a parameter": ({"error": {"message": "bad", "param": "query"}}, {"detail": "bad", "field": "query"}),
    "all of RFC 9457": (
        {"type": "t", "title": "T", "status": 400, "detail": "d", "instance": "/a", "code": 17.0, "request-id": 5},
        {
            "type": "t",
            "title": "T",
            "status": 400,
            "detail": "d",
            "instance": "/a",
            "code": "17",
            "request_id": "5",
        },
    ),
    "a field without a reason": ({"detail": [{"loc": ["xx"]}]}, {"detail": "xx: not valid", "field": "xx"}),
    "fields by their names": ({"errors": {"id": "required"}}, {"detail": "id: required", "field": "id"}),
    "fields of fields": (
        {"errors": {"user": [{"loc": ["id"], "msg": "required"}]}},
        {"detail": "user.id: required", "field": "user.id"},
    ),
    "four errors deep": (_deep(4), {"detail": "why"}),
    "five errors deep": (_deep(5), {}),
    "an error in a reason": ({"errors": [{"error": {"message": "why"}}]}, {"detail": "why"}),
    "error with an address": ({"error": {"type": "https://a/b", "message": "why"}}, {"detail": "why"}),
    "error beside a code": (
        {"error": "bad_gateway", "code": "a", "detail": "why"},
        {"title": "bad_gateway", "code": "a", "detail": "why"},
    ),
    "error alone": ({"error": "invalid_token"}, {"title": "invalid_token", "code": "invalid_token"}),
    "error beside a title": ({"error": "invalid_token", "title": "T"}, {"title": "T", "code": "invalid_token"}),
    "five reasons": (list("abcde"), {"detail": "a; b; c; d; e"}),
    "seven reasons": (list("abcdefg"), {"detail": "a; b; c; d; e; and 2 more"}),
    "JSON:API, a parameter": (
        {"errors": [{"source": {"parameter": "q"}, "detail": "empty"}]},
        {"detail": "q: empty", "field": "q"},
    ),
    "a name": ({"errors": [{"name": "q", "title": "empty"}]}, {"detail": "q: empty", "field": "q"}),
    "a path": ({"errors": [{"path": "q", "code": "empty"}]}, {"detail": "q: empty", "field": "q"}),
    "a pointer": ({"detail": "d", "pointer": "#/data/attributes/a/b"}, {"detail": "d", "field": "a.b"}),
    "no pointer": ({"detail": "d", "field": "a/b"}, {"detail": "d", "field": "a/b"}),
    "half a pointer": ({"detail": "d", "field": "#Xa"}, {"detail": "d", "field": "Xa"}),
    "hyphens": ({"error-description": "why"}, {"detail": "why"}),
    "text": ("no", {"detail": "no"}),
    "list": ([], {}),
    "nothing": (None, {}),
}


@pytest.mark.parametrize("dialect", _DIALECTS)
def test_dialects(dialect: str) -> None:
    """Member by member, as the service meant it."""
    raw, members = _DIALECTS[dialect]
    assert problem_from(raw) == Problem(**members)


def test_a_reason_without_anything() -> None:
    """Is told as nothing."""
    assert str(Reason()) == ""


@pytest.mark.parametrize(
    ("problem", "summary"),
    [
        (Problem(detail="d", title="t", code="c"), "d"),
        (Problem(title="t", code="c"), "t"),
        (Problem(code="c"), "c"),
        (Problem(status=400), "no further details"),
    ],
)
def test_summaries(problem: Problem, summary: str) -> None:
    """The most telling text there is."""
    assert problem.summary == summary


def test_without_a_secret() -> None:
    """In none of the texts; an empty one hides nothing."""
    problem = Problem(detail="no t0k3n, t0k3n", status=403, code="t0k3n")
    masked = Problem(detail="no **********, **********", status=403, code="**********")
    assert problem.without(Secret("t0k3n")) == masked
    assert problem.without(Secret("")) is problem


_NAMES = st.sampled_from(
    ["type", "title", "status", "detail", "code", "field", "error", "errors", "message", "loc", "msg", "source", "path"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON)
def test_any_json(raw: Any) -> None:
    """Nothing that a server sends is an exception, and each member is of its type."""
    problem = problem_from(raw)
    assert isinstance(problem.summary, str)
    assert problem.status is None or 100 <= problem.status <= 999
    assert all(value is None or isinstance(value, str) for value in (problem.code, problem.field, problem.title))


@given(_JSON, st.sampled_from(["status", "code", "title", "type", "instance", "field", "request_id", "traceId"]))
def test_members_stand_alone(odd: Any, name: str) -> None:
    """One odd member takes no other with it."""
    assert (problem_from({"detail": "why", name: odd}).detail or "").startswith("why")


def test_hostile_nesting() -> None:
    """Errors in errors are followed a few steps, not to the end of the stack."""
    raw: Any = {"message": "deep"}
    for _ in range(5000):
        raw = {"error": raw, "errors": [raw]}
    assert problem_from(raw) == Problem()
