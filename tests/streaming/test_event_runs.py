"""Runs of regular events are read at once, to the same effect as line by line: whatever a stream holds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import product

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client import StreamingChunk
from gpo_client.sse import event_chunks
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, End
from gpo_client.sse.lenient import LenientEventParser
from gpo_client.sse.parser import RawEvent
from gpo_client.text.record import StreamRecord
from tests.streaming.decoding import LineByLineDecoder, event
from tests.streaming.event_strategies import ODDITIES, event_streams
from tests.support.cutting import all_ways, cut, cuts, one_by_one

_FEW = b"".join(event(f"m:{number}", content=f"{number} ") for number in range(1, 5))
_LIMITS = st.sampled_from([None, None, 10_000, 200, 64])


@attrs.frozen
class Account:
    """All that a decoder and its sequence know after a stream."""

    chunks: list[StreamingChunk]
    end: End | None
    retry: int | None
    last_event_id: str | None
    resumable: bool
    is_counted: bool


def account(
    kind: type[EventChunkDecoder], *connections: Iterable[bytes], limit: int | None = None, closed: bool = True
) -> Account:
    """What decoders of a kind make of a stream that came over these connections."""
    record, chunks = StreamRecord(lambda: 0.0), list[StreamingChunk]()
    sequence, decoder = record.sequence, kind(limit, record.sequence)
    for number, portions in enumerate(connections):
        if number:
            record.add(chunks)
            decoder = kind(limit, sequence, record.past)
        for portion in portions:
            chunks += decoder.feed(portion)
        if closed:
            chunks += decoder.close()
        if decoder.end is not None:
            break
    # What is read after the end of a stream is not part of it: nobody asks for its reconnection time any more.
    retry = decoder.retry if decoder.end is None else None
    return Account(chunks, decoder.end, retry, sequence.last_event_id, sequence.resumable, sequence.is_counted)


def event_by_event(data: bytes) -> list[bytes]:
    """Each event in a portion of its own, as they come that are waited for."""
    return [block + b"\n\n" for block in data.split(b"\n\n")]


@given(data=event_streams(), positions=cuts, limit=_LIMITS)
@example(data=_FEW, positions=[], limit=None)
def test_runs_change_nothing(data: bytes, positions: list[int], limit: int | None) -> None:
    """Whole, cut anywhere and byte by byte, with the runs and without."""
    expected = account(LineByLineDecoder, [data], limit=limit)
    for portions in ([data], cut(data, positions), one_by_one(data)):
        assert account(LineByLineDecoder, portions, limit=limit) == expected
        assert account(EventChunkDecoder, portions, limit=limit) == expected
    alone = event_by_event(data)
    assert account(EventChunkDecoder, alone, limit=limit) == account(LineByLineDecoder, alone, limit=limit)


@given(data=event_streams(), positions=cuts, limit=_LIMITS)
def test_runs_change_nothing_on_the_way(data: bytes, positions: list[int], limit: int | None) -> None:
    """After each portion both have handed out the same, the reconnection time included."""
    for portions in (cut(data, positions), event_by_event(data)):
        runs, lines = EventChunkDecoder(limit), LineByLineDecoder(limit)
        for portion in portions:
            assert runs.feed(portion) == lines.feed(portion)
            assert (runs.end, runs.retry, runs.last_event_id) == (lines.end, lines.retry, lines.last_event_id)


@given(first=event_streams(), second=event_streams(), broken_at=st.integers(0, 600), positions=cuts)
def test_runs_change_nothing_after_a_resume(first: bytes, second: bytes, broken_at: int, positions: list[int]) -> None:
    """A second connection, which may begin with repeats, or with the very next event."""
    first = first[:broken_at]
    expected = account(LineByLineDecoder, [first], [second])
    for way in ([second], cut(second, positions), one_by_one(second)):
        assert account(EventChunkDecoder, cut(first, positions), way) == expected


@pytest.mark.parametrize("oddity", ODDITIES, ids=repr)
def test_oddity_between_runs(oddity: bytes) -> None:
    """Each after regular events and before them, cut in two everywhere."""
    rest = event("m:5", content="5 ") + event("m:6", content="6", is_complete=True)
    data = _FEW + oddity + rest
    expected = account(LineByLineDecoder, [data])
    for portions in (*all_ways(data), [*event_by_event(_FEW), oddity, *event_by_event(rest)]):
        assert account(EventChunkDecoder, portions) == expected


@pytest.mark.parametrize("limit", [None, 200, 100_000])
@pytest.mark.parametrize(
    "document",
    [
        b'{"content": null}',
        b'{"content": "5", "metadata": {"model_used": "m"}}',
        b'{"sources": [{"id": "1", "title": "t", "page": 7}]}',
        *(b'{"sources": [%b]}' % sources for sources in (b"null", b'{"id": "1"}, 5', b'{"title": ["t"], "page": 7}')),
        *(b'{"sources": %b, "added": 1}' % sources for sources in (b"{}", b'"s"', b'[{"id": "1", "page": 7}, null]')),
        b'{"content": "5", "is_complete": true}',
        b'{"content": "5", "is_complete": true}\r: comment',
        *(b'{"content":\r"5"}', b'{"content":\rdata:"5"}', b'{"content":\n"5"}', b'{"content":\ndata:"5"}'),
        b'{"content": "5"}\ndata',
        b'{"content": "5", "added": [1]}',
        b'{"content": "\\ud83d"}',
        b'{"content": "caf\xe9"}',
        b'{"content": 5}',
        b'{"error": "busy"}',
        *(b"[DONE]", b"nonsense", b"null", b"", b' {"content": "5"} ', b"[" * 1500),
        json.dumps({"content": "5" * 2500}).encode(),
        *(json.dumps({"content": "5", "metadata": {"values": [[0]] * many}}).encode() for many in (300, 3000)),
    ],
)
def test_the_next_event_alone(document: bytes, limit: int | None) -> None:
    """Whatever it holds, it and those after it are read as line by line."""
    after = [event("m:6", content="6 "), b"\n" + event("m:7", content="7 ", is_complete=True)]
    other = event("m:5", content="other ")
    for end, again in product((b"\n\n", b"\n", b"\r\n\r\n", b"\n\n\n"), ("nothing", "the same", "another")):
        portion = b"id: m:5\ndata: " + document + end
        repeat = {"nothing": b"", "the same": portion, "another": other}[again]
        portions = [*event_by_event(_FEW), portion, repeat, *after]
        read, expected = (account(kind, portions, limit=limit) for kind in (EventChunkDecoder, LineByLineDecoder))
        assert read == expected
        assert repr(read) == repr(expected)  # with what sources have besides


@pytest.mark.parametrize(
    "lines",
    [
        b'id: m:5\ndata: {"content": "5"}\n: no blank line\nid: m:6\ndata: {"content": "6"}\n\n',
        b'id: m:5\ndata: {"content": "5"}\nid: m:6\nid: m:6\ndata: {"content": "6"}\n\n',
        b'id: m:5\ndata:  {"content": "5"}\n\nid: m:6\nevent: {"content": "6"}\n\n',
    ],
)
def test_lines_that_only_look_like_a_run(lines: bytes) -> None:
    """What stands at the place of a blank line, or of a data line, is looked at."""
    data = _FEW + lines + event("m:7", content="7", is_complete=True)
    assert account(EventChunkDecoder, [data]) == account(LineByLineDecoder, [data])


def test_lines_that_are_events_are_no_run() -> None:
    """A second connection that forgets the blank lines, and begins again: which id is whose cannot be told any more."""
    lines = [event(f"m:{number}", content=f"{number} ").replace(b"\n\n", b"\n") for number in range(1, 7)]
    rest = event("m:7", content="7 ") + event("m:8", content="8", is_complete=True)
    for portions in ([*lines, rest], [b"".join(lines) + rest]):
        read = account(EventChunkDecoder, [_FEW], portions)
        assert read == account(LineByLineDecoder, [_FEW], portions)
        assert "".join(chunk.content or "" for chunk in read.chunks) == "1 2 3 4 5 6 7 8"
        assert not read.resumable


@pytest.mark.parametrize("begun", [b"retry: 7\n", b"event: other\n", b"id: m:5\n", b"data: {\n"])
def test_a_begun_event_is_no_place_between_events(begun: bytes) -> None:
    """A run begins where an event does."""
    parser = LenientEventParser()
    assert parser.is_between_events
    parser.feed(begun)
    assert not parser.is_between_events
    parser.feed(b"\n")
    assert parser.is_between_events


@pytest.mark.parametrize("repeats", range(5))
def test_repeats_on_the_second_connection(repeats: int) -> None:
    """They are dropped, and the run that follows them is read."""
    again = b"".join(event(f"m:{number}", content=f"{number} ") for number in range(5 - repeats, 5))
    rest = event("m:5", content="5 ") + event("m:6", content="6", is_complete=True)
    for portions in all_ways(again + rest):
        read = account(EventChunkDecoder, [_FEW], portions)
        assert [chunk.content for chunk in read.chunks] == ["1 ", "2 ", "3 ", "4 ", "5 ", "6"]
        assert (read.end, read.last_event_id, read.resumable) == (Complete(), "m:6", True)


def _watched(decoder: EventChunkDecoder, patch: pytest.MonkeyPatch) -> tuple[list[bytes], list[bytes]]:
    """The portions that a decoder cuts into lines, and the lines that its parser reads one by one, once it does."""
    portions, lines = list[bytes](), list[bytes]()
    split, read = decoder._parser.split, decoder._parser.read

    def note_portion(portion: bytes) -> list[bytes]:
        portions.append(portion)
        return split(portion)

    def note_lines(given: Sequence[bytes], *, is_all: bool = True) -> list[RawEvent]:
        lines.extend(given)
        return read(given, is_all=is_all)

    patch.setattr(decoder._parser, "split", note_portion)
    patch.setattr(decoder._parser, "read", note_lines)
    return portions, lines


def test_runs_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule above would hold for a decoder without runs, too: this one has them."""
    decoder = EventChunkDecoder()
    _, parsed = _watched(decoder, monkeypatch)
    assert [chunk.content for chunk in decoder.feed(_FEW)] == ["1 ", "2 ", "3 ", "4 "]
    assert parsed == _FEW.splitlines()[:3]  # the first event only: before it the ids are not known
    more = [event(f"m:{number}", content=f"{number} ") for number in range(5, 9)]
    for portion in (more[0], more[1] + more[2][:-7], more[2][-7:] + more[3]):
        decoder.feed(portion)
    assert parsed[3:] == more[2].splitlines()  # it came in part
    assert decoder.last_event_id == "m:8"


@pytest.mark.parametrize(
    ("limit", "size", "is_alone"), [(100, 100, True), (100, 101, False), (None, 2000, True), (None, 2001, False)]
)
def test_what_is_read_alone(limit: int | None, size: int, is_alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next event, if it is not large: it is not even cut into lines."""
    decoder = EventChunkDecoder(limit)
    decoder.feed(event("m:1", content="a"))
    portions, _ = _watched(decoder, monkeypatch)
    alone = event("m:2", content="")
    alone = alone.replace(b'""', b'"%b"' % (b"b" * (size - len(alone))))
    assert len(decoder.feed(alone)) == 1
    assert portions == ([] if is_alone else [alone])


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("half", [b"", b"id: m:1\nda"])
def test_a_run_is_within_the_limit(over: int, half: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held and what comes are at most one event's bytes together: else each event's have to be counted."""
    decoder = EventChunkDecoder(len(_FEW) - len(b"id: m:1\n" if half else b"") - over)
    _, parsed = _watched(decoder, monkeypatch)
    portions = [half, _FEW.removeprefix(half)] if half else [_FEW]
    assert sum(len(decoder.feed(portion)) for portion in portions) == 4
    assert parsed == _FEW.splitlines()[: 12 if over else 3]


def _lines(*documents: str) -> tuple[list[bytes], bytes]:
    """The lines of regular events with these documents, and their ids."""
    lines = [line for number, text in enumerate(documents) for line in (f"id: m:{number}", f"data: {text}", "")]
    return [line.encode() for line in lines], "\n".join(lines[::3]).encode()


_A, _NEW, _B = '{"content": "a"}', '{"content": "n", "new": 1}', '{"content": "b"}'
_RICH = '{"content": "r", "metadata": {"m": 1}}'
_SOURCED = '{"sources": [{"id": "1", "title": "t", "more": 5}]}'
_FINAL = '{"content": "z", "is_complete": true}'


@pytest.mark.parametrize(
    ("documents", "most", "read"),
    [
        ([_A], 0, ["a"]),
        ([_A, _B], 0, ["a", "b"]),
        ([_A, _NEW, _B, _NEW], len(_NEW + _B + _NEW), ["a", "n", "b", "n"]),
        ([_A, _NEW, _B, _NEW], len(_NEW + _B + _NEW) - 1, None),
        ([_A, _RICH, _B, _SOURCED], len(_RICH + _SOURCED), ["a", "r", "b", None]),
        ([_A, _RICH, _B, _SOURCED], len(_RICH + _SOURCED) - 1, []),
        ([_A, _FINAL], len(_FINAL), ["a", "z"]),
        ([_A, _FINAL], len(_FINAL) - 1, []),
        ([_FINAL, _A], 99, None),
        ([_FINAL, _FINAL], 99, None),
        ([_A, '{"usage": 5}'], 99, None),
        ([_A, _NEW, '{"usage": 5}'], 99, None),
        (['{"content": "a", "error": "busy"}', _B], 99, None),
        (['{"content": "a", "error": null}', _B], 99, ["a", "b"]),
        ([_A, '{"content": "\\ud83d"}'], 99, None),
        ([_A, '{"content": "\\ud83d", "new": 1}'], 99, None),
        ([_A, '{"content": 5}'], 99, None),
        ([_A, '{"content": "b"'], 99, None),
        ([_A, "[DONE]"], 99, None),
        ([_A, ""], 99, None),
    ],
)
def test_what_a_run_brings(documents: list[str], most: int, read: list[str | None] | None) -> None:
    """Whole, or not at all; nothing yet, if there is too much besides text to be read at once."""
    chunks = event_chunks._regular_chunks(*_lines(*documents), most)
    assert (chunks if chunks is None else [chunk.content for chunk in chunks]) == read
    for document, chunk in zip(documents, chunks or (), strict=False):
        assert chunk.additional_properties == ({"new": 1} if document == _NEW else chunk.additional_properties)
        assert [source.additional_properties for source in chunk.sources or ()] == [{"more": 5}] * (
            document == _SOURCED
        )


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (0, b"id: m:2"),
        (0, b"id:m:0"),
        (1, b'data:{"content": "a"}'),
        (1, b'event: {"content": "a"}'),
        (2, b":"),
        (5, b":"),
    ],
)
def test_what_is_no_run(place: int, line: bytes) -> None:
    """One line that is another, in the first event or the second."""
    lines, ids = _lines(_A, _B)
    assert event_chunks._regular_chunks(lines, ids, 99) is not None
    for changed in (place, (place + 3) % 6):
        assert event_chunks._regular_chunks([*lines[:changed], line, *lines[changed + 1 :]], ids, 99) is None


def test_a_number_that_comes_twice() -> None:
    """With the same chunk it is the event once more; with another it is an event of its own."""
    decoder = EventChunkDecoder()
    brought = [[chunk.content for chunk in decoder.feed(event("m:1", content=text))] for text in ("a", "a", "b")]
    assert (brought, decoder.end) == ([["a"], [], ["b"]], None)
