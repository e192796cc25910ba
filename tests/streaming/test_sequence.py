"""Exactly once, whatever is repeated and whatever is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.streaming.sequence import EventSequence, Verdict

#: What no contract id looks like: no number, a number written otherwise, a number too long to count with.
OPAQUE = [
    b"0-1",
    b"7",
    b"m:",
    b"m:x",
    b"m:0",
    b"m:007",
    b"m:-1",
    b"m:+1",
    b"m: 1",
    b"m:1 ",
    b"m:" + b"1" * 19,
    "m:٣".encode(),
]

PREFIXES = st.sampled_from([b"m", b"", b"a:b", "é".encode(), b"\xff"])


def accepted(*ids: bytes) -> EventSequence:
    """A sequence that has accepted these."""
    sequence = EventSequence()
    for event_id in ids:
        sequence.accept(event_id)
    return sequence


@given(prefix=PREFIXES, wild=st.lists(st.integers(1, 12), max_size=60))
def test_numbers_are_read_once_and_in_order(prefix: bytes, wild: Sequence[int]) -> None:
    """Of any order of arrival, what is judged new counts up from 1; lower is a repeat, higher a gap."""
    sequence, last = EventSequence(), 0
    for number in wild:
        event_id = b"%b:%d" % (prefix, number)
        verdict = sequence.judge(event_id)
        if number == last + 1:
            assert verdict is Verdict.NEW
            sequence.accept(event_id)
            last = number
        else:
            assert verdict is (Verdict.REPEATED if number <= last else Verdict.GAP)
    assert sequence.last_event_id == (f"{prefix.decode('utf-8', 'replace')}:{last}" if last else None)


@given(count=st.integers(1, 30), connections=st.lists(st.integers(0, 30), max_size=8))
def test_connections_that_repeat_anything(count: int, connections: Sequence[int]) -> None:
    """Each connection may begin as far back as it likes: nothing is read twice, nothing is left out."""
    sequence, read = EventSequence(), list[int]()
    for start in [*connections, 0]:
        sequence.begin_connection()
        for number in range(min(start, len(read)) + 1, count + 1):
            if sequence.judge(b"m:%d" % number) is Verdict.NEW:
                sequence.accept(b"m:%d" % number)
                read.append(number)
    assert read == list(range(1, count + 1))


def test_nothing_yet() -> None:
    """Before the first event there is nothing to continue from, and no reason not to be able to."""
    assert (EventSequence().last_event_id, EventSequence().resumable) == (None, True)


@pytest.mark.parametrize("first", [b"m:2", b"m:10", b"m:" + b"9" * 18])
def test_a_beginning_that_is_none(first: bytes) -> None:
    """The contract's ids begin with 1."""
    assert EventSequence().judge(first) is Verdict.GAP


@pytest.mark.parametrize("other", [b"n:2", b"n:1", b"n:3", b":2", b"mm:2", b"0-1", b"m:02", b"m"])
def test_another_answer(other: bytes) -> None:
    """An id of another answer, or of another kind, never continues this one."""
    assert accepted(b"m:1").judge(other) is Verdict.GAP


@pytest.mark.parametrize("first", OPAQUE)
def test_opaque_ids(first: bytes) -> None:
    """Of other servers' ids any may come next; the last one again is a repeat where a connection begins."""
    sequence = EventSequence()
    assert sequence.judge(first) is Verdict.NEW
    sequence.accept(first)
    assert sequence.judge(b"whatever") is Verdict.NEW
    assert sequence.judge(b"m:5") is Verdict.NEW
    sequence.begin_connection()
    assert sequence.judge(first) is Verdict.REPEATED
    assert sequence.judge(b"whatever") is Verdict.NEW
    sequence.accept(b"whatever")
    assert sequence.judge(first) is Verdict.NEW  # on the same connection nothing is known of earlier ones
    assert sequence.resumable


def test_one_id_for_all_events() -> None:
    """A server that does not count: every event is new, and where to go on cannot be told."""
    sequence = accepted(b"x")
    assert sequence.judge(b"x") is Verdict.NEW
    sequence.accept(b"x")
    assert not sequence.resumable


def test_ids_that_are_no_utf_8() -> None:
    """They are compared as bytes, and shown as far as they can be."""
    sequence = accepted(b"\xff:1")
    assert sequence.judge(b"\xfe:2") is Verdict.GAP
    assert sequence.judge(b"\xff:2") is Verdict.NEW
    assert sequence.last_event_id == "\ufffd:1"
