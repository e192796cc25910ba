"""Answers as they are read: inflated, in whatever charset, large ones aside, and those that are none."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from gpo_client.exceptions import (
    APIStatusError,
    GPOClientError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidResponseError,
)
from gpo_client.flows import call as calls
from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import Compute, Effect, Failure, FailureKind, Flow, Opened, Pause, Read
from gpo_client.flows.error_mapping import ErrorContext, status_error
from gpo_client.flows.response import Body
from gpo_client.operations import chat
from tests.support.events import chat_response
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation
from tests.support.question import CONTEXT, QUESTION, SESSION

MIB = 1024 * 1024
_BROKEN = "the response breaks the contract at $"
_JSON, _TEXT = {"content-type": "application/json"}, {"content-type": "text/plain"}
_GZIP = {**_JSON, "content-encoding": "gzip"}


def _run(body: bytes, fields: dict[str, str], **settings: Any) -> Run:
    turn = Turn(body=body, fields={"x-request-id": "theirs", **fields})
    simulation = FlowSimulation(FlowServer(whole=[turn]), **settings)
    return simulation.run(calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))


def _answer(text: str, charset: str = "utf-8") -> bytes:
    return json.dumps(chat_response(text), ensure_ascii=False).encode(charset)


@pytest.mark.parametrize(
    "fields",
    [_JSON, _TEXT, {"content-type": ""}, {"content-type": "application/octet-stream"}, {"content-type": "a/b+json"}],
    ids=lambda fields: fields["content-type"],
)
@pytest.mark.parametrize("size", [1, 20_000])
def test_answers(fields: dict[str, str], size: int) -> None:
    """Whatever they are called, if they are JSON; large ones are the same."""
    run = _run(_answer("a" * size), fields)
    assert (run.error, run.result.message_content) == (None, "a" * size)
    assert (run.result.request_id, run.result.response_headers["x-request-id"]) == ("theirs", "theirs")


def test_answers_in_another_charset() -> None:
    """Which their media type names."""
    body = _answer("\u0416", "windows-1251")
    assert _run(body, {"content-type": "application/json; charset=windows-1251"}).result.message_content == "\u0416"
    assert _run(body, _JSON).result.message_content == "\ufffd"


_WHOLE = _answer("\u00e9")


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (_GZIP, gzip.compress(_WHOLE)),
        (_GZIP, gzip.compress(_WHOLE[:9]) + gzip.compress(_WHOLE[9:])),
        ({**_JSON, "content-encoding": "deflate"}, zlib.compress(_WHOLE)),
        *(({**_JSON, "content-encoding": coding}, _WHOLE) for coding in ("identity", "none")),
        *((_JSON, body) for body in (b"\n" + _WHOLE + b"\n", b"\xef\xbb\xbf" + _WHOLE)),
        ({"content-type": "Application/JSON; charset=utf-16"}, _answer("\u00e9", "utf-16")),
        (_JSON, _WHOLE[:-1] + b', "x": NaN, "x": 1e400, "y": "\\ud800"}'),
    ],
)
def test_whole_answers_however_they_are_written(fields: dict[str, str], body: bytes) -> None:
    """What the contract, or HTTP, allows, and what does not change the answer."""
    run = _run(body, fields)
    assert (run.error, run.result.message_content) == (None, "\u00e9")


@pytest.mark.parametrize(
    ("fields", "body", "message", "path"),
    [
        ({"content-type": "text/html"}, b"<p>", "chat was answered with 200 and text/html instead of JSON", None),
        ({"content-type": ""}, b"<p>", "chat was answered with 200 and no content instead of JSON", None),
        (_TEXT, b"", "chat was answered with 200 and text/plain instead of JSON", None),
        (_JSON, b"", "the response is no JSON: Input data was truncated", None),
        (_JSON, _WHOLE[:-1], "the response is no JSON: Input data was truncated", None),
        (_JSON, b"{} {}", "the response is no JSON: JSON is malformed: trailing characters (byte 4)", None),
        (_JSON, b"[" * 5000, "the response is no JSON: it is nested too deeply", None),
        (
            _GZIP,
            b"{}",
            "the compressed body is damaged: Error -3 while decompressing data: incorrect header check",
            None,
        ),
        *(
            (
                {**_JSON, "content-encoding": coding},
                b"{}",
                f"the body is encoded with '{coding}', which was not asked for",
                None,
            )
            for coding in ("br", "gzip, br")
        ),
        (_TEXT, b'{"message_id": []}', f"{_BROKEN}.message_id: Expected `str`, got `array`", "$.message_id"),
        (_JSON, b'{"error": "busy"}', f"{_BROKEN}: Object has none of the fields of ChatResponse: busy", "$"),
        *(
            (
                _JSON,
                b'{"error": "busy"}'.ljust(size),
                f"{_BROKEN}: Object has none of the fields of ChatResponse{told}",
                "$",
            )
            for size, told in ((64 * 1024, ": busy"), (64 * 1024 + 1, ""))
        ),
    ],
    ids=lambda case: str(case)[:40],
)
def test_answers_that_are_none(fields: dict[str, str], body: bytes, message: str, path: str | None) -> None:
    """What came in their place, or where they break the contract."""
    error = _run(body, fields).error
    assert isinstance(error, InvalidResponseError)
    assert (error.message, error.path) == (message, path)
    assert (error.status_code, error.request_id, error.attempts) == (200, "theirs", 1)
    assert error.elapsed == 0.0


@pytest.mark.parametrize("missing", [1, 8, 60])
def test_a_part_of_what_was_compressed(missing: int) -> None:
    """Whose length is the one that was announced, so that nothing but the format tells."""
    error = _run(gzip.compress(_answer("a"))[:-missing], _GZIP, max_retries=0).error
    assert type(error) is GPOConnectionError
    assert "closed before the response was complete" in str(error)


@pytest.mark.parametrize("core", [b"", b"NaN"])
def test_answers_of_any_depth(core: bytes) -> None:
    """Up to the end of the stack and beyond: they are read or refused, and nothing of Python's own comes out."""
    depths = (*range(20, 900, 40), *range(900, 1010), 100_000)
    bodies = (_answer("a")[:-1] + b', "x": ' + b"[" * depth + core + b"]" * depth + b"}" for depth in depths)
    errors = [_run(body, _JSON).error for body in bodies]
    assert {type(error) for error in errors} == {type(None), InvalidResponseError}
    assert (errors[0], type(errors[-1])) == (None, InvalidResponseError)


@pytest.mark.parametrize("body", [b"[" + b"0," * 30_000 + b"0]", b"{" + b'"":1,' * 30_000 + b'"":1}'], ids=len)
def test_answers_of_many_values(body: bytes) -> None:
    """They are cheap to send and dear to read."""
    error = _run(body, _JSON, max_response_bytes=200_000).error
    assert isinstance(error, InvalidResponseError)
    assert error.message == (
        "the response has more values than max_response_bytes allows, which is one for each 128 bytes of it"
    )


def test_how_long_an_answer_may_be() -> None:
    """To the byte."""
    body = _answer("a")
    assert _run(body, _JSON, max_response_bytes=len(body)).error is None
    error = _run(body, _JSON, max_response_bytes=len(body) - 1).error
    assert isinstance(error, InvalidResponseError)
    words = f"the response is longer than max_response_bytes ({len(body) - 1}); raise that if it is to be expected"
    assert error.message == words


@pytest.mark.parametrize("status", [200, 500])
def test_the_configured_timeout(status: int) -> None:
    """It counts where the call says nothing; a body that does not come does not hide its status."""
    turn = Turn(status=status, latency=3.0, keep=2, stop=Stop.STALL)
    simulation = FlowSimulation(FlowServer(whole=[turn]), timeout=7.0, max_retries=0)
    run = simulation.run(calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))
    assert run.elapsed == 7.0
    assert run.error is not None
    assert run.error.status_code == (None if status == 200 else 500)


@pytest.mark.parametrize("outcome", ["read in time", "read too late", "given up"])
def test_reading_counts(outcome: str) -> None:
    """The time that it takes to read a large answer is part of the call's; the driver need not wait longer."""
    now = 0.0
    active: Any = SimpleNamespace(error_context=ErrorContext(base_url="https://gpo.example.com"))
    flow = vars(calls)["_read_aside"](active, lambda: "an answer", Deadline(lambda: now, 3.0))
    effect = next(flow)
    assert (effect.timeout, effect.work()) == (3.0, "an answer")
    now = 2.9 if outcome == "read in time" else 3.0
    with pytest.raises(StopIteration) as stop:
        flow.send(Failure(FailureKind.TIMEOUT) if outcome == "given up" else "an answer")
    if outcome == "read in time":
        assert stop.value.value == "an answer"
    else:
        error, words = stop.value.value.error, "timeout while waiting for the server"
        assert isinstance(error, GPOTimeoutError)
        assert str(error).endswith(f": {words} (the response came, but reading it took too long)")


def _noted(flow: Flow[Any], seen: list[Compute[Any]], *, is_late: bool) -> Flow[Any]:
    """A flow, whose computations are noted, and take too long if they are late."""
    outcome: Any = None
    while True:
        try:
            effect = flow.send(outcome)
        except StopIteration as stop:
            return stop.value
        if isinstance(effect, Compute):
            seen.append(effect)
        outcome = Failure(FailureKind.TIMEOUT) if is_late and isinstance(effect, Compute) else (yield effect)


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(("size", "is_large"), [(16 * 1024, False), (16 * 1024 + 1, True)])
def test_large_answers_are_read_aside(size: int, *, is_large: bool, is_late: bool) -> None:
    """Within the time that the call has left."""
    body = _answer("a")
    turn = Turn(body=body + b" " * (size - len(body)), latency=2.0)
    simulation, seen = FlowSimulation(FlowServer(whole=[turn]), timeout=5.0, max_retries=0), list[Compute[Any]]()
    flow = calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})
    run = simulation.run(_noted(flow, seen, is_late=is_late))
    assert [effect.timeout for effect in seen] == [3.0] * is_large
    assert isinstance(run.error, GPOTimeoutError) == (is_large and is_late)


@pytest.mark.parametrize(("size", "is_large"), [(16 * 1024, False), (16 * 1024 + 1, True)])
def test_large_refusals_are_read_aside(size: int, *, is_large: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, however long that takes: a body must not hide its status."""
    errors, seen = list[GPOClientError](), list[Compute[Any]]()

    def read(*given: Any) -> GPOClientError:
        errors.append(status_error(*given))
        return errors[-1]

    monkeypatch.setattr(calls, "status_error", read)
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=403, body=b'{"detail": "no"}'.ljust(size))]))
    flow = calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})
    assert [simulation.run(_noted(flow, seen, is_late=False)).error] == errors
    assert [effect.timeout for effect in seen] == [None] * is_large


@pytest.mark.parametrize(("size", "is_long"), [(4096, False), (4097, True)])
def test_secrets_of_long_errors_are_looked_for_aside(size: int, *, is_long: bool) -> None:
    """And to the end: the error is the caller's."""
    seen, body = list[Compute[Any]](), json.dumps({"detail": "k3y-s3cr3t".rjust(size, "x")}).encode()
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=403, body=body)]), api_key="k3y-s3cr3t")
    flow = calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})
    error = simulation.run(_noted(flow, seen, is_late=False)).error
    assert isinstance(error, APIStatusError)
    assert error.problem is not None
    assert error.problem.detail == "**********".rjust(size, "x")
    assert [(effect.timeout, effect.may_be_left) for effect in seen] == [(None, False)] * is_long


def test_what_is_no_json_is_not_waited_for() -> None:
    """Of a stream of anything there may be no end. Who expects nothing takes whatever comes."""
    turn = Turn(fields={"content-type": "text/html"}, body=b"<p>", keep=1, stop=Stop.STALL)
    simulation = FlowSimulation(FlowServer(whole=[turn], session=[attrs.evolve(turn, stop=Stop.END)]))
    run = simulation.run(calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {}))
    assert isinstance(run.error, InvalidResponseError)
    assert run.elapsed == 0.0
    ended = attrs.evolve(chat.create_session(SESSION), decoder=None)
    assert simulation.run(calls.call_flow(simulation.runtime, ended, {})).error is None


@pytest.mark.parametrize("status", [300, 302, 399])
def test_redirects(status: int) -> None:
    """Each status that is neither success nor failure."""
    simulation = FlowSimulation(FlowServer(whole=[Turn(status=status, latency=2.0)]))
    error = simulation.run(calls.call_flow(simulation.runtime, chat.chat(CONTEXT, QUESTION), {})).error
    assert isinstance(error, InvalidResponseError)
    assert (error.status_code, error.elapsed) == (status, 2.0)
    assert f" redirects ({status}) to " in error.message


def _effects(body: Body, *data: bytes) -> Iterator[tuple[Effect[Any], int]]:
    """What a body asks for while it is read to its end, each with the bytes that it has given since."""
    sent = iter((*data, b""))
    given = 0
    while True:
        flow: Flow[Any] = body.read(5.0)
        outcome: Any = None
        while True:
            try:
                effect = flow.send(outcome)
            except StopIteration as stop:
                if stop.value == b"":
                    return
                given += len(stop.value or b"")
                break
            yield effect, given
            given = 0
            outcome = next(sent) if isinstance(effect, Read) else None


def test_members_of_nothing_let_others_have_their_turn() -> None:
    """Gzip may have any number of them in a read, and none of them gives a byte."""
    effects = list(_effects(Body(Opened(200, {"content-encoding": "gzip"})), gzip.compress(b"") * 10_000))
    assert sum(isinstance(effect, Pause) for effect, _ in effects) >= 30


def test_inflating_lets_others_have_their_turn() -> None:
    """After each 64 KiB that no read has brought, in portions of 16 KiB that none of ours takes long to read."""
    effects = list(_effects(Body(Opened(200, {"content-encoding": "gzip"})), gzip.compress(b"\n" * MIB)))
    assert sum(given for _, given in effects) == MIB
    assert max(given for _, given in effects) <= 64 * 1024 + 16 * 1024
    assert sum(isinstance(effect, Pause) for effect, _ in effects) >= 13


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([65_535], [Read(5.0), Read(5.0)]),
        ([65_536], [Read(5.0), Pause(), Read(5.0)]),
        ([65_536, 65_535], [Read(5.0), Pause(), Read(5.0), Read(5.0)]),
    ],
    ids=str,
)
def test_when_others_have_their_turn(sizes: list[int], expected: list[Effect[Any]]) -> None:
    """To the byte, over all reads, each of which waits as long as it was told to."""
    body = Body(Opened(200, {"content-encoding": "gzip"}))
    assert [effect for effect, _ in _effects(body, *(gzip.compress(bytes(size)) for size in sizes))] == expected
