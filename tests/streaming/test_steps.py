"""What takes long to read is read in steps, which change nothing but when: no step takes long on the event loop."""

from __future__ import annotations

import gc
import json
import sys
import tracemalloc
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client import StreamingChunk
from gpo_client.models import json_text
from gpo_client.models.stream import CitationSource
from gpo_client.sse import chunk_decoder, event_chunks
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.chunks import LineChunkDecoder, SniffingDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import End, Malformed, Oversized, ServerProblem
from gpo_client.sse.parser import EventParser
from gpo_client.sse.replay import Past
from gpo_client.sse.sequence import EventSequence
from gpo_client.text import sources
from gpo_client.text.sources import Passage, SourceCollector
from tests.streaming.decoding import event
from tests.streaming.event_strategies import event_streams
from tests.support.cutting import cut, cuts

Read = tuple[list[StreamingChunk], End | None, int | None, str | None]


def _in_steps(decoder: ChunkDecoder, portions: Iterable[bytes], most: int) -> Read:
    """What a decoder makes of a stream, if no step may read more than so many bytes that take long."""
    chunks: list[StreamingChunk] = []
    for portion in portions:
        chunks += decoder.feed(portion, most)
        while decoder.is_behind:
            chunks += decoder.catch_up()
    chunks += decoder.close()
    return chunks, decoder.end, decoder.retry if decoder.end is None else None, decoder.last_event_id


@pytest.mark.parametrize("kind", [EventChunkDecoder, LineChunkDecoder, SniffingDecoder])
@given(
    data=event_streams(),
    positions=cuts,
    most=st.integers(0, 300),
    limit=st.sampled_from([None, 10_000, 200, 64]),
    step=st.integers(1, 40),
)
@example(data=b"data: {}\n\n" + b"\n" * 200, positions=[], most=0, limit=None, step=7)
def test_steps_change_nothing(
    kind: type[ChunkDecoder], *, data: bytes, positions: list[int], most: int, limit: int | None, step: int
) -> None:
    """Whatever a stream holds, and however small the steps."""
    if kind is LineChunkDecoder:
        data = data.replace(b"data: ", b"")
    expected = _in_steps(kind(limit), [data], sys.maxsize)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunk_decoder, "_LINES_A_STEP", step)
        patch.setattr(chunk_decoder, "_BYTES_A_STEP", step if step % 2 else 8 * step)
        assert _in_steps(kind(limit), cut(data, positions), most) == expected


_REGULAR = event("m:1", content="a")
_SLOW = {
    "blank lines": b"\n" * 150_000,
    "line ends": b"\r" * 150_000,
    "comments": b":\n" * 75_000,
    "odd numbers": b'data: {"a": NaN}\n\n' * 5_000,
    "unknown members": b'id: m:2\ndata: {"content": "a", "b": 1}\n\n' * 5_000,
    "sources": b"".join(b'id: m:%d\ndata: {"sources": [{"id": "1"}]}\n\n' % number for number in range(2, 9000)),
    "metadata": b"".join(b'id: m:%d\ndata: {"metadata": {"a": 1}}\n\n' % number for number in range(2, 9000)),
    "lists": b'id: m:2\ndata: {"metadata": {"x": [' + b"[]," * 30_000 + b"[]]}}\n\n",
    "one read of very much": b"".join(event(f"m:{number}", content="a" * 200) for number in range(2, 6000)),
}


class _Work:
    """What the steps of a decoder do: lines read one by one, and bytes of regular events read in runs."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._read, self._run = EventParser.read, event_chunks._regular_chunks
        self.lines = self.bytes = 0
        patch.setattr(EventParser, "read", self._counted_read())
        patch.setattr(event_chunks, "_regular_chunks", self._counted_run)

    def _counted_read(self) -> Any:
        def read(parser: EventParser, lines: Sequence[bytes], **how: Any) -> Any:
            self.lines += len(lines)
            return self._read(parser, lines, **how)

        return read

    def _counted_run(self, lines: list[bytes], *how: Any) -> Any:
        self.bytes += sum(map(len, lines))
        return self._run(lines, *how)

    def take(self) -> tuple[int, int]:
        """What there was since it was last asked."""
        done, self.lines, self.bytes = (self.lines, self.bytes), 0, 0
        return done


@pytest.mark.parametrize("name", _SLOW)
def test_no_step_takes_long(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the first, when bytes are fed, nor those of catching up: few lines, or few bytes that are regular text.

    But one event that is large is read in one step, and is told from others before it is.
    """
    work, decoder = _Work(monkeypatch), EventChunkDecoder(8 << 20)
    assert len(decoder.feed(_REGULAR, 8192)) == 1
    chunks, slow = len(decoder.feed(_SLOW[name], 8192)), 0
    steps = [work.take()]
    while decoder.is_behind:
        slow += decoder.is_slow
        chunks += len(decoder.catch_up())
        steps.append(work.take())
    assert max(lines for lines, _ in steps) <= 200 + 8
    assert max(read for _, read in steps) <= 64 * 1024 + 8192
    assert len(steps) > 5 or name == "lists"
    assert slow == (2 if name == "lists" else 0)
    assert chunks == len(EventChunkDecoder(8 << 20).feed(_REGULAR + _SLOW[name])) - 1


_MADE = {
    **{name: data for name, data in _SLOW.items() if name != "lists"},
    "lists in metadata": b"".join(
        b'id: m:%d\ndata: {"metadata": {"a%d": [1]}}\n\n' % (number, number) for number in range(2, 9000)
    ),
}


@pytest.mark.parametrize("name", _MADE)
def test_no_step_makes_much(name: str) -> None:
    """What it makes is gone before Python's collector comes by.

    It would take it for lasting, and then look through everything that the process has.
    """
    older: list[int] = []

    def collected(phase: str, details: dict[str, int]) -> None:
        if phase == "start" and details["generation"]:
            older.append(details["generation"])

    decoder = EventChunkDecoder(8 << 20)
    decoder.feed(_REGULAR, 8192)
    gc.collect()
    gc.callbacks.append(collected)
    try:
        decoder.feed(_MADE[name], 8192)
        while decoder.is_behind:
            decoder.catch_up()
    finally:
        gc.callbacks.remove(collected)
    assert older == []
    assert decoder.end is None


def test_what_is_regular_does_not_wait() -> None:
    """Plain text comes by the portion, also very much of it in a read; so does little of anything at once."""
    decoder = EventChunkDecoder(8 << 20)
    regular = b"".join(event(f"m:{number}", content="word ") for number in range(1, 9000))
    found = [len(decoder.feed(regular, 8192))]
    while decoder.is_behind:
        found.append(len(decoder.catch_up()))
    assert sum(found) == 8999
    assert len(found) <= len(regular) // (64 * 1024) + 2
    assert len(decoder.feed(b'data: {"a": NaN, "b": 1}\n\n' * 60, 8192)) == 60
    assert not decoder.is_behind


@pytest.mark.parametrize(("size", "brackets", "waits"), [(2048, 501, False), (2049, 500, False), (2049, 501, True)])
def test_what_is_little_does_not_wait(size: int, brackets: int, waits: bool) -> None:
    """So many bytes, whatever they hold; or so few lists and objects beside the chunks, those in texts included."""
    decoder = EventChunkDecoder()
    decoder.feed(_REGULAR)
    portion = b"".join(b"id: m:%d\ndata: {}\n\n" % number for number in range(2, 70))  # more lines than a step has
    portion += event("m:70", content="{" * brackets)
    decoder.feed(portion.replace(b"{{", b"{{" + b"-" * (size - len(portion)), 1), 8192)
    assert decoder.is_behind == waits


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("half", [b'data: {"content":\n', b'data: {"content":\ndata: "'])
def test_what_is_left_of_a_large_event_waits(half: bytes, is_large: bool) -> None:
    """By the lines that have been read of it, and those that have come since."""
    decoder = EventChunkDecoder()
    event = b'data: {"content":\ndata: "%b"}\n\n' % (b"b" * (79 + is_large))
    assert decoder.feed(half, 100) == []
    assert len(decoder.feed(event.removeprefix(half), 100)) == (0 if is_large else 1)
    assert (decoder.is_behind, decoder.is_slow) == (is_large, is_large)
    while decoder.is_behind:
        decoder.catch_up()


_MANY = b'{"metadata": {"x": [' + b"[]," * 30_000 + b"[]]}}"
_TEXT = b'{"content": "' + b"a,[{" * 30_000 + b'"}'


@pytest.mark.parametrize(
    ("kind", "data", "end"),
    [
        (EventChunkDecoder, b"data: %b\n\n", Oversized(20_000)),
        (EventChunkDecoder, b"id: m:1\ndata: %b\n\n", Oversized(20_000)),
        (EventChunkDecoder, b'id: m:1\ndata: {"content": "a"}\n\nid: m:2\ndata: %b\n\n', Oversized(20_000)),
        (EventChunkDecoder, b"event: message\ndata: %b\n\n", Oversized(20_000)),
        (EventChunkDecoder, b"data: %b\ndata: {}\n", None),
        (EventChunkDecoder, b"data: %b\n", None),
        (EventChunkDecoder, b"event: other\ndata: %b\n\n", None),  # not looked at: too large for a chunk of that name
        (LineChunkDecoder, b"%b\n", Oversized(20_000)),
        (LineChunkDecoder, b"%b", Oversized(20_000)),
        (SniffingDecoder, b"%b\n", Oversized(20_000)),
        (SniffingDecoder, b"data: %b\n\n", Oversized(20_000)),
    ],
)
def test_documents_of_many_values(kind: type[ChunkDecoder], data: bytes, end: End | None) -> None:
    """They take many times their bytes to read, so they are not; what stands in a text is no value."""
    for most in (sys.maxsize, 8192):
        chunks, found, _, _ = _in_steps(kind(1 << 20), [data % _MANY], most)
        assert (found, [chunk for chunk in chunks if chunk.metadata]) == (end, [])
        chunks, found, _, _ = _in_steps(kind(1 << 20), [data % _TEXT], most)
        assert len(chunks[-1].content or "") == 120_000 or data.startswith(b"data: %b\ndata")
        assert not isinstance(found, Oversized | Malformed)


@given(
    st.recursive(st.text('a,[{"\\', max_size=8) | st.integers(0, 9), lambda part: st.lists(part, max_size=4)),
    st.integers(1, 12),
)
def test_values_are_counted_outside_of_texts(value: object, portion: int) -> None:
    """As many commas and brackets as there are, wherever quotes and backslashes stand, and wherever it is cut."""
    written = json.dumps(value).encode()

    def counted(part: object) -> int:
        return 1 + max(len(part) - 1, 0) + sum(map(counted, part)) if isinstance(part, list) else 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_text, "_PORTION", portion)
        outside = b"".join(json_text._outside_texts(written, 10_000))
        assert b"".join(json_text._cut_between_escapes(written)) == written
    assert json_text._values(outside, 1) == counted(value)


@pytest.mark.parametrize(
    "data",
    [b'{"a": [' + b"[]," * 2_700_000, b'{"a": "' + b"[]," * 2_700_000, b'","' * 2_700_000, b'",' + b"\\" * 8_000_000],
    ids=["lists", "a text", "texts", "backslashes"],
)
def test_values_are_counted_without_a_copy(data: bytes) -> None:
    """Memory that is new takes longer than what is done with it: eight megabytes of it, a quarter of a step."""
    tracemalloc.start()
    try:
        json_text.has_too_many_values(data, len(data), is_event=True)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(data) / 2


_NESTED = (
    b'{"error": %b}', b'{"detail": %b}', b'{"metadata": {"x": %b}}', b'{"zz": %b, "b": NaN}',
    b'{"sources": [{"id": "1", "title": "a", "metadata": {"x": %b}}]}',
)  # fmt: skip


def _read_twice(document: bytes, depth: int, *, is_resumed: bool = False) -> End | None:
    """An event, and once more."""
    sequence, past = EventSequence(), Past(text="", chunk_count=2)
    for event_id in (b"x", b"y") if is_resumed else ():
        sequence.accept(event_id)
    decoder = EventChunkDecoder(None, sequence, past)
    for _ in range(2):
        decoder.feed(b"id: x\ndata: %b\n\n" % (document % (b"[" * depth + b"]" * depth)))
    return decoder.end


@pytest.mark.parametrize("is_resumed", [False, True])
@pytest.mark.parametrize("document", _NESTED)
def test_any_depth_is_read_or_refused(document: bytes, is_resumed: bool) -> None:
    """Up to the end of the stack and beyond: nothing of Python's own comes out, whatever is compared with what.

    What is compared after a resume needs a few levels more than what is read.
    """
    edge = bisect_right(range(20_000), False, key=lambda depth: _read_twice(document, depth) is not None)
    for depth in (*range(20, edge, edge // 20), *range(edge - 20, edge + 5)):
        end = _read_twice(document, depth, is_resumed=is_resumed)
        assert isinstance(end, Malformed | ServerProblem | None)


@pytest.mark.parametrize(("kind", "line"), [(EventChunkDecoder, b"data: %b\n\n"), (LineChunkDecoder, b"%b\n")])
def test_any_depth_is_compared_or_refused(kind: type[ChunkDecoder], line: bytes) -> None:
    """With what had arrived before a resume, of which it may be the same once more: in events, and in lines."""

    def end(depth: int) -> End | None:
        document = b'{"metadata": {"x": %b}}' % (b"[" * depth + b"]" * depth)
        sequence = EventSequence()
        for event_id in (b"m:1", b"m:2"):
            sequence.accept(event_id)
        nested: list[Any] = []
        for _ in range(depth - 1):
            nested = [nested]
        decoder = kind(None, sequence, Past(text="", chunk_count=1, metadata={"x": nested}))
        decoder.feed(line % document)
        return decoder.end

    assert end(20) is None
    edge = bisect_right(range(1, 20_000), False, key=lambda depth: end(depth) is not None)
    assert all(isinstance(end(depth), Malformed | None) for depth in range(edge - 5, edge + 10))


def test_lists_of_sources_are_looked_at_as_far_as_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them; the rest is dropped, and that is told."""
    looked_at = 0

    def counted(source: CitationSource) -> Passage:
        nonlocal looked_at
        looked_at += 1
        return Passage(source)

    monkeypatch.setattr(sources, "Passage", counted)
    collector = SourceCollector(max_sources=10)
    collector.add([CitationSource(id=str(number % 12), title="t") for number in range(5000)])
    assert looked_at <= 20
    assert (len(collector.numbered), collector.truncated) == (10, True)
