"""Answers taken apart side by side with h11: in whatever cut, and on connections that were kept alive."""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gpo_client.http.errors import ProtocolViolation
from tests.support.parts import examples
from tests.support.response_reading import Outcome, read


def by_h11(pieces: Iterable[bytes], kept: h11.Connection | None = None) -> Outcome:
    """The same by h11, on a connection that was kept alive or on a new one."""
    state = kept or h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="GET", target="/", headers=[("Host", "gpo.example.com")]))
    state.send(h11.EndOfMessage())
    status, body, error, is_complete = None, b"", None, False
    try:
        for piece in pieces:
            state.receive_data(piece)
            while not is_complete and (event := state.next_event()) is not h11.NEED_DATA:
                if isinstance(event, h11.Response):
                    status = event.status_code
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    is_complete = True
                elif event is h11.PAUSED:
                    break
    except h11.RemoteProtocolError as raised:
        error = type(raised)
    is_reusable = is_complete and state.their_state is h11.DONE and not state.trailing_data[0]
    return Outcome(status, body, error, is_complete, is_reusable)


_BODIES = st.binary(max_size=40) | st.sampled_from([b"\r\n", b"\r\n\r\n", b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
_STATUS = st.sampled_from([b"200 OK", b"204 No Content", b"304 Not Modified", b"404 Nope", b"500", b"99 x", b"1000 x"])
_FIELDS = st.sampled_from([
    b"X: y\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Content-Type: a/b\r\n",
    b"X\r\n", b" X: y\r\n",
    b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"X: \xff\r\n",
])  # fmt: skip


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """An answer, more or less proper, and what may follow it."""
    body = draw(_BODIES)
    framed = {
        "length": b"Content-Length: %d\r\n\r\n%b" % (len(body), body),
        "chunked": b"Transfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n"
        % b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:7], body[7:]) if part),
        "close": b"\r\n" + body,
    }[draw(st.sampled_from(["length", "chunked", "close"]))]
    interim = draw(st.sampled_from([b"", b"", b"HTTP/1.1 103 Hints\r\n\r\n"]))
    head = interim + b"HTTP/1.%d %b\r\n" % (draw(st.sampled_from([1, 1, 1, 0])), draw(_STATUS))
    data = (
        head + b"".join(draw(st.lists(_FIELDS, max_size=3))) + framed + draw(st.sampled_from([b"", b"", b"x", b"\r\n"]))
    )
    if draw(st.booleans()):  # damage
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 3)) :]
    return data


def _compare(data: bytes, marks: list[int], ends: bool, kept: h11.Connection | None = None) -> bool:
    """Hold ours against h11; whether the connection can be kept alive."""
    places = sorted({0, len(data), *(mark % (len(data) + 1) for mark in marks)})
    pieces = [data[a:b] for a, b in pairwise(places) if a < b] + ([b""] if ends else [])
    ours, theirs, at_once = read(pieces), by_h11(pieces, kept), read([data, *([b""] if ends else [])])
    note: Any = (pieces, ours, theirs)
    if ours.error is ProtocolViolation:
        assert theirs.body.startswith(ours.body), note  # ours is the stricter
        return False
    assert not (ours.is_reusable or at_once.is_reusable) or theirs.is_reusable, note
    if theirs.error is not None and ours.error is None:  # theirs looked at what came after the end
        assert ours.is_complete or ours.status is None, note
        return False
    assert (ours.status, ours.body, ours.is_complete) == (theirs.status, theirs.body, theirs.is_complete), note
    if at_once.error is None and ours.error is None:
        assert (ours.body, ours.is_complete) == (at_once.body, at_once.is_complete), note
        # A piece of nothing but line ends is not told from line ends that follow it, if it comes together with more.
        if not set(ours.body[-1:]) <= set(b"\r\n"):
            assert ours.is_reusable == at_once.is_reusable, note
    return ours.is_reusable


_MARKS = st.lists(st.integers(0, 400), max_size=6)
_EXAMPLES = int(os.environ.get("TEST_HTTP_EXAMPLES", "0")) or examples(2000)


@settings(max_examples=_EXAMPLES)
@given(messages(), _MARKS, st.booleans())
def test_beside_h11(data: bytes, marks: list[int], ends: bool) -> None:
    """For any bytes in any cut both give the same head, body and verdict, or ours is the stricter."""
    _compare(data, marks, ends)


@pytest.mark.slow
@settings(max_examples=40_000)
@given(messages() | st.binary(max_size=200).map(lambda noise: b"HTTP/1.1 200 OK\r\n" + noise), _MARKS, st.booleans())
def test_beside_h11_at_length(data: bytes, marks: list[int], ends: bool) -> None:
    """The same, more often, and with noise."""
    _compare(data, marks, ends)


_KEPT = st.lists(st.tuples(messages(), _MARKS), min_size=2, max_size=4)


def _compare_kept(answers: list[tuple[bytes, list[int]]]) -> None:
    state = h11.Connection(h11.CLIENT)
    for data, marks in answers:
        if not _compare(data, marks, False, state):
            return
        state.start_next_cycle()


@settings(max_examples=_EXAMPLES // 10)
@given(_KEPT)
def test_kept_alive_beside_h11(answers: list[tuple[bytes, list[int]]]) -> None:
    """A connection that is kept for another request is one that h11 keeps too, and what comes then is read alike."""
    _compare_kept(answers)


@pytest.mark.slow
@settings(max_examples=10_000)
@given(_KEPT)
def test_kept_alive_beside_h11_at_length(answers: list[tuple[bytes, list[int]]]) -> None:
    """The same, more often."""
    _compare_kept(answers)
