"""Ids of events: which are new, which are known, which follow, and where one is missing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import StreamingChunk
from gpo_client.sse.chunks import LineChunkDecoder, chunk_decoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, Malformed
from gpo_client.sse.sequence import EventCheck, EventSequence
from gpo_client.text.record import StreamRecord
from tests.streaming.decoding import Reading, data_of, event, read

#: What no contract id looks like: no number, a number written otherwise, a number too long to count with.
OPAQUE = [
    b"0-1", b"7", b"m:", b"m:x", b"m:0", b"m:2", b"m:007", b"m:-1", b"m:+1", b"m: 1", b"m:1 ", b"m:" + b"1" * 19,
    "m:٣".encode(), b"2026-11-28T01:20:31",
]  # fmt: skip

PREFIXES = [b"m", b"", b"a:b", "é".encode(), b"\xff"]


def accepted(*ids: bytes) -> EventSequence:
    """A sequence that has accepted these."""
    sequence = EventSequence()
    for event_id in ids:
        sequence.accept(event_id)
    return sequence


@pytest.mark.parametrize("prefix", PREFIXES)
@given(steps=st.lists(st.just(1) | st.integers(-3, 9), max_size=30))
def test_numbers_are_read_once_and_in_order(prefix: bytes, steps: Sequence[int]) -> None:
    """Once ids count, of any order of arrival what is judged new counts up from 1; lower is a repeat, higher a gap."""
    sequence, last = accepted(b"%b:1" % prefix), 1
    assert sequence.first == sequence.last
    for step in steps:
        number = max(last + step, 1)
        event_id = b"%b:%d" % (prefix, number)
        assert sequence.knows(event_id) == (number <= last)
        assert sequence.expects(event_id) == (number == last + 1)
        check = sequence.judge(event_id)
        if number == last + 1:
            assert check is EventCheck.NEW
            sequence.accept(event_id)
            last = number
        else:
            assert check is (EventCheck.REPEATED if number <= last else EventCheck.GAP)
    assert sequence.last_event_id == f"{prefix.decode('utf-8', 'replace')}:{last}"


def test_nothing_yet() -> None:
    """Before the first event there is nothing to continue from, and no reason not to be able to."""
    sequence = EventSequence()
    assert (sequence.last_event_id, sequence.resume_after, sequence.resumable) == (None, None, True)
    assert (sequence.is_counted, sequence.is_stepped_back) == (False, False)
    assert not any(asked(b"") for asked in (sequence.knows, sequence.expects, sequence.foresees))
    assert not sequence.foresees(b"1")
    sequence.step_back()
    assert sequence.resume_after is None


@pytest.mark.parametrize("first", [b"m:2", b"m:10", b"m:" + b"9" * 18])
def test_a_beginning_that_is_none(first: bytes) -> None:
    """The contract's ids begin with 1: another number lacks its beginning, if the chunk says that it counts."""
    told, silent = StreamingChunk(metadata={"message_id": "m"}), StreamingChunk(metadata={"message_id": "n"})
    assert EventSequence().lacks_beginning(first, told)
    odd = StreamingChunk(metadata={"message_id": "\ufffd"})
    assert EventSequence().lacks_beginning(first.replace(b"m", b"\xff"), odd)
    assert not EventSequence().lacks_beginning(b"m:1", told)
    assert not any(EventSequence().lacks_beginning(first, chunk) for chunk in (silent, StreamingChunk()))
    assert not accepted(b"m:1").lacks_beginning(first, told)


@pytest.mark.parametrize("other", [b"n:2", b"n:1", b"n:3", b":2", b"mm:2", b"0-1", b"m:02", b"m"])
def test_an_id_of_another_kind(other: bytes) -> None:
    """Ids do not count after all: none of those before or after it is a gap any more, and all are remembered."""
    sequence = accepted(b"m:1", b"m:2")
    assert sequence.judge(other) is EventCheck.NEW
    assert not sequence.expects(other)
    sequence.accept(other)
    assert not sequence.is_counted
    assert sequence.judge(b"m:9") is EventCheck.NEW
    assert [sequence.knows(each) for each in (b"m:1", b"m:2", other, b"m:3")] == [True, True, True, False]
    assert sequence.resumable


@pytest.mark.parametrize("first", OPAQUE)
def test_opaque_ids(first: bytes) -> None:
    """Of other servers' ids any may come next on a connection; each is known once it has come."""
    sequence = accepted(first)
    for other in (b"whatever", b"m:5", first):
        assert sequence.judge(other) is EventCheck.NEW
    assert (sequence.is_counted, sequence.knows(first), sequence.knows(b"whatever")) == (False, True, False)
    sequence.accept(b"whatever")
    assert sequence.resumable
    sequence.accept(first)
    assert sequence.resumable is False  # after which of the two?


@pytest.mark.parametrize(
    ("ids", "is_sure"),
    [
        *(((first,), True) for first in (b"m:1", b"m1:1", b"\xff:1")),
        *(((first,), False) for first in (b":1", b"0:1", b"1732752000:1", b"2026-11-28T01:1", b"m:2", b"x")),
        ((b"m:1", b"x"), False),
        ((), False),
    ],
)
def test_what_surely_counts(ids: Sequence[bytes], is_sure: bool) -> None:
    """Not what may be a time, a partition or a serial number."""
    assert accepted(*ids).is_surely_counted is is_sure


@pytest.mark.parametrize(
    ("ids", "following"),
    [
        ((b"1",), b"2"),
        ((b"9",), b"10"),
        ((b"1", b"2"), b"3"),
        ((b"0", b"10"), b"20"),
        ((b"0:42", b"0:43"), b"0:44"),
        ((b"e-7-x", b"e-8-x"), b"e-9-x"),
        ((b"1-9", b"2-0"), b"2-1"),
    ],
)
def test_the_id_that_follows(ids: Sequence[bytes], following: bytes) -> None:
    """As the last two follow each other."""
    sequence = accepted(*ids)
    assert sequence.foresees(following)
    assert not any(sequence.foresees(other) for other in (*ids, following + b"0", b"", b"x"))


@pytest.mark.parametrize("ids", [(b"b", b"c"), (b"x",), (b"9", b"8"), (b"7", b"7"), (b"1" * 19,)])
def test_ids_that_nothing_follows(ids: Sequence[bytes]) -> None:
    """Words, and numbers that count down or stand still."""
    assert not any(accepted(*ids).foresees(other) for other in (b"", b"d", b"1", b"7", b"9", b"10"))


@pytest.mark.parametrize("digits", [1, 18])
def test_numbers_of_many_digits(digits: int) -> None:
    """Are counted with, as long as they are fewer than 19."""
    sequence = accepted(b"m:1")
    assert sequence.judge(b"m:" + b"9" * digits) is EventCheck.GAP
    assert sequence.judge(b"m:" + b"9" * 19) is EventCheck.NEW


def test_no_id_is_known_that_never_came() -> None:
    """Also when ids stop counting, and those that came are known by themselves from then on."""
    sequence = accepted(b"m:1", b"m:2", b"x")
    assert [sequence.knows(each) for each in (b"m:0", b"m:1", b"m:2", b"m:3")] == [False, True, True, False]


def test_a_step_back() -> None:
    """One event earlier, until another one is accepted; before the first there is the beginning."""
    sequence = accepted(b"x", b"y")
    sequence.step_back()
    assert (sequence.resume_after, sequence.last_event_id, sequence.is_stepped_back) == ("x", "y", True)
    sequence.accept(b"z")
    assert (sequence.resume_after, sequence.is_stepped_back) == ("z", False)
    for first in (b"x", b"m:1"):
        sequence = accepted(first)
        sequence.step_back()
        assert sequence.resume_after is None


@pytest.mark.parametrize("count", [1, 2, 9])
def test_a_step_back_over_events_that_came_together(count: int) -> None:
    """One event earlier, also if nobody looked at each."""
    sequence = accepted(b"m:1")
    sequence.advance(count)
    sequence.step_back()
    assert (sequence.resume_after, sequence.last_event_id) == (f"m:{count}", f"m:{count + 1}")


def test_of_very_many_ids_some_are_known() -> None:
    """Of a very long stream the first ids and the last two are known."""
    sequence = accepted(*(b"%d-x" % number for number in range(20_000)))
    assert all(sequence.knows(b"%d-x" % number) for number in (0, 9_999, 19_998, 19_999))
    assert not any(sequence.knows(b"%d-x" % number) for number in (10_000, 15_000))
    assert sequence.resumable


def test_ids_that_are_no_utf_8() -> None:
    """They are compared as bytes, and shown as far as they can be."""
    sequence = accepted(b"\xff:1")
    assert not sequence.expects(b"\xfe:2")
    assert sequence.expects(b"\xff:2")
    assert sequence.last_event_id == "\ufffd:1"


# --- The ids of a stream's events: over all its connections, each event is read once and none is missing.

ANSWER = [event(f"m:{number}", content=text) for number, text in enumerate("abc", 1)]


def connected(*connections: bytes) -> tuple[list[str | None], Reading]:
    """The contents that came over all connections, and the reading of the last."""
    record, readings = StreamRecord(lambda: 0.0), list[Reading]()
    for data in connections:
        readings.append(read(EventChunkDecoder(None, record.sequence, record.past), [data]))
        record.add(readings[-1].chunks)
    return [text for reading in readings for text in reading.texts], readings[-1]


@pytest.mark.parametrize(
    ("first", "second", "found", "last"),
    [
        (b"", event("m:2", content="b", metadata={"message_id": "m"}), "m:2", "the beginning"),
        (ANSWER[0], ANSWER[2], "m:3", "m:1"),
        (ANSWER[0] + ANSWER[1], event("m:10", is_complete=True), "m:10", "m:2"),
    ],
)
def test_missing_events_are_noticed(first: bytes, second: bytes, found: str, last: str) -> None:
    """On the same connection or the next: a text with a hole is worse than none."""
    for connections in ([first, second], [first + second]):
        _, reading = connected(*connections)
        assert reading.end == Malformed(f"events are missing: {found!r} came after {last!r}")


@pytest.mark.parametrize("second", ["other:2", "opaque", "m:02", "n:1", "17"])
def test_ids_of_another_form_are_no_verdict_on_their_own_connection(second: str) -> None:
    """They show that ids do not count here; only over a new connection they may be those of another answer."""
    texts, reading = connected(ANSWER[0] + event(second, content="b") + event("m:9", is_complete=True))
    assert (texts, reading.end, reading.last_event_id) == (["a", "b", None], Complete(), "m:9")
    texts, reading = connected(ANSWER[0], event(second, content="b"))
    assert texts == ["a"]
    assert isinstance(reading.end, Malformed)
    assert repr(second) in reading.end.detail


@pytest.mark.parametrize("start", ["id\n", "id:\n", ""])
def test_event_without_an_id_of_its_own_is_read(start: str) -> None:
    """At the beginning or after others, emptied or never set; but the stream cannot be resumed any more."""
    sequence = EventSequence()
    decoder = EventChunkDecoder(None, sequence)
    data = start.encode() + event(content="a")
    reading = read(decoder, [data])
    assert (reading.texts, reading.last_event_id, sequence.resumable) == (["a"], None, False)
    reading = read(EventChunkDecoder(), [ANSWER[0] + data + ANSWER[1]])
    assert (reading.texts, reading.last_event_id) == (["a", "a", "b"], "m:2")


def test_events_that_are_no_chunks_need_no_id() -> None:
    """Nobody would miss them."""
    sequence = EventSequence()
    read(EventChunkDecoder(None, sequence), [ANSWER[0], b"event: ping\ndata: 1\n\n", b": heartbeat\n\n"])
    assert sequence.resumable
    assert read(EventChunkDecoder(None, sequence), [ANSWER[1], data_of("[DONE]")]).end == Complete()
    assert sequence.resumable


@pytest.mark.parametrize("primer", [b"id: m:1\ndata:\n\n", b"id: m:1\ndata:   \n\n", b"id: m:1\n\n"])
def test_the_id_of_an_event_without_data_is_noted(primer: bytes) -> None:
    """With blank data, or with none at all: what follows it has the next number."""
    texts, last = connected(primer + event("m:2", content="a"), event("m:3", is_complete=True))
    assert (texts, last.end, last.last_event_id) == (["a", None], Complete(), "m:3")
    assert connected(primer)[1].last_event_id == "m:1"


def test_lines_have_no_ids() -> None:
    """A stream of lines cannot be resumed once it has given a chunk; blank lines are none."""
    sequence = EventSequence()
    decoder = chunk_decoder("application/jsonl", None, sequence)
    assert isinstance(decoder, LineChunkDecoder)
    decoder.feed(b"\n \n")
    assert sequence.resumable
    decoder.feed(b"{}\n")
    assert not sequence.resumable
    assert decoder.last_event_id is None


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "numbers", [b"2", b"2 3", b"9 10 11", b"99 100", b"999 1000 1001", b"1000", b"1999 2000", b"999999 1000000 1000001"]
)
def test_the_next_ids(numbers: bytes, prefix: bytes) -> None:
    """Each on a line, after what is to stand before it."""
    first, *more = numbers.split()
    sequence = accepted(prefix + b":1")
    sequence.advance(int(first) - 2)
    written = b"\n".join(b"id: " + prefix + b":" + number for number in (first, *more))
    assert sequence.next_ids(1 + len(more), b"id: ") == written


@given(last=st.integers(0, 3000) | st.integers(999_000, 1_001_000), count=st.integers(1, 2500))
def test_the_next_ids_are_those_that_come_one_by_one(last: int, count: int) -> None:
    """However many are asked for, and wherever the digits carry over."""
    sequence = EventSequence()
    sequence.accept(b"m:1")
    sequence.advance(last)
    numbers = range(last + 2, last + 2 + count)
    # Not compared by pytest: how thousands of lines differ takes it minutes to tell.
    is_same = sequence.next_ids(count, b"id: ") == b"\n".join(b"id: m:%d" % number for number in numbers)
    assert is_same
