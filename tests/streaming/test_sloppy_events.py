"""Event streams without blank lines, one chunk to each data line; and standard streams, never taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client.models.problem import Problem
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, Malformed, ServerProblem
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import EventParser, RawEvent
from tests.streaming.decoding import Reading, event, read
from tests.support.cutting import all_ways, cut, cuts

LINE_ENDS = pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\r\n"], ids=["LF", "CR", "CRLF"])
ENDINGS = pytest.mark.parametrize("ended", [True, False], ids=["ended", "unended"])


def line(**chunk: Any) -> bytes:
    """A data line with a chunk, without its end."""
    return b"data: " + json.dumps(chunk).encode()


FINAL = line(content="c", is_complete=True)

#: What such servers may write around their chunks.
STREAMS = {
    "plain": [line(content="a"), line(content="b"), FINAL],
    "with a retry time": [b"retry: 1", b"", line(content="a"), line(content="b"), FINAL],
    "with comments": [b": one", line(content="a"), b": two", b":", line(content="b"), FINAL],
    "with comments on a line of their own": [b": one", b"", line(content="a"), b": two", line(content="b"), FINAL],
    "with ids": [b"id: m:1", line(content="a"), b"id: m:2", line(content="b"), b"id: m:3", FINAL],
    "with ids after the data": [line(content="a"), b"id: m:1", line(content="b"), b"id: m:2", FINAL],
    "with event types": [b"event: message", line(content="a"), line(content="b"), b"event: message", FINAL],
    "with other events": [line(content="a"), b"event: ping", b"data: {}", line(content="b"), FINAL],
    "with unknown fields": [b"foo: 1", line(content="a"), b"foo: 2", line(content="b"), b"foo: 3", FINAL],
    "without spaces": [line(content=text).replace(b"data: ", b"data:") for text in "ab"] + [FINAL],
    "with blank data": [line(content="a"), line(content="b"), b"data:", b"data:  ", FINAL],
    "with blank data first": [b"data:", b"data: ", line(content="a"), line(content="b"), FINAL],
    "with a blank event first": [b"data:", b"", line(content="a"), line(content="b"), FINAL],
    "with names of its own": [b"event: token", line(content="a"), b"event: token", line(content="b"), FINAL],
    "with a late blank line": [line(content="a"), line(content="b"), b"", FINAL],
}


def sloppy(lines: list[bytes], line_end: bytes = b"\n", ended: bool = True) -> Reading:
    """The reading of a sloppy stream, which must be the same however it is cut."""
    data = line_end.join([*lines, b""] if ended else lines)
    whole = read(EventChunkDecoder(), [data])
    for portions in all_ways(data):
        assert read(EventChunkDecoder(), portions) == whole
    return whole


@LINE_ENDS
@ENDINGS
@pytest.mark.parametrize("lines", STREAMS.values(), ids=STREAMS)
def test_each_data_line_is_a_chunk(lines: list[bytes], line_end: bytes, ended: bool) -> None:
    """Whatever else the server writes; ids are not taken, for which line they belong to cannot be told."""
    reading = sloppy(lines, line_end, ended)
    assert (reading.texts, reading.end) == (["a", "b", "c"], Complete())
    assert reading.last_event_id is None


@ENDINGS
def test_end_marker(ended: bool) -> None:
    """``[DONE]`` ends these streams too, after one chunk or several."""
    for texts in (["a"], ["a", "b"]):
        reading = sloppy([*(line(content=text) for text in texts), b"data: [DONE]"], ended=ended)
        assert (reading.texts, reading.end) == ([*texts, None], Complete())
        assert [chunk.is_complete for chunk in reading.chunks] == [False] * len(texts) + [True]


@ENDINGS
@pytest.mark.parametrize("before", [[], [line(content="a")], [line(content="a"), line(content="b")]])
def test_problem_of_the_server(before: list[bytes], ended: bool) -> None:
    """``event: error`` is for the data line that follows it, not for the one before."""
    reading = sloppy([*before, b"event: error", b'data: {"code": "overloaded"}'], ended=ended)
    assert len(reading.chunks) == len(before)
    assert reading.end == ServerProblem(Problem(code="overloaded"))


@ENDINGS
def test_only_chunk(ended: bool) -> None:
    """A stream of a single chunk gives no sign of its kind before it ends."""
    reading = sloppy([FINAL], ended=ended)
    assert (reading.texts, reading.end) == (["c"], Complete())


def test_a_line_is_a_chunk_as_soon_as_it_ends() -> None:
    """But for the first, which could be the beginning of anything."""
    decoder = EventChunkDecoder()
    counts = [len(decoder.feed(data + b"\n")) for data in (line(content="a"), line(content="b"), line(content="c"))]
    assert counts == [0, 2, 1]


@pytest.mark.parametrize("cut_off", [1, 5, len(FINAL) - 6, len(FINAL) - 2])
def test_last_line_cut_short_is_no_chunk(cut_off: int) -> None:
    """The connection broke within it: that is a cut stream, not a malformed one."""
    reading = sloppy([line(content="a"), line(content="b"), FINAL[:-cut_off]], ended=False)
    assert (reading.texts, reading.end) == (["a", "b"], None)


def test_halves_do_not_hide_the_kind() -> None:
    """A character that is cut in two makes a line no less of a document."""
    reading = sloppy([b'data: {"content": "a \\ud83d"}', b'data: {"content": "\\ude00 b"}', FINAL])
    assert ("".join(text or "" for text in reading.texts), reading.end) == ("a 😀 bc", Complete())


@ENDINGS
@pytest.mark.parametrize("error", ['"model overloaded"', '{"message": "model overloaded", "code": "busy"}'])
def test_nameless_error(error: str, ended: bool) -> None:
    """On the first line, on the last, and before others."""
    refusal = f'data: {{"error": {error}}}'.encode()
    for before, after in (([], []), ([line(content="a")], []), ([line(content="a")], [b"data: [DONE]"])):
        reading = sloppy([*before, refusal, *after], ended=ended)
        assert len(reading.chunks) == len(before)
        assert isinstance(reading.end, ServerProblem)
        assert reading.end.problem.summary == "model overloaded"


def test_malformed_line() -> None:
    """A finished line that is no chunk ends the stream."""
    reading = sloppy([line(content="a"), line(content="b"), b"data: {", FINAL])
    assert reading.texts == ["a", "b"]
    assert isinstance(reading.end, Malformed)


def test_invalid_utf_8_does_not_hide_the_kind() -> None:
    """Bytes that are no UTF-8 become U+FFFD in the first line as well."""
    reading = sloppy([b'data: {"content": "\xff"}', b'data: {"content": "\xe2\x82"}', FINAL])
    assert (reading.texts, reading.end) == (["\ufffd", "\ufffd", "c"], Complete())


def test_standard_stream_stays_standard() -> None:
    """Once a blank line has dispatched an event, two documents in one event are what they look like: malformed."""
    reading = sloppy([line(content="a"), b"", line(content="b"), line(content="c"), b""])
    assert reading.texts == ["a"]
    assert isinstance(reading.end, Malformed)


def test_first_line_that_is_no_document_decides_for_the_standard() -> None:
    """JSON that deep is no JSON to the decoder either, and takes no one's stack."""
    decoder = LenientEventParser()
    assert decoder.feed(b"data: " + b"[" * 100_000 + b"\ndata: {}\n") == decoder.close() == []


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("a\u2028é", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=6,
)
texts = st.text('a1{}[]" \n', max_size=12)


@st.composite
def standard_events(draw: st.DrawFn) -> bytes:
    """A standard event: JSON in any layout, or, under another name than ``message``, any text."""
    name = draw(st.sampled_from(["", "message", "ping", "error"]))
    document = json.dumps(draw(documents), indent=draw(st.sampled_from([None, 1])), ensure_ascii=draw(st.booleans()))
    around = st.sampled_from(["", "\n", " ", "\n \n"])
    data = draw(around) + document + draw(around) if name in ("", "message") else draw(texts)
    lines = [f"event: {name}"] * bool(name) + [f"data: {part}" for part in data.split("\n")]
    extra = draw(st.lists(st.sampled_from([": comment", "id: 7", "retry: 5", "id"]), max_size=2))
    end = draw(st.sampled_from(["\n", "\r", "\r\n"]))
    return end.join([*extra, *lines, "", ""]).encode()


@given(data=st.lists(standard_events() | st.just(b": heartbeat\n\n"), max_size=5).map(b"".join), positions=cuts)
@example(data=b"event: ping\ndata: 1\ndata: two\ndata: three\n\n", positions=[])
@example(data=b"data: [\ndata: {}\ndata: ]\n\n", positions=[])
def test_standard_streams_are_read_by_the_standard(data: bytes, positions: list[int]) -> None:
    """The lenient parser gives the very events of the strict one, and at the same moments."""
    lenient, strict = LenientEventParser(), EventParser()

    def step(parser: EventParser, portion: bytes) -> tuple[list[RawEvent], bytes, int | None]:
        return parser.feed(portion), parser.last_event_id, parser.retry

    for portion in cut(data, positions):
        assert step(lenient, portion) == step(strict, portion)
    assert lenient.close() == strict.close() == []


def test_cut_standard_streams_lose_their_unfinished_event() -> None:
    """Wherever they are cut: the leniency towards a last line is for streams without blank lines and ids."""
    first, second = event("m:1", content="a"), event("m:2", is_complete=True)
    for length in range(len(first + second)):
        for portions in all_ways((first + second)[:length]):
            reading = read(EventChunkDecoder(), portions)
            texts, last = (["a"], "m:1") if length >= len(first) else ([], None)
            assert (reading.texts, reading.end, reading.last_event_id) == (texts, None, last)


def _lists(count: int) -> bytes:
    return b'{"content": "a", "x": [%b0]}' % (b"[]," * count)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'data: {}\n\nevent: x\ndata: {"a": 1}', [(b"", b"{}"), (b"x", b'{"a": 1}')]),
        (b'data: {"a": 1}\nevent: x\n', [(b"", b'{"a": 1}')]),
        (b'event: x\ndata: {"a":\ndata: 1}\n', [(b"x", b'{"a":\n1}')]),
        (b'event: x\nid: 7\ndata: {"a": 1}', []),
        (b"data: %b\ndata: {}\n" % _lists(2220), [(b"", _lists(2220)), (b"", b"{}")]),
        (b"data: %b\ndata: {}\n" % _lists(2221), []),
    ],
    ids=["regular", "a later name", "several lines", "with an id", "most values", "too many values"],
)
def test_what_the_end_of_a_stream_ends(data: bytes, found: list[tuple[bytes, bytes]]) -> None:
    """An event that is whole, under the name that its first line had; what has too many values is not looked at."""
    parser = LenientEventParser(1 << 20)
    events = parser.feed(data) + parser.close()
    assert [(kind, content) for kind, content, *_ in events] == found


def test_lines_that_are_events_begin_no_block() -> None:
    """Once a second one has come, there is no place for a run of standard events any more."""
    parser = LenientEventParser()
    assert parser.feed(b"\n" + line(content="a") + b"\n" + line(content="b") + b"\n")
    assert not parser.is_between_events
