"""A connection after the first, case by case: what it brings that is new, and how it ends if it does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import CitationSource, StreamingChunk
from gpo_client.models.problem import Problem
from gpo_client.sse import replay
from gpo_client.sse.chunk_decoder import ChunkDecoder
from gpo_client.sse.chunks import LineChunkDecoder
from gpo_client.sse.event_chunks import EventChunkDecoder
from gpo_client.sse.event_kinds import Complete, Malformed, ServerProblem, Unproven
from gpo_client.sse.replay import Past, Replay
from gpo_client.sse.sequence import EventSequence
from gpo_client.text.record import StreamRecord
from tests.streaming.decoding import event, read

_SOURCE, _OTHER = {"id": "s", "title": "t"}, {"id": "o", "title": "t"}
_END: dict[str, Any] = {"is_complete": True}


def _e(event_id: str, content: str | None = None, **more: Any) -> bytes:
    return event(event_id, content=content, **more)


def _differs(first: str, last: str) -> Malformed:
    return Malformed(
        f"the server does not continue the answer: from event {first!r} on it sends something else than what had"
        f" arrived up to event {last!r}"
    )


def _missing(found: str, last: str) -> Malformed:
    return Malformed(f"events are missing: {found!r} came after {last!r}")


def _unproven(first: str) -> Unproven:
    return Unproven(f"event {first!r} does not tell whether the server continues the answer")


_COUNTED = [_e("m:1", "a"), _e("m:2", "b"), _e("m:3", "c")]
_PLAIN = [_e("1", "a"), _e("2", "b")]
_WORDS = [_e("x", "a"), _e("y", "b")]
_TOLD = [_e("m:1", "a", metadata={"k": 1}, sources=[_SOURCE]), _e("m:2", "b")]
_PRIMER = [b"id: x\n\n"]

#: What had arrived, what comes then, what is new of it, and how that ends.
CASES: dict[str, tuple[list[bytes], list[bytes], list[str | None], object]] = {
    # The id says that it goes on.
    "next": (_COUNTED, [_e("m:4", "d")], ["d"], None),
    "next, and then a gap": (_COUNTED, [_e("m:4", "d"), _e("m:6", "f")], ["d"], _missing("m:6", "m:4")),
    "next, without a chunk": (_COUNTED, [b"id: m:4\n\n", _e("m:5", "e")], ["e"], None),
    "gap": (_COUNTED, [_e("m:5", "e")], [], _missing("m:5", "m:3")),
    "follows what had no text": ([_e("1", metadata={"k": 1})], [_e("2", "a")], ["a"], None),
    "nothing had arrived": (_PRIMER, [_e("z", "a"), _e("w", "b")], ["a", "b"], None),
    "anything": (_WORDS, [_e("z", "c")], [], _unproven("z")),
    "anything, of another counter": (_PLAIN, [_e("n:1", "a")], [], _unproven("n:1")),
    # It repeats events.
    "all again": (_COUNTED, [*_COUNTED, _e("m:4", "d")], ["d"], None),
    "all again, and then a gap": (_COUNTED, [*_COUNTED, _e("m:5", "e")], [], _missing("m:5", "m:3")),
    "the last ones again": (_COUNTED, [*_COUNTED[1:], _e("m:4", "d")], ["d"], None),
    "the last one again, twice": (_COUNTED, [_COUNTED[2], _COUNTED[2], _e("m:4", "d")], ["d"], None),
    "the last one again, twice and not the same": (
        _COUNTED, [_COUNTED[2], _e("m:3", "d"), _e("m:4", "d")], [], _differs("m:3", "m:3"),
    ),
    "words again": (_WORDS, [*_WORDS, _e("z", "c")], ["c"], None),
    "another text": (_COUNTED, [_e("m:2", "x"), _COUNTED[2], _e("m:4", "d")], [], _differs("m:2", "m:3")),
    "less text from the first on": (_COUNTED, [_e("m:1"), *_COUNTED[1:], _e("m:4", "d")], [], _differs("m:1", "m:3")),
    "less text from a later one on": (_COUNTED, [_e("m:2"), _COUNTED[2], _e("m:4", "d")], ["d"], None),
    "more text than there was": (_COUNTED, [_e("m:2", "bbb"), _e("m:3", "c")], [], _differs("m:2", "m:3")),
    "one left out": (_COUNTED, [_COUNTED[0], _COUNTED[1], _e("m:4", "d")], [], _differs("m:1", "m:3")),
    "a repeat that is the last": (_COUNTED, [_e("m:3", "c", **_END)], [], _differs("m:3", "m:3")),
    "sources again": (_TOLD, [*_TOLD, _e("m:3", "c")], ["c"], None),
    "sources not again": (_TOLD, [_e("m:1", "a"), _TOLD[1], _e("m:3", "c")], [], _differs("m:1", "m:2")),
    "sources not again from a later one on": (_TOLD, [_TOLD[1], _e("m:3", "c")], ["c"], None),
    # It goes on under ids that follow, which may be those of the answer once more.
    "follows": (_PLAIN, [_e("3", "c"), _e("4", "a")], ["c", "a"], None),
    "follows with the same beginning": (_PLAIN, [_e("3", "a"), _e("4", "c"), _e("5", "b")], ["a", "c", "b"], None),
    "follows with a longer text": (_PLAIN, [_e("3", "ac")], ["ac"], None),
    "follows with all of it": (_PLAIN, [_e("3", "a"), _e("4", "b")], [], _unproven("3")),
    "follows with all of it and more": (_PLAIN, [_e("3", "abc")], [], _unproven("3")),
    "follows with half of it": (_PLAIN, [_e("3", "a")], [], None),
    "follows with its end": (_PLAIN, [_e("3", "a", **_END)], ["a"], Complete()),
    # It begins again under other ids.
    "again": (_COUNTED, [_e("n:1", "a"), _e("n:2", "b"), _e("n:3", "c"), _e("n:4", "d")], ["d"], None),
    "again, cut elsewhere": (_COUNTED, [_e("n:1", "ab"), _e("n:2", "cd"), _e("n:3", "e")], ["d", "e"], None),
    "again, some of it twice": (_COUNTED, [_e("n:1", "ab"), _e("n:1", "ab"), _e("n:2", "cd")], ["d"], None),
    "again, with a gap": (_COUNTED, [_e("n:1", "a"), _e("n:3", "c")], [], _missing("n:3", "n:1")),
    "again, another text": (_COUNTED, [_e("n:1", "a"), _e("n:2", "x")], [], _differs("n:1", "m:3")),
    "again, and shorter": (_COUNTED, [_e("n:1", "a"), _e("n:2", "b", **_END)], [], _differs("n:1", "m:3")),
    "again, and no longer": (_COUNTED, [_e("n:1", "ab"), _e("n:2", "c", **_END)], [None], Complete()),
    "again, with an end of its own": (_COUNTED, [_e("n:1", "abc"), _e("n:2", **_END)], [None], Complete()),
    "again, with nothing new yet": (_COUNTED, [_e("n:1", "abc"), _e("n:2")], [], None),
    "again, with new metadata": (_COUNTED, [_e("n:1", "abc"), _e("n:2", metadata={"k": 1})], [None], None),
    "again, with metadata before the text": (_COUNTED, [_e("n:1", metadata={"k": 1}), _e("n:2", "abcd")], ["d"], None),
    "again, with the same metadata": (
        _TOLD, [_e("n:1", "ab", sources=[_SOURCE]), _e("n:2", metadata={"k": 1}), _e("n:3", "c")], ["c"], None,
    ),
    "again, with other metadata": (
        _TOLD, [_e("n:1", "ab", sources=[_SOURCE]), _e("n:2", metadata={"k": 2})], [None], None,
    ),
    "again, with the same sources": (
        _TOLD, [_e("n:1", "ab"), _e("n:2", sources=[_SOURCE]), _e("n:3", "c")], ["c"], None,
    ),
    "again, with other sources": (
        _TOLD, [_e("n:1", "ab", sources=[_SOURCE]), _e("n:2", sources=[_OTHER])], [None], None,
    ),
    "again, without the sources": (_TOLD, [_e("n:1", "ab"), _e("n:2", "c")], [], _differs("n:1", "m:2")),
}  # fmt: skip


@pytest.mark.parametrize("ping", [b"", b"event: ping\ndata: 1\n\n", b"data:\n\n", b": ping\n\n"], ids=repr)
@pytest.mark.parametrize(("before", "after", "texts", "end"), CASES.values(), ids=CASES)
def test_second_connection(
    before: list[bytes], after: list[bytes], texts: list[str | None], end: object, ping: bytes
) -> None:
    """Nothing twice, nothing lost, and no two answers mixed, whatever keeps the connection open meanwhile."""
    record = StreamRecord(lambda: 0.0)
    record.add(read(EventChunkDecoder(None, record.sequence), before).chunks)
    reading = read(
        EventChunkDecoder(None, record.sequence, record.past), [part for each in after for part in (ping, each)]
    )
    assert (reading.texts, reading.end) == (texts, end)
    last = after[-1].split(b"\n")[0].removeprefix(b"id: ").decode()
    assert not texts or isinstance(end, Malformed) or record.last_event_id == last
    assert record.sequence.resumable


@pytest.mark.parametrize(
    ("kind", "error"),
    [(EventChunkDecoder, b'data: {"error": "so busy"}\n\n'), (LineChunkDecoder, b'{"error": "so busy"}\n')],
)
@pytest.mark.parametrize("ids", [[b"m:1"], [b"m:1", b"m:2"], [b"x"], [b"x", b"y"]])
def test_an_error_comes_first(kind: type[ChunkDecoder], error: bytes, ids: list[bytes]) -> None:
    """On a new connection it is what it is anywhere, not an answer that differs."""
    sequence = EventSequence()
    for event_id in ids:
        sequence.accept(event_id)
    decoder = kind(None, sequence, Past(text="a", chunk_count=len(ids)))
    assert decoder.feed(error) == []
    assert decoder.end == ServerProblem(Problem(title="so busy"))


def _replay(text: str | None, *ids: bytes) -> Replay:
    sequence = EventSequence()
    for event_id in ids:
        sequence.accept(event_id)
    return Replay(sequence, Past(text=text, chunk_count=len(ids)))


def test_a_text_that_is_not_known_in_full() -> None:
    """Of one that was longer than can be kept: repeats are told by their ids alone, an answer anew by nothing."""
    told = _replay(None, b"m:1", b"m:2")
    assert told.take(b"m:1", StreamingChunk(content="anything")) == told.take(b"m:2", None) == []
    assert told.take(b"m:3", StreamingChunk(content="c")) == [StreamingChunk(content="c")]
    assert (told.is_over, told.end) == (True, None)
    told = _replay(None, b"m:1", b"m:2")
    assert told.take(b"n:1", StreamingChunk(content="")) == []
    assert told.end == _differs("n:1", "m:2")


def test_events_without_ids() -> None:
    """The server may go on or begin again; what is read of it cannot be continued once more."""
    told = _replay("ab", b"m:1", b"m:2")
    assert told.take(b"", StreamingChunk(content="ab")) == []
    assert told.take(b"", None) == []
    assert told.take(b"", StreamingChunk(content="c")) == [StreamingChunk(content="c")]
    assert (told.is_over, told._sequence.resumable) == (True, False)
    told = _replay("ab", b"m:1", b"m:2")
    assert told.take(b"", None) == []
    assert told.take(b"n:1", StreamingChunk(content="abc")) == [StreamingChunk(content="c")]
    assert (told.is_over, told._sequence.resumable) == (True, True)
    told = _replay("ab", b"m:1", b"m:2")
    told.take(b"", StreamingChunk(content="x"))
    assert told.end == Malformed(
        "the server does not continue the answer: from an event without an id on it sends something else than what had"
        " arrived up to event 'm:2'"
    )


def test_so_many_events_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is open whether they are new."""
    monkeypatch.setattr(replay, "_MOST_HELD", 2)
    told = _replay("ab", b"1", b"2")
    assert [told.take(b"%d" % number, StreamingChunk()) for number in (3, 4)] == [[], []]
    assert (told.is_over, told.end) == (False, None)
    assert told.take(b"5", StreamingChunk()) == []
    assert told.end == _unproven("3")


def test_ids_that_are_long_or_no_text() -> None:
    """Are shown as far as they can be."""
    told = _replay("ab", b"m:1", b"m:2")
    told.take(b"\xff" + b"n" * 300, StreamingChunk(content="x"))
    assert told.end == _differs("\ufffd" + "n" * 199, "m:2")
    told = _replay("ab", b"\xff:1")
    told.take(b"\xff:3", StreamingChunk())
    assert told.end == _missing("\ufffd:3", "\ufffd:1")


def test_what_a_past_has_of_a_chunk() -> None:
    """All of its sources and metadata, or not."""
    source, other = CitationSource(id="s", title="t"), CitationSource(id="o", title="t")
    past = Past(text="", metadata={"a": 1, "n": None}, sources=[source])
    both: dict[str, Any] = {"metadata": {"a": 1, "n": None}, "sources": [source]}
    known: list[dict[str, Any]] = [
        {},
        both,
        {"metadata": both["metadata"]},
        {"sources": [source], "metadata": {"a": 1}},
    ]
    new: list[dict[str, Any]] = [
        *({"metadata": metadata} for metadata in ({"a": 2}, {"b": None}, {"a": 1, "n": 1})),
        *({**both, "sources": sources} for sources in ([source, other], [other])),
        {**both, "metadata": {"b": 1}},
    ]
    assert all(past.has_rest_of(StreamingChunk(**told)) for told in known)
    assert not any(past.has_rest_of(StreamingChunk(**told)) for told in new)
