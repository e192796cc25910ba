"""The ids of a stream's events: over all its connections, each event is read once and none is missing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.sse.chunks import LineChunkDecoder, chunk_decoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, Malformed
from gpo_client.sse.sequence import EventSequence
from gpo_client.text.record import StreamRecord
from tests.streaming.decoding import Reading, data_of, event, read

ANSWER = [event(f"m:{number}", content=text) for number, text in enumerate("abc", 1)]
FINAL = event("m:4", is_complete=True)


def connected(*connections: bytes) -> tuple[list[str | None], Reading]:
    """The contents that came over all connections, and the reading of the last."""
    record, readings = StreamRecord(lambda: 0.0), list[Reading]()
    for data in connections:
        readings.append(read(EventChunkDecoder(None, record.sequence, record.past), [data]))
        record.add(readings[-1].chunks)
    return [text for reading in readings for text in reading.texts], readings[-1]


@pytest.mark.parametrize("received", range(4))
@pytest.mark.parametrize("repeated", range(4))
def test_events_come_once_over_two_connections(received: int, repeated: int) -> None:
    """A server that goes further back than it was asked to repeats nothing for the user."""
    again = ANSWER[max(received - repeated, 0) :]
    texts, last = connected(b"".join(ANSWER[:received]), b"".join([*again, FINAL]))
    assert texts == ["a", "b", "c", None]
    assert (last.end, last.last_event_id) == (Complete(), "m:4")


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


@pytest.mark.parametrize(
    "ids", [("2026-11-28T01:20:31", "2026-11-28T01:20:33"), ("0:42", "0:43"), ("9:1", "9:2", "10:1")]
)
def test_opaque_ids_with_colons(ids: tuple[str, ...]) -> None:
    """Times, partitions with offsets, seconds with a count: none says that an event is missing."""
    texts, last = connected(b"".join(event(each, content=each) for each in ids) + data_of("[DONE]"))
    assert (texts, last.end, last.last_event_id) == ([*ids, None], Complete(), ids[-1])


@pytest.mark.parametrize("first", ["m:1", "x", "7"])
def test_one_id_for_all_events(first: str) -> None:
    """Their texts differ, so they are no repeats; where to go on cannot be told."""
    sequence = EventSequence()
    reading = read(EventChunkDecoder(None, sequence), [event(first, content=text) for text in "abb"])
    assert (reading.texts, sequence.resumable) == (["a", "b", "b"], False)


def test_opaque_ids_are_taken_as_they_are() -> None:
    """Of ids that do not count, only the last one is known when it comes again."""
    texts, last = connected(event("x", content="a") + event("y", content="b"), event("y", content="b") + event("z"))
    assert texts == ["a", "b", None]
    assert last.last_event_id == "z"


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


@given(last=st.integers(0, 3000) | st.integers(999_000, 1_001_000), count=st.integers(1, 2500))
def test_the_next_ids_are_those_that_come_one_by_one(last: int, count: int) -> None:
    """However many are asked for, and wherever the digits carry over."""
    sequence = EventSequence()
    sequence.accept(b"m:1")
    sequence.advance(last)
    numbers = range(last + 2, last + 2 + count)
    assert sequence.next_ids(count, b"id: ") == b"\n".join(b"id: m:%d" % number for number in numbers)
