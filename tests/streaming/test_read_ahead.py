"""The buffer between a reader and its consumers, for any order of putting, taking and leaving."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, InvalidArgumentError, StreamingChunk
from gpo_client.models.stream import CitationSource
from gpo_client.text.read_ahead import Batcher, ReadAhead, StreamStats, check_callback, chunk_bytes

_PUT = st.tuples(st.just("put"), st.lists(st.text(max_size=3), min_size=1, max_size=5))
_TAKE = st.tuples(st.just("take"), st.integers(0, 2), st.none() | st.integers(1, 4))
_LEAVE = st.tuples(st.just("leave"), st.integers(0, 2))
# Whoever has left takes no part any more: leaving has to be rare.
_STEPS = st.lists(st.sampled_from([_PUT] * 6 + [_TAKE] * 12 + [_LEAVE]).flatmap(lambda step: step), max_size=40)


def is_full(
    queues: Iterable[Iterable[StreamingChunk]], added: Sequence[StreamingChunk], max_chunks: int, max_bytes: int
) -> bool:
    """Whether a buffer of these queues has no room, once some chunks are added."""
    wholes = [[*queue, *added] for queue in queues]
    return any(len(whole) >= max_chunks or sum(map(chunk_bytes, whole)) >= max_bytes for whole in wholes)


@given(
    steps=_STEPS,
    max_chunks=st.integers(1, 6),
    max_bytes=st.integers(1, 20),
    low=st.floats(0.01, 1),
    consumers=st.integers(1, 3),
)
@example(
    steps=[("put", ["aaaaa", "bbbbb", ""])], max_chunks=3, max_bytes=10, low=1.0, consumers=1
)  # full, then nothing
def test_marks(steps: list[tuple[object, ...]], max_chunks: int, max_bytes: int, low: float, consumers: int) -> None:
    """Every consumer gets every chunk in order; reading stops at the mark, goes on below the other, and is counted."""
    ahead = ReadAhead(max_chunks, max_bytes, low, consumers=consumers)
    expected: dict[int, deque[StreamingChunk]] = {number: deque() for number in range(consumers)}
    is_paused, pauses, waited, since, peak = False, 0, 0, 0, 0
    for now, step in enumerate(steps):
        match step:
            case "put", list(texts):
                chunks = [StreamingChunk(content=text) for text in texts]
                count = ahead.put(chunks, now)
                added = chunks[:count]
                assert count == len(chunks) or is_full(expected.values(), added, max_chunks, max_bytes)
                assert count <= 1 or not is_full(expected.values(), added[:-1], max_chunks, max_bytes)
                for queue in expected.values():
                    queue.extend(added)
            case "take", int(consumer), most:
                queue = expected.get(consumer, deque())
                count = len(queue) if most is None else min(int(str(most)), len(queue))
                assert ahead.take(consumer, most if most is None else count, now) == [
                    queue.popleft() for _ in range(count)
                ]
            case "leave", int(consumer):
                ahead.leave(consumer, now)
                expected.pop(consumer, None)
        longest = max(map(len, expected.values()), default=0)
        largest = max((sum(map(chunk_bytes, queue)) for queue in expected.values()), default=0)
        load = max(longest / max_chunks, largest / max_bytes)
        if not is_paused and load >= 1:
            is_paused, pauses, since = True, pauses + 1, now
        elif is_paused and load < low:
            is_paused, waited = False, waited + now - since
        peak = max(peak, longest)
        assert ahead.is_paused is is_paused
        assert ahead.stats == StreamStats(buffered=longest, peak=peak, pauses=pauses, waited=waited)
        assert [ahead.has_left(number) for number in range(3)] == [number not in expected for number in range(3)]
        assert (ahead.is_left, ahead.is_shared) == (not expected, len(expected) > 1)


def test_bytes() -> None:
    """Text and excerpts count as they are sent, whatever else is in a chunk."""
    source = CitationSource(id="s", title="title", relevance_score=None, url="url", content_excerpt="é")
    without = CitationSource(id="s", title="title", relevance_score=None, url="url", content_excerpt=None)
    assert chunk_bytes(StreamingChunk(content="aé€\ud800", sources=[source, without])) == 1 + 2 + 3 + 1 + 2
    assert chunk_bytes(StreamingChunk(metadata={"a": "b"})) == 0


@pytest.mark.parametrize(("low", "left"), [(1.0, 3), (0.75, 2), (0.5, 1), (0.1, 0)])
def test_reading_goes_on_below_the_mark(low: float, left: int) -> None:
    """Four are the limit; with so many left of them, and not with one more, reading goes on."""
    ahead = ReadAhead(max_chunks=4, max_bytes=1000, low=low)
    ahead.put([StreamingChunk(content="word")] * 4, now=0.0)
    while ahead.is_paused:
        ahead.take(0, 1, now=1.0)
    assert ahead.stats == StreamStats(buffered=left, peak=4, pauses=1, waited=1.0)


def test_bytes_add_up() -> None:
    """What several reads have brought counts, until it is taken."""
    ahead = ReadAhead(max_chunks=10, max_bytes=10, low=1.0)
    for is_full in (False, False, True):
        ahead.put([StreamingChunk(content="four")], now=0.0)
        assert ahead.is_paused is is_full


def test_nobody_is_left() -> None:
    """Nothing waits for who has gone: neither what was read, nor what is still to come."""
    ahead = ReadAhead(max_chunks=1, max_bytes=1, low=1.0)
    ahead.put([StreamingChunk(content="word")], now=1.0)
    ahead.leave(0, now=3.0)
    assert ahead.stats == StreamStats(buffered=0, peak=1, pauses=1, waited=2.0)
    assert ahead.put([StreamingChunk(content="word")] * 3, now=4.0) == 3
    assert not ahead.is_paused


async def _awaited() -> None: ...


@pytest.mark.parametrize("wrong", ["print", 1, _awaited])
def test_wrong_callbacks(wrong: Any) -> None:
    """What cannot be called, or would have to be awaited, is refused; nothing at all is right."""
    message = f"on_pause must be a plain function without arguments, not {wrong!r}"
    with pytest.raises(InvalidArgumentError) as caught:
        check_callback("on_pause", wrong)
    assert (str(caught.value), caught.value.field) == (message, "on_pause")
    check_callback("on_pause", None)
    check_callback("on_pause", print)


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "2", None])
@pytest.mark.parametrize("name", ["max_chunks", "max_bytes", "n"])
def test_wrong_sizes(name: str, wrong: Any) -> None:
    """Are refused by their names; ``n`` is how users call the number of consumers."""
    sizes: dict[str, Any] = {"max_chunks": 1, "max_bytes": 1, "n": 1, name: wrong}
    with pytest.raises(InvalidArgumentError) as caught:
        ReadAhead(sizes["max_chunks"], sizes["max_bytes"], 1.0, consumers=sizes["n"])
    assert (str(caught.value), caught.value.field) == (f"{name} must be a whole number from 1 on, not {wrong!r}", name)


@pytest.mark.parametrize("wrong", [0, 0.0, -0.5, 1.01, 2, "1", None])
def test_wrong_marks(wrong: Any) -> None:
    """So is a mark that is no load to go on below."""
    with pytest.raises(InvalidArgumentError) as caught:
        ReadAhead(1, 1, wrong)
    assert (str(caught.value), caught.value.field) == (f"low must be more than 0 and at most 1, not {wrong!r}", "low")
    assert not ReadAhead(1, 1, 1).is_paused


@pytest.mark.parametrize("wrong", [-0.1, True, "1", None, float("inf"), float("nan")])
def test_wrong_intervals(wrong: Any) -> None:
    """And what is no number of seconds; 0 is one."""
    with pytest.raises(InvalidArgumentError) as caught:
        Batcher(wrong)
    assert (str(caught.value), caught.value.field) == (
        f"interval must be seconds, 0 or more, not {wrong!r}",
        "interval",
    )
    assert Batcher(0).wait(0.0) is None


@pytest.mark.parametrize("wrong", [0, -1, True, 1.5, "2"])
def test_wrong_lengths_of_batches(wrong: Any) -> None:
    """And what is no number of characters."""
    message = f"max_chars must be a whole number from 1 on, or None for no limit, not {wrong!r}"
    with pytest.raises(InvalidArgumentError) as caught:
        Batcher(0.1, wrong)
    assert (str(caught.value), caught.value.field) == (message, "max_chars")


# --- Batches for any chunks at any times.

_SOURCES = st.lists(
    st.builds(
        lambda name, passage: CitationSource(
            id=name, title=name, relevance_score=0.5, url=None, content_excerpt=passage[0], metadata=passage[1]
        ),
        st.sampled_from("ab"),
        st.sampled_from([("a", None), ("a", {"page": 1}), ("b", {"page": 1}), ("c", None)]),
    )
    | st.just(CitationSource(id="c", title="c", relevance_score=0.5, url=None, content_excerpt=None)),
    min_size=1,
    max_size=3,
)


_METADATA = st.dictionaries(st.sampled_from("mn"), st.integers(), min_size=1)


_CHUNKS = st.builds(
    StreamingChunk,
    content=st.none() | st.text(max_size=4),
    sources=st.none() | _SOURCES,
    metadata=st.none() | _METADATA,
)


# Chunks, each some hundredths of a second after the one before.
_ARRIVALS = st.lists(st.tuples(st.integers(0, 12), _CHUNKS), max_size=30)


def _batches(
    arrivals: list[tuple[int, StreamingChunk]], interval: float, max_chars: int | None
) -> list[tuple[float, StreamingChunk]]:
    """What a user sees, and when, if everything is done on time; the last chunk is final."""
    batcher, now, batches = Batcher(interval, max_chars), 0.0, list[tuple[float, StreamingChunk]]()
    final = (1, StreamingChunk(is_complete=True))
    for after, chunk in [*arrivals, final]:
        until = round(now + after / 100, 9)
        while (wait := batcher.wait(now)) is not None and now + wait < until:
            now = round(now + wait, 9)
            batches.append((now, batcher.take(now)))
        now = until
        batcher.add([chunk], now)
        if batcher.wait(now) == 0:
            batches.append((now, batcher.take(now)))
    assert batcher.wait(now) is None, "something is held after the final chunk"
    return batches


def _whole(chunks: list[StreamingChunk]) -> Any:
    aggregator = ChunkAggregator()
    aggregator.add_all(chunks)
    result = aggregator.result()
    return result.content, result.sources, result.numbered_sources, result.metadata, result.is_complete


@given(arrivals=_ARRIVALS, interval=st.sampled_from([0.0, 0.01, 0.05, 1.0]), max_chars=st.none() | st.integers(1, 10))
@example(arrivals=[(0, StreamingChunk(content="a")), (1, StreamingChunk(content="b"))], interval=0.05, max_chars=None)
def test_batches(arrivals: list[tuple[int, StreamingChunk]], interval: float, max_chars: int | None) -> None:
    """Nothing is lost, the first comes at once, one an interval at most, and none is later than that."""
    batches = _batches(arrivals, interval, max_chars)
    chunks = [*(chunk for _, chunk in arrivals), StreamingChunk(is_complete=True)]
    assert _whole([chunk for _, chunk in batches]) == _whole(chunks)
    assert [chunk.is_complete for _, chunk in batches] == [False] * (len(batches) - 1) + [True]
    first_arrival = (arrivals[0][0] if arrivals else 1) / 100
    assert batches[0][0] == first_arrival
    for (before, _), (time, batch) in itertools.pairwise(batches):
        early = batch.is_complete or (max_chars is not None and len(batch.content or "") >= max_chars)
        assert early or time - before >= interval - 1e-9
    _check_nothing_late(arrivals, batches, interval)


def _check_nothing_late(
    arrivals: list[tuple[int, StreamingChunk]], batches: list[tuple[float, StreamingChunk]], interval: float
) -> None:
    shown = [(time, character) for time, batch in batches for character in batch.content or ""]
    now, position = 0.0, 0
    for after, chunk in arrivals:
        now += after / 100
        for _ in chunk.content or "":
            assert now - 1e-9 <= shown[position][0] <= now + interval + 1e-9
            position += 1


def test_a_chunk_alone_is_handed_on_as_it_is() -> None:
    """Nothing is copied that need not be."""
    batcher, chunk = Batcher(0.05), StreamingChunk(content="", metadata={})
    batcher.add([chunk], 0.0)
    assert batcher.take(0.0) is chunk


def test_much_text_goes_out_early() -> None:
    """As soon as all that is held has so many characters, and none that has gone out counts."""
    batcher = Batcher(10.0, max_chars=3)
    batcher.add([StreamingChunk(content="first")], 0.0)
    batcher.take(0.0)
    for begin in (1.0, 3.0):
        waits = []
        for number, text in enumerate(("ab", "c")):
            batcher.add([StreamingChunk(content=text)], begin + number)
            waits.append(batcher.wait(begin + number))
        assert waits == [9.0, 0.0]
        assert batcher.take(begin + 1).content == "abc"


def test_no_wait_is_shorter_than_a_nanosecond() -> None:
    """That is what differences of floats leave of none."""
    batcher = Batcher(0.5)
    batcher.add([StreamingChunk(content="a")], 0.0)
    batcher.take(0.0)
    batcher.add([StreamingChunk(content="b")], 0.4)
    assert [batcher.wait(now) for now in (0.4, 0.5 - 2e-10, 0.6)] == [0.1, 0.0, 0.0]
