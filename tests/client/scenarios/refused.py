"""Answers that begin no stream: error statuses, redirects, other things than a stream."""

from __future__ import annotations

from typing import Any

from gpo_client import (
    AuthenticationError,
    ConflictError,
    GPOClientError,
    GPOConnectionError,
    InvalidRequestError,
    InvalidResponseError,
    NotFoundError,
    RateLimitError,
    ServerError,
    ServiceUnavailableError,
    StreamProtocolError,
    StreamServerError,
    TokenExpiredError,
)
from tests.client.scenarios.scenario import Scenario
from tests.support.events import chat_response, json_answer, problem, problem_answer, stream_answer
from tests.support.wire import Answer, End, no_answer

_HTML = b"<!doctype html><title>Gateway</title>"


def _status(status: int, code: str, error: type[GPOClientError], **details: object) -> Scenario:
    """A problem document; the connection can be used again."""
    usual = {"status_code": status, "code": code, "request_id": "req_header", "attempts": 1, "problem.code": code}
    headers = {"Retry-After": "7"} if "retry_after" in details else None
    field = {"field": details["field"]} if "field" in details else {}
    return Scenario(
        name=f"{status} {code}",
        answer=problem_answer(status, code, headers, **field),
        error=error,
        says=(str(status), f"detail of {code}"),
        details={**usual, "problem.status": status, **details},
        kept=True,
    )


def _refused(name: str, answer: Answer, error: type[GPOClientError], *says: str, **details: Any) -> Scenario:
    kept = details.pop("kept", False)
    return Scenario(name=name, answer=answer, error=error, says=says, details=details, kept=kept)


def _html(status: int, **how: Any) -> Answer:
    return Answer(status=status, headers={"Content-Type": "text/html"}, pieces=[_HTML], framing="length", **how)


SCENARIOS: tuple[Scenario, ...] = (
    _status(400, "bad_request", InvalidRequestError, retry_after=7.0),
    _status(401, "token_expired", TokenExpiredError),
    _status(401, "token_invalid", AuthenticationError),
    _status(422, "invalid_field", InvalidRequestError, field="query"),
    _status(429, "too_many_requests", RateLimitError, retry_after=7.0),
    _status(503, "unavailable", ServiceUnavailableError, retry_after=7.0),
    _refused("404 HTML", _html(404), NotFoundError, "404", "text/html", "base URL", problem=None, kept=True),
    _refused("401 HTML", _html(401), AuthenticationError, "401", problem=None, code=None, kept=True),
    _refused("500 without a body", Answer(status=500, framing="length"), ServerError, "no content type", kept=True),
    _refused("503 HTML", _html(503), ServiceUnavailableError, "503", "it may be of a proxy", problem=None, kept=True),
    _refused("503 broken JSON", json_answer(b"{", 503), ServiceUnavailableError, "503", problem=None, kept=True),
    _refused("503 JSON of another shape", json_answer([1], 503), ServiceUnavailableError, problem=None, kept=True),
    _refused("503 problem cut short", json_answer(b'{"code"', 503, announced=99, end=End.FIN), ServiceUnavailableError),
    _refused("500 endless", Answer(status=500, pieces=[b"x" * 65537], end=End.STALL), ServerError, problem=None),
    _refused(
        "request id from the problem", json_answer({"request_id": "r"}, 409), ConflictError, request_id="r", kept=True
    ),
    _refused("200 HTML", _html(200), StreamProtocolError, "200", "text/html", status_code=200),
    _refused("200 JSON", json_answer(chat_response()), StreamProtocolError, "application/json", "chat()", kept=True),
    *(
        _refused(f"200 {name}", json_answer(body), StreamServerError, "200", "quota exceeded", kept=True, code=code)
        for name, body, code in (
            ("JSON with an error that is a text", {"error": "quota exceeded"}, None),
            (
                "JSON with an error that is an object",
                {"error": {"message": "quota exceeded", "code": "quota"}},
                "quota",
            ),
            ("problem", problem(429, "quota", detail="quota exceeded"), "quota"),
        )
    ),
    _refused("200 without a content type", Answer(), StreamProtocolError, "no content type", kept=True),
    _refused(
        "200 text that repeats the token",
        Answer(pieces=[b"no such token: t0k3n"], end=End.STALL),
        StreamProtocolError,
        "beginning with 'no such token: ***",
    ),
    _refused("201 with a stream", stream_answer(status=201), StreamProtocolError, "201"),
    _refused("204", Answer(status=204, framing="length", announced=0), StreamProtocolError, "204", status_code=204),
    _refused(
        "brotli",
        stream_answer(headers={"Content-Type": "text/event-stream", "Content-Encoding": "br"}),
        StreamProtocolError,
        "'br'",
    ),
    _refused(
        "redirect",
        Answer(status=307, headers={"Location": "https://login.example.com/in?next=secret"}),
        InvalidResponseError,
        "307",
        "https://login.example.com/in;",
        "not followed",
        status_code=307,
    ),
    _refused("redirect to nowhere", Answer(status=302), InvalidResponseError, "302", status_code=302),
    _refused("no answer, FIN", no_answer(End.FIN), GPOConnectionError, "connection closed", attempts=1),
    _refused("no answer, RST", no_answer(End.RESET), GPOConnectionError, "connection reset", attempts=1),
    _refused(
        "half a head",
        Answer(framing="raw", pieces=[b"HTTP/1.1 200 OK\r\nContent-"], end=End.FIN),
        GPOConnectionError,
        "connection closed",
    ),
    _refused(
        "no HTTP",
        Answer(framing="raw", pieces=[b"220 mail.example.com ESMTP\r\n\r\n"], end=End.STALL),
        GPOConnectionError,
        "proper HTTP",
    ),
)
