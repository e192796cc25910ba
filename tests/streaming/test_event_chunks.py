"""Chunks from standard event streams, and how a stream ends by its own content."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import StreamingChunk
from gpo_client.models.problem import Problem
from gpo_client.sse.chunks import STREAM_MEDIA_TYPES, LineChunkDecoder, chunk_decoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, End, Malformed, ServerProblem
from tests.streaming.decoding import Reading, data_of, event, read
from tests.streaming.event_streams import EVENT_STREAMS
from tests.support.cutting import all_ways, cut, cuts

CONTRACT = next(stream.data for stream in EVENT_STREAMS if stream.name == "contract")
FINAL = event(content="b", is_complete=True)


def events(data: bytes) -> Reading:
    """The reading of an event stream, which must be the same however it is cut."""
    whole = read(EventChunkDecoder(), [data])
    for portions in all_ways(data):
        assert read(EventChunkDecoder(), portions) == whole
    return whole


def end_of(data: bytes) -> End | None:
    """How an event stream ends that has no chunk."""
    reading = events(data)
    assert reading.chunks == []
    return reading.end


@given(positions=cuts)
def test_the_example_of_the_contract(positions: list[int]) -> None:
    """Three chunks, a heartbeat, a reconnection time; the last chunk ends it."""
    reading = read(EventChunkDecoder(), cut(CONTRACT, positions))
    assert "".join(chunk.content or "" for chunk in reading.chunks) == "Mexico taxes resident companies…"
    assert reading.chunks[0].metadata == {"message_id": "msg_01"}
    assert [chunk.is_complete for chunk in reading.chunks] == [False, False, True]
    assert reading.chunks[-1].sources is not None
    (source,) = reading.chunks[-1].sources
    assert (source.id, source.relevance_score, source.url, source.document_id) == ("doc_1", 0.9, None, None)
    assert (reading.end, reading.last_event_id, reading.retry) == (Complete(), "msg_01:3", 1000)


def test_what_follows_the_final_chunk_is_not_read() -> None:
    """Nothing after the end counts, in the same read or a later one, be it a chunk, an error or nonsense."""
    for more in (event(content="c"), b"event: error\ndata: {}\n\n", data_of("{")):
        reading = events(event(content="a") + FINAL + more)
        assert reading.texts == ["a", "b"]
        assert reading.end == Complete()


def test_reconnection_time_before_the_end_is_known() -> None:
    """However much follows the end in the same read."""
    decoder = EventChunkDecoder()
    decoder.feed(b"retry: 5\n\n" + FINAL + event(content="c"))
    assert decoder.retry == 5


@pytest.mark.parametrize("marker", ["[DONE]", " [DONE] ", '"[DONE]"'])
def test_end_marker_is_no_chunk(marker: str) -> None:
    """``[DONE]`` ends a stream as well as a final chunk does, and stands for an empty one."""
    reading = events(event(content="a") + data_of(marker) + event(content="b"))
    assert (reading.chunks, reading.end) == (
        [StreamingChunk(content="a"), StreamingChunk(is_complete=True)],
        Complete(),
    )
    assert events(event(content="a") + FINAL + data_of(marker)).texts == ["a", "b"]


@pytest.mark.parametrize("data", [b"", event(content="a"), FINAL[:-3], b": heartbeat\n\n", b"id: m:2\n" + FINAL[:-1]])
def test_stream_that_just_stops_has_no_end(data: bytes) -> None:
    """A stream without final chunk or marker was cut short; what has an id and no blank line will come again."""
    reading = events(event(content="first") + data)
    assert reading.end is None


@pytest.mark.parametrize("missing", [1, 2])
@pytest.mark.parametrize("last", [FINAL, data_of("[DONE]"), b"id: m:2\n" + data_of("[DONE]")])
def test_last_event_without_a_blank_line(last: bytes, missing: int) -> None:
    """Nothing of it can be missing: it is a whole object, or a marker."""
    reading = events(event(content="first") + last[:-missing])
    assert (reading.texts[0], reading.end) == ("first", Complete())


@pytest.mark.parametrize("ending", [b"", b"\n", b"\n\n"])
def test_lines_without_a_field(ending: bytes) -> None:
    """Servers that fail amid a stream write their error after it, as it is; some write chunks so. Else none is one."""
    for before in (b"", event(content="a"), event(content="a") + b"data: half\n"):
        reading = events(before + b'{"error": {"message": "busy"}}' + ending)
        assert (reading.texts, reading.end) == (["a"] if b'a"' in before else [], ServerProblem(Problem(detail="busy")))
    reading = events(b'{"content": "a"}\n{"content": "b", "is_complete": true}' + ending)
    assert (reading.texts, reading.end) == (["a", "b"], Complete())
    for other in (b'{"usage": 5}', b'{"error": "bu', b"{}", b"busy", b'{"content": 5}'):
        assert events(event(content="a") + other + ending) == events(event(content="a"))


def test_problem_of_the_server_ends_the_stream() -> None:
    """``event: error`` carries a problem document; its unknown members are ignored."""
    document = '{"title": "Overloaded", "status": 503, "detail": "later", "code": "overloaded", "more": [1]}'
    reading = events(event(content="a") + b"event: error\n" + data_of(document) + event(content="b"))
    assert reading.texts == ["a"]
    assert reading.end == ServerProblem(Problem(title="Overloaded", status=503, detail="later", code="overloaded"))


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("out of order", "out of order"),
        ("", None),
        ('{"status": "no number"}', '{"status": "no number"}'),
        ("[" * 100_000, "[" * 500),
        ("x" * 1000, "x" * 500),
    ],
    ids=["text", "empty", "wrong type", "deep", "long"],
)
def test_error_that_is_no_problem_document_is_shown_as_it_is(data: str, detail: str | None) -> None:
    """At most five hundred characters of it."""
    reading = read(EventChunkDecoder(), [b"event: error\n" + data_of(data)])
    assert reading.end == ServerProblem(Problem(detail=detail))


def test_invalid_utf_8_in_an_error_is_replaced() -> None:
    """As in any other event."""
    assert end_of(b'event: error\ndata: {"detail": "caf\xe9", "code": "x"}\n\n') == ServerProblem(
        Problem(detail="caf\ufffd", code="x")
    )


@pytest.mark.parametrize("name", ["ping", "Message", "message ", "errors"])
@pytest.mark.parametrize(
    "data", ["1", "not a chunk", "{}", "[DONE]", '{"error": "x"}', '{"content": 5}', '{"usage": 5}', ""]
)
def test_events_of_other_names_are_ignored(name: str, data: str) -> None:
    """Whatever their data, unless it is a chunk; those named ``message`` are chunks."""
    other = f"event: {name}\n".encode() + data_of(data) + f"event: {name}\n: no data\n\n".encode()
    reading = events(other + b"event: message\n" + event(content="a") + other + FINAL)
    assert (reading.texts, reading.end) == (["a", "b"], Complete())


def test_events_of_other_names_have_ids() -> None:
    """Which count as any, the one that comes once more and is another too; and bring nothing."""
    decoder = EventChunkDecoder()
    decoder.feed(b'id: m:1\ndata: {"content": "a"}\n\n')
    for number in (2, 2, 3):
        assert decoder.feed(b'event: usage\nid: m:%d\ndata: {"tokens": 5}\n\n' % number) == []
        assert decoder.last_event_id == f"m:{number}"
    assert [chunk.content for chunk in decoder.feed(b'id: m:3\ndata: {"content": "b"}\n\n')] == ["b"]
    assert decoder.last_event_id == "m:3"


@pytest.mark.parametrize("name", ["token", "delta", "chunk", "Message", "ping"])
@pytest.mark.parametrize(
    "chunk", [{"content": "a"}, {"content": "a", "sources": None, "is_complete": False, "more": 1}]
)
def test_chunks_under_other_names_are_read(name: str, chunk: dict[str, Any]) -> None:
    """What holds a chunk is one; from then on all events of the name are, an error and the end marker included."""
    named = f"event: {name}\n".encode()
    first = named + event(**chunk)
    assert events(first + named + FINAL + event(content="c")).texts == ["a", "b"]
    assert events(first + named + data_of("[DONE]")).texts == ["a", None]
    refused = events(first + named + data_of('{"error": "busy"}')).end
    assert isinstance(refused, ServerProblem)
    assert refused.problem.summary == "busy"
    assert isinstance(events(first + named + data_of("no JSON")).end, Malformed)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        ("not JSON", "JSON is malformed"),
        ('{"content": "a"', "truncated"),
        ('{"content": "a"} {}', "trailing characters"),
        ("null", "Expected `object`, got `null`"),
        ('{"content": 5}', "`$.content`"),
        ('{"content": ["a"]}', "`$.content`"),
        ('{"is_complete": "yes"}', "`$.is_complete`"),
        ("[]", "Expected `object`, got `array`"),
    ],
)
def test_malformed_chunk_ends_the_stream_and_says_where(data: str, detail: str) -> None:
    """The chunks before it are handed out, its own id is not taken, and the message names the path of the bad field."""
    reading = events(event("m:1", content="a") + b"id: m:2\n" + data_of(data) + event("m:3", content="b"))
    assert reading.texts == ["a"]
    assert isinstance(reading.end, Malformed)
    assert reading.end.detail.startswith("chunk is not what the contract says: ")
    assert detail in reading.end.detail
    assert reading.last_event_id == "m:1"


def test_json_nested_too_deeply_is_malformed() -> None:
    """Not an error of ours."""
    reading = read(EventChunkDecoder(), [data_of('{"metadata": ' + '{"a":' * 100_000)])
    assert isinstance(reading.end, Malformed)


def test_invalid_utf_8_in_a_chunk_is_replaced() -> None:
    """The stream goes on: the standard replaces, it does not refuse."""
    reading = events(b'data: {"content": "caf\xe9 \xe2\x82"}\n\n' + FINAL)
    assert (reading.texts, reading.end) == (["caf\ufffd \ufffd", "b"], Complete())


@pytest.mark.parametrize("blank", ["", " ", " \t "])
def test_blank_data_is_skipped(blank: str) -> None:
    """Before the first chunk, between chunks, in a run of them and at the end."""
    reading = events(data_of(blank) + event(content="a") + data_of(blank) + FINAL + data_of(blank))
    assert (reading.texts, reading.end) == (["a", "b"], Complete())
    numbered = event("m:1", content="a") + b"id: m:2\n" + data_of(blank) + event("m:3", is_complete=True)
    assert (events(numbered).texts, events(numbered).last_event_id) == (["a", None], "m:3")


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n"])
def test_pretty_printed_chunk(line_end: str) -> None:
    """JSON over several data lines is one chunk; so is JSON followed or preceded by blank data lines."""
    pretty = json.dumps({"content": "a", "metadata": {"x": [1, 2]}}, indent=2)
    reading = events(event_lines(pretty, line_end) + event_lines('{"content": "b"}\n \n', line_end) * 2)
    assert reading.texts == ["a", "b", "b"]
    assert events(event_lines('{"content": "a"}\n', line_end)).texts == ["a"]
    assert events(event_lines('\n{"content": "a"}', line_end)).texts == ["a"]


def test_unknown_members_are_kept() -> None:
    """The service may add to its chunks and to the sources in them, in regular events and in others."""
    source = '{"id": "s", "title": "t", "relevance_score": 1, "url": null, "content_excerpt": null, "page": 3}'
    first = '{"content": "a", "new": {"x": 1}}'
    second = f'{{"sources": [{source}], "additional_properties": 5}}'
    third = f'{{"sources": [{source}], "is_complete": true}}'
    for apart in ("\n", ": comment\n\n"):
        written = [f"id: m:{number}\ndata: {data}\n" for number, data in enumerate([first, second, third], 1)]
        reading = events(f"{apart.join(written)}\n".encode())
        kept = [chunk.additional_properties for chunk in reading.chunks]
        assert kept == [{"new": {"x": 1}}, {"additional_properties": 5}, None]
        sources = [source for chunk in reading.chunks for source in chunk.sources or ()]
        assert [source.additional_properties for source in sources] == [{"page": 3}] * 2
        assert (reading.chunks[0].content, reading.chunks[2].is_complete) == ("a", True)


def test_a_chunk_without_additions_is_shown_as_before() -> None:
    """What has no value is not in its repr."""
    assert repr(events(data_of('{"content": "a"}')).chunks) == "[StreamingChunk(content='a')]"


def test_there_is_a_decoder_for_each_media_type_that_is_asked_for() -> None:
    """And none for another."""
    kinds: dict[str, Any] = {media_type: type(chunk_decoder(media_type)) for media_type in STREAM_MEDIA_TYPES}
    assert kinds == {
        "text/event-stream": EventChunkDecoder,
        "application/x-ndjson": LineChunkDecoder,
        "application/jsonl": LineChunkDecoder,
    }
    assert isinstance(chunk_decoder("application/x-jsonlines"), LineChunkDecoder)
    assert chunk_decoder("application/json") is None
    assert chunk_decoder("text/html") is None


def event_lines(text: str, line_end: str) -> bytes:
    """An event of several data lines."""
    lines = [f"data: {line}" for line in text.split("\n")]
    return (line_end.join([*lines, "", ""])).encode()


# --- Chunks from line-delimited JSON (``application/x-ndjson``, ``application/jsonl``).

A, B = '{"content": "a"}', '{"content": "b", "is_complete": true}'


def lines(data: str | bytes) -> Reading:
    """The reading of a stream of lines, which must be the same however it is cut."""
    data = data.encode() if isinstance(data, str) else data
    whole = read(LineChunkDecoder(), [data])
    for portions in all_ways(data):
        assert read(LineChunkDecoder(), portions) == whole
    return whole


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("last_end", [True, False])
def test_each_line_is_a_chunk(end: str, last_end: bool) -> None:
    """The last one needs no line end."""
    reading = lines(A + end + B + end * last_end)
    assert (reading.texts, reading.end) == (["a", "b"], Complete())
    assert (reading.last_event_id, reading.retry) == (None, None)


def test_a_chunk_is_handed_out_with_its_line_end() -> None:
    """Not with the next line."""
    decoder = LineChunkDecoder()
    assert decoder.feed(A.encode()) == []
    assert len(decoder.feed(b"\n")) == 1


@pytest.mark.parametrize("blank", ["\n", "\r\n", "  \n", "\t\r\n\n"])
def test_blank_lines_are_heartbeats(blank: str) -> None:
    """Wherever they are."""
    assert lines(blank + A + "\n" + blank + B + "\n" + blank).texts == ["a", "b"]


def test_other_line_ends_of_unicode_are_text() -> None:
    """A chunk may hold them as they are."""
    assert lines('{"content": "a\u2028b\u0085c"}\n').texts == ["a\u2028b\u0085c"]


def test_pretty_printed_json_is_no_line() -> None:
    """In this format a document has one line."""
    assert isinstance(lines('{\n"content": "a"}\n').end, Malformed)


def test_what_follows_the_final_line_is_not_read() -> None:
    """Not even in the same read."""
    reading = lines(f"{A}\n{B}\n{A}\nnonsense\n")
    assert (reading.texts, reading.end) == (["a", "b"], Complete())


def test_stream_of_lines_that_just_stops_has_no_end() -> None:
    """Without a final chunk it was cut short."""
    assert lines(A + "\n").end is None
    assert lines("").end is None


@given(length=st.integers(0, len(B) - 1), positions=cuts)
def test_last_line_cut_short_is_no_chunk(length: int, positions: list[int]) -> None:
    """The connection broke within it: that is a cut stream, not a malformed one."""
    reading = read(LineChunkDecoder(), cut((A + "\n" + B[:length]).encode(), positions))
    assert (reading.texts, reading.end) == (["a"], None)


@pytest.mark.parametrize("last_end", ["\n", ""])
@pytest.mark.parametrize(
    ("line", "detail"),
    [
        ('{"content": 5}', "$.content"),
        ('{"is_complete": []}', "$.is_complete"),
        ("[]", "Expected `object`, got `array`"),
    ],
)
def test_line_of_the_wrong_type_names_the_path(line: str, detail: str, last_end: str) -> None:
    """A whole line that is no chunk is malformed, ended or not."""
    reading = lines(A + "\n" + line + last_end)
    assert reading.texts == ["a"]
    assert isinstance(reading.end, Malformed)
    assert detail in reading.end.detail


def test_invalid_utf_8_is_replaced() -> None:
    """As in an event stream, also on a last line without end."""
    assert lines(b'{"content": "\xff"}\n{"content": "caf\xe9"}').texts == ["\ufffd", "caf\ufffd"]
