"""``max_event_bytes``: what is held is bounded, whatever never ends, and nothing before it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ServerSentEvent, SSEDecoder, StreamedResponse, StreamLimitError
from gpo_client.sse.chunks import LineChunkDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Oversized
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import EventParser, oversized_message
from tests.support.cutting import cut, cuts, one_by_one

LIMIT = 200

#: Things that never end, as the unit they repeat after a beginning.
ENDLESS = {
    "data line": (b"data: ", b"x"),
    "data lines": (b"", b"data: x\n"),
    "empty data lines": (b"", b"data\n"),
    "data lines of CRs": (b"", b"data: x\r"),
    "comment line": (b": ", b"x"),
    "id line": (b"id: ", b"x"),
    "field name": (b"", b"x"),
    "white space": (b"", b" "),
}
endless = pytest.mark.parametrize(("start", "unit"), ENDLESS.values(), ids=ENDLESS)


def held(parser: EventParser) -> int:
    """The bytes of the stream that a parser keeps."""
    return parser._lines.pending + sum(map(len, parser._data))


@endless
@pytest.mark.parametrize("kind", [EventParser, LenientEventParser])
@pytest.mark.parametrize("size", [1, 7, 90])
def test_endless_stream_is_held_within_the_limit_and_one_read(
    start: bytes, unit: bytes, kind: type[EventParser], size: int
) -> None:
    """In small pieces: the parser stops as soon as it holds too much, and then holds no more."""
    parser = kind(LIMIT)
    data = start + unit * 3 * LIMIT
    for portion in cut(data, range(size, len(data), size)):
        assert parser.feed(portion) == []
        assert held(parser) <= LIMIT + size
    assert parser.oversized
    assert parser.close() == []


@endless
def test_endless_stream_in_one_read(start: bytes, unit: bytes) -> None:
    """In one piece, the same streams are as much too large."""
    decoder = SSEDecoder(max_event_bytes=LIMIT)
    with pytest.raises(StreamLimitError, match="more than 200 bytes; raise max_event_bytes"):
        decoder.feed(start + unit * 3 * LIMIT)


@pytest.mark.parametrize("ending", [b"\n\n", b""])
def test_events_before_the_oversized_one_are_handed_out(ending: bytes) -> None:
    """The good events come first; from then on every call raises, the end of the stream included."""
    decoder = SSEDecoder(max_event_bytes=100)
    events = decoder.feed(b"id: 1\ndata: a\n\ndata: b\n\nid: 2\ndata: " + b"x" * 200 + ending)
    assert [event.data for event in events] == ["a", "b"]
    for _ in range(2):
        with pytest.raises(StreamLimitError) as caught:
            decoder.feed(b"data: c\n\n")
        assert (caught.value.last_event_id, caught.value.partial) == ("1", StreamedResponse())
    for _ in range(2):
        with pytest.raises(StreamLimitError):
            decoder.close()


def test_what_is_said_of_too_many_values() -> None:
    """How many there may be, and what that follows from."""
    said = "the server sent an event of more than 20000 values, as max_event_bytes (1000) allows; raise max_event_bytes"
    assert oversized_message(1000, 20_000) == f"{said} if it is to be expected"


def test_an_event_of_just_the_limit() -> None:
    """The line of an event counts with its field name; one byte more is too much."""
    assert SSEDecoder(max_event_bytes=10).feed(b"data: 1234\n\n" * 2) == [ServerSentEvent("1234")] * 2
    with pytest.raises(StreamLimitError):
        SSEDecoder(max_event_bytes=9).feed(b"data: 1234\n\n")


def test_many_events_are_not_one() -> None:
    """The limit is for an event; a stream may be as long as it likes, also in one read."""
    decoder = SSEDecoder(max_event_bytes=20)
    assert len(decoder.feed(b": heartbeat\n\nid: 1\ndata: hello\n\n" * 1000)) == 1000
    assert SSEDecoder().feed(b"data: " + b"x" * 10**6 + b"\n\n") == [ServerSentEvent("x" * 10**6)]


@given(
    lines=st.lists(
        st.sampled_from([b"", b"", b"data: 0123", b"data", b": 0123456789abc", b"id: 1", b"{}"]), max_size=20
    ),
    limit=st.integers(0, 40),
    positions=cuts,
)
@pytest.mark.parametrize("kind", [EventParser, LenientEventParser])
def test_the_same_event_is_too_large_however_it_is_cut(
    kind: type[EventParser], lines: list[bytes], limit: int, positions: list[int]
) -> None:
    """Whether a stream is within the limit does not depend on the network."""
    data = b"\r\n".join(lines)

    def read(portions: list[bytes]) -> tuple[object, bool]:
        parser = kind(limit)
        return [event for portion in portions for event in parser.feed(portion)], parser.oversized

    assert read(cut(data, positions)) == read([data]) == read(one_by_one(data))


@pytest.mark.parametrize("pieces", [1, 50])
def test_oversized_chunk_ends_a_stream_of_events(pieces: int) -> None:
    """The chunks before are handed out, ``end`` tells why there are no more, and no more is read."""
    data = b'data: {"content": "a"}\n\ndata: {"content": "' + b"x" * 300
    decoder = EventChunkDecoder(100)
    chunks = [
        chunk for portion in cut(data, range(0, len(data), len(data) // pieces)) for chunk in decoder.feed(portion)
    ]
    assert [chunk.content for chunk in chunks] == ["a"]
    assert decoder.end == Oversized()
    assert decoder.feed(b'"}\n\ndata: {"content": "b"}\n\n') == decoder.close() == []


def test_what_follows_an_event_is_no_part_of_it() -> None:
    """While the lines of an event are read in steps, the line that has just begun is another's."""
    decoder = EventChunkDecoder(100)
    chunks = decoder.feed(b'data: {"content":\ndata: "a"}\n\ndata: {"content": "' + b"b" * 70, 40)
    while decoder.is_behind:
        chunks += decoder.catch_up()
    chunks += decoder.feed(b'"}\n\n')
    assert ([chunk.content for chunk in chunks], decoder.end) == (["a", "b" * 70], None)


@pytest.mark.parametrize("pieces", [1, 50])
@pytest.mark.parametrize("ending", [b"", b"\n"])
@pytest.mark.parametrize("filler", [b"x", b" "])
def test_oversized_line_ends_a_stream_of_lines(pieces: int, ending: bytes, filler: bytes) -> None:
    """The same for a line, finished or not, blank or not."""
    data = b'{"content": "a"}\n' + filler * 300 + ending
    decoder = LineChunkDecoder(100)
    chunks = [
        chunk for portion in cut(data, range(0, len(data), len(data) // pieces)) for chunk in decoder.feed(portion)
    ]
    assert [chunk.content for chunk in chunks] == ["a"]
    assert decoder.end == Oversized()
    assert decoder.feed(b'\n{"content": "b"}\n') == decoder.close() == []


@pytest.mark.parametrize("kind", [EventChunkDecoder, LineChunkDecoder])
def test_nothing_is_held_after_the_end(kind: type[EventChunkDecoder | LineChunkDecoder]) -> None:
    """Whatever a server goes on sending after the last chunk takes no memory."""
    decoder = kind()
    line = b'{"is_complete": true}\n'
    decoder.feed(line if kind is LineChunkDecoder else b"data: " + line + b"\n")
    for _ in range(10):
        decoder.feed(b"x" * 1000)
    lines = decoder._splitter if isinstance(decoder, LineChunkDecoder) else decoder._parser._lines
    assert lines.pending == 0
