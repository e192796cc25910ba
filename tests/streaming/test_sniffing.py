"""The ways to write a stream: a body that names none is told by its first bytes; what it holds is the same in each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gpo_client.sse.chunk_decoder import TOO_DEEP, ChunkDecoder
from gpo_client.sse.chunks import LineChunkDecoder, SniffingDecoder, chunk_decoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, EventNames, NoStream, Oversized, ServerProblem
from gpo_client.sse.replay import Past
from gpo_client.sse.sequence import EventSequence
from tests.streaming.decoding import Reading, read
from tests.support.cutting import all_ways

_BOM = b"\xef\xbb\xbf"
_EVENTS = b'data: {"content": "a"}\n\nid: m:1\ndata: {"content": "b", "is_complete": true}\n\n'
_LINES = b'{"content": "a"}\n{"content": "b", "is_complete": true}\n'


@pytest.mark.parametrize("before", [b"", b"\n", b" \r\n", _BOM, _BOM + b"\n\n", b" " * 2000])
@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (EventChunkDecoder, _EVENTS),
        (EventChunkDecoder, b": comment\n\n" + _EVENTS),
        (EventChunkDecoder, b"event: message\n" + _EVENTS),
        (EventChunkDecoder, b"id: m:0\n" + _EVENTS),
        (EventChunkDecoder, b"retry: 7\n" + _EVENTS),
        (LineChunkDecoder, _LINES),
    ],
)
def test_what_the_first_bytes_tell(kind: type[ChunkDecoder], data: bytes, before: bytes) -> None:
    """After any blank bytes, of which there may be a thousand before the first that tells."""
    expected = read(kind(), [before + data])
    assert expected.end == Complete()
    for portions in all_ways(before + data) if len(before) < 10 else [[before[:1024], before[1024:] + data]]:
        decoder = SniffingDecoder()
        assert read(decoder, portions) == expected
        assert decoder._held == b""  # they are held no longer than they must be


@pytest.mark.parametrize(
    ("portions", "told"),
    [
        ([], ""),
        ([b" \n"], ""),
        ([b"d"], "d"),
        ([b"\xef"], "\ufffd"),
        ([b" ev"], "ev"),
        ([b" " * 1024], ""),
        ([b"<p>caf\xe9</p> "], "<p>caf\ufffd</p>"),
        ([b"x" * 60], "x" * 60),
        ([b"x" * 61], "x" * 60 + "…"),
        ([b" " * 2000 + b"x" * 100], "x" * 48),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_stream(portions: list[bytes], told: str) -> None:
    """Is told by its beginning."""
    assert read(SniffingDecoder(), portions) == Reading([], NoStream(told), None, None)


@pytest.mark.parametrize(
    ("portions", "is_none"),
    [
        ([b"d", b"a", b"t"], False),
        ([b"d", b"a", b"t", b"e"], True),
        ([b"ev", b"ent"], False),
        ([b"[1]"], True),
        ([b"\xef", b"\xbb"], False),
        ([b"\xef", b"x"], True),
        ([_BOM], False),
        ([b"\n" * 1024], False),
        ([b"\n" * 1024, b"\n"], True),
        ([b"\n" * 1020, b"dat"], False),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_no_more_is_waited_for_than_may_tell(portions: list[bytes], is_none: bool) -> None:
    """A body is refused as soon as it can be no stream, and not before."""
    decoder = SniffingDecoder()
    for portion in portions:
        assert decoder.end is None
        assert decoder.feed(portion) == decoder.catch_up() == []
        assert (decoder.is_behind, decoder.is_slow) == (False, False)
    assert isinstance(decoder.end, NoStream) is is_none


def test_steps_of_what_was_found() -> None:
    """Are its own."""
    decoder, size = SniffingDecoder(), 1000
    steps = [len(decoder.feed(b'{"content": "a", "b": NaN}\n' * size, 100))]
    while decoder.is_behind:
        steps.append(len(decoder.catch_up()))
    assert steps == [1] * size  # a line is more than a quarter of what may be read at once
    assert decoder.feed(b'{"content": "%b"}\n' % (b"a" * 100), 100) == []
    assert (decoder.is_behind, decoder.is_slow) == (True, True)
    assert [chunk.content for chunk in decoder.catch_up()] == ["a" * 100]
    # A line of just so many bytes is read at once.
    assert [chunk.content for chunk in decoder.feed(b'{"content": "%b"}\n' % (b"a" * 85), 100)] == ["a" * 85]


def _decoders(past: Past | None = None, **given: Any) -> Iterator[ChunkDecoder]:
    """A decoder for each way to write a stream; given what had arrived, for what comes after one event."""
    for media_type in ("text/event-stream", "application/jsonl", "text/plain"):
        sequence = EventSequence()
        if past:
            sequence.accept(b"m:1")
        decoder = chunk_decoder(media_type, sequence=sequence, past=past, **given)
        assert decoder is not None
        yield decoder


def _written(decoder: ChunkDecoder, document: bytes) -> bytes:
    return document + b"\n" if isinstance(decoder, LineChunkDecoder) else b"data: " + document + b"\n\n"


@pytest.mark.parametrize("size", [40, 41])
def test_limit_of_each_kind(size: int) -> None:
    """In an event stream its field counts as well."""
    for decoder in _decoders(max_event_bytes=40):
        whole = size - (0 if isinstance(decoder, LineChunkDecoder) else len("data: "))
        decoder.feed(_written(decoder, b'{"content": "a"}'.ljust(whole)))
        assert decoder.end == (None if size == 40 else Oversized())


def test_what_is_too_large_once_it_is_read() -> None:
    """Each byte that is no UTF-8 becomes a character of three."""
    for decoder in _decoders(max_event_bytes=len('{"content": ""}') + 3 * 30):
        decoder.feed(_written(decoder, b'{"content": "%b"}' % (b"\xff" * 30)))
        assert decoder.end is None
        decoder.feed(_written(decoder, b'{"content": "%b"}' % (b"\xff" * 31)))
        assert decoder.end == Oversized()


@pytest.mark.parametrize("lists", [2220, 2221])
def test_most_values_of_each_kind(lists: int) -> None:
    """A list counts as eight, and so much as a line, or an event, is not read if it has too many."""
    for decoder in _decoders(max_event_bytes=1 << 20):
        decoder.feed(_written(decoder, b'{"content": "a", "x": [%b0]}' % (b"[]," * lists)))
        assert decoder.end == (None if lists == 2220 else Oversized(20_000))


def test_too_many_levels_in_each_kind() -> None:
    """Are told as what they are."""
    for decoder in _decoders(max_event_bytes=1 << 20):
        decoder.feed(_written(decoder, b'{"content": "a", "x": %b%b}' % (b"[" * 3000, b"]" * 3000)))
        assert decoder.end == TOO_DEEP


@pytest.mark.parametrize(
    ("document", "texts", "end"),
    [
        ('{"content": "a", "new": 1}', ["a"], None),
        ('{"content": "a", "new": 1, "is_complete": true}', ["a"], "Complete"),
        ('{"content": "a", "detail": "rates"}', ["a"], None),
        ('{"content": "a", "error": {"code": 0}}', ["a"], None),
        ('{"content": "a", "is_complete": true, "error": "so busy"}', ["a"], "so busy"),
        ('{"content": "so busy", "type": "error"}', [], "so busy"),
        ('{"content": "", "error": "so busy"}', [], "so busy"),
        ('{"detail": "so busy"}', [], "so busy"),
        ('{"content": 5, "error": "so busy"}', [], "so busy"),
        ('{"event": "error", "x": 5}', [], '{"event": "error", "x": 5}'),
        ('{"content": 5, "detail": ""}', [], "Malformed"),
        ("[DONE]", [None], "marked"),
        ("so busy", [], "Malformed"),
    ],
)
def test_documents_in_each_kind(document: str, texts: list[str | None], end: str | None) -> None:
    """A chunk, with more members or not, the end, an error with what text there is beside it, or nothing of these."""
    for decoder in _decoders():
        chunks = decoder.feed(_written(decoder, document.encode()))
        if isinstance(decoder, SniffingDecoder) and isinstance(decoder.end, NoStream):
            continue
        assert [chunk.content for chunk in chunks] == texts
        assert [chunk.is_complete for chunk in chunks] == [end in ("Complete", "marked")] * len(texts)
        found = decoder.end
        told = found.problem.summary if isinstance(found, ServerProblem) else found and type(found).__name__
        assert ("marked" if isinstance(found, Complete) and found.is_marked else told) == end


def test_without_ids_nothing_is_resumed() -> None:
    """In whichever way a chunk comes."""
    for decoder in _decoders():
        decoder.feed(_written(decoder, b'{"content": "a"}'))
        assert decoder._sequence.resumable is False


def test_names_are_told_of_each_kind() -> None:
    """What was in a chunk's place is noted where it was asked for."""
    names = EventNames()
    for number, decoder in enumerate(_decoders(names=names)):
        decoder.feed(_written(decoder, b'{"usage%d": 1}' % number))
    assert names.story == "objects had nothing of a chunk, but 'usage0', 'usage1', 'usage2'"


@pytest.mark.parametrize(("text", "new"), [("ab", ["b"]), ("xb", [])])
def test_each_kind_goes_on_where_it_broke_off(text: str, new: list[str]) -> None:
    """What comes without an id is the beginning once more, and then the rest; if it is not, nothing of it counts."""
    for decoder in _decoders(Past(text="a", chunk_count=1)):
        chunks = decoder.feed(_written(decoder, json.dumps({"content": text}).encode()))
        assert [chunk.content for chunk in chunks] == new
        assert (decoder.end is None, decoder._sequence.resumable) == (bool(new), not new)


class _Deep:
    """What is nested as deep as cannot be compared."""

    def __eq__(self, other: object) -> bool:
        raise RecursionError

    def __hash__(self) -> int:
        return 0


def test_what_is_too_deep_to_be_compared_in_each_kind() -> None:
    """Ends the stream."""
    for decoder in _decoders(Past(text="", chunk_count=1, metadata={"x": _Deep()})):
        decoder.feed(_written(decoder, b'{"metadata": {"x": 1}}'))
        assert decoder.end == TOO_DEEP


def test_what_follows_the_end_does_not_change_it() -> None:
    """Be it larger, once it is read, than any event may be."""
    decoder = LineChunkDecoder(30)
    decoder.feed(b'{"is_complete": true}\n' + b"\xff" * 20)
    assert decoder.close() == []
    assert decoder.end == Complete()
