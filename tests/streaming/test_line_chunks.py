"""Chunks from line-delimited JSON (``application/x-ndjson``, ``application/jsonl``)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.sse.chunks import LineChunkDecoder
from gpo_client.sse.event_kinds import Complete, Malformed
from tests.streaming.decoding import Reading, read
from tests.support.cutting import all_ways, cut, cuts

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


def test_what_follows_the_final_chunk_is_not_read() -> None:
    """Not even in the same read."""
    reading = lines(f"{A}\n{B}\n{A}\nnonsense\n")
    assert (reading.texts, reading.end) == (["a", "b"], Complete())


def test_stream_that_just_stops_has_no_end() -> None:
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
