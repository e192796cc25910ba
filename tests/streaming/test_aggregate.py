"""``ChunkAggregator``: chunks put together again."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, CitationSource, InvalidArgumentError, StreamedResponse, StreamingChunk
from gpo_client.text.bounds import BoundedText, Keep, json_bytes, source_bytes, text_bytes


def source(source_id: str, relevance: float | None = None, excerpt: str | None = None, **more: Any) -> CitationSource:
    """A source with a title of its own kind."""
    return CitationSource(
        id=source_id,
        title=more.pop("title", source_id),
        relevance_score=relevance,
        url=None,
        content_excerpt=excerpt,
        **more,
    )


def gathered(*chunks: StreamingChunk) -> ChunkAggregator:
    """An aggregator with these chunks."""
    aggregator = ChunkAggregator()
    for chunk in chunks:
        aggregator.add(chunk)
    return aggregator


def test_nothing_yet() -> None:
    """Before the first chunk the result is an empty one."""
    aggregator = ChunkAggregator()
    assert (aggregator.content, aggregator.sources, aggregator.result()) == ("", [], StreamedResponse())


def test_contents_are_joined() -> None:
    """Chunks without text count as chunks."""
    result = gathered(
        StreamingChunk(content="Mexico "), StreamingChunk(), StreamingChunk(content=""), StreamingChunk(content="taxes")
    ).result()
    assert (result.content, result.chunk_count) == ("Mexico taxes", 4)
    assert not result.is_complete
    assert not result.truncated


def test_final_chunk_completes() -> None:
    """And it stays complete, whatever is added."""
    aggregator = gathered(StreamingChunk(content="a", is_complete=True), StreamingChunk())
    assert aggregator.result().is_complete


def test_metadata_is_merged() -> None:
    """Later values win; the result is a copy of its own."""
    aggregator = gathered(
        StreamingChunk(metadata={"message_id": "m", "model_used": "x"}),
        StreamingChunk(metadata={}),
        StreamingChunk(metadata={"model_used": "y", "chunk_count": 2}),
    )
    result = aggregator.result()
    assert result.metadata == {"message_id": "m", "model_used": "y", "chunk_count": 2}
    assert result.message_id == "m"
    result.metadata.clear()
    assert aggregator.result().metadata


@pytest.mark.parametrize("metadata", [None, {}, {"message_id": None}, {"message_id": [5]}, {"message_id": True}])
def test_message_id_is_a_text_or_none(metadata: dict[str, Any] | None) -> None:
    """Nothing else is passed off as an id."""
    assert gathered(StreamingChunk(metadata=metadata)).result().message_id is None


def test_message_id_that_is_a_number() -> None:
    """Ids that arrive as numbers are read as text."""
    assert gathered(StreamingChunk(metadata={"message_id": 5})).result().message_id == "5"


def test_of_equal_sources_the_first_stays() -> None:
    """Saying the same twice changes nothing."""
    first, second = source("a", 0.5, "one", title="first"), source("a", 0.5, "one", title="second")
    assert gathered(StreamingChunk(sources=[first]), StreamingChunk(sources=[second])).sources == [first]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.floats(0, 1))))
def test_sources_against_the_plain_definition(found: list[tuple[str, float | None]]) -> None:
    """Each id once, at its maximum, in order; one chunk for all or one for each, it is the same."""
    sources = [source(name, score) for name, score in found]
    best = {name: max((score for other, score in found if other == name), key=_rank) for name, _ in found}
    expected = [(name, best[name]) for name in sorted(best, key=lambda name: -_rank(best[name]))]
    one_by_one = gathered(*(StreamingChunk(sources=[each]) for each in sources)).sources
    assert [(each.id, each.relevance_score) for each in one_by_one] == expected
    assert gathered(StreamingChunk(sources=sources)).sources == one_by_one


def _rank(score: float | None) -> float:
    return -1 if score is None else score


@pytest.mark.parametrize(("keep", "kept"), [("head", "Mexi"), ("tail", "axes")])
def test_text_within_a_bound(keep: Keep, kept: str) -> None:
    """What is over the bound is dropped, and said to be."""
    aggregator = ChunkAggregator(4, keep)
    for piece in ("Mexico ", "taxes"):
        aggregator.add(StreamingChunk(content=piece))
    assert aggregator.content == kept
    assert aggregator.result().truncated


def test_sources_within_a_bound() -> None:
    """The first are kept, as numbers count from there."""
    aggregator = ChunkAggregator(max_sources=2)
    aggregator.add(StreamingChunk(sources=[source("a", 0.1), source("b", 0.2)]))
    assert not aggregator.truncated
    aggregator.add(StreamingChunk(sources=[source("a", 0.9), source("c", 1.0)]))
    result = aggregator.result()
    assert result.truncated
    assert [(each.id, each.relevance_score) for each in result.numbered_sources] == [("a", 0.9), ("b", 0.2)]


def test_one_source_too_large_ends_the_list() -> None:
    """What came after it would have the number of another."""
    aggregator = ChunkAggregator(max_source_bytes=5000)
    aggregator.add(StreamingChunk(sources=[source("a"), source("b", excerpt="x" * 5000), source("c")]))
    aggregator.add(StreamingChunk(sources=[source("d"), source("a", 0.5)]))
    result = aggregator.result()
    assert result.truncated
    assert result.numbered_sources == [source("a")]


def test_metadata_within_a_bound() -> None:
    """What does not fit is left out, what replaces something needs the difference only."""
    aggregator = ChunkAggregator(max_source_bytes=500)
    for size in (100, 300, 200, 300):
        aggregator.add(StreamingChunk(metadata={"text": "x" * size, "message_id": "m"}))
    assert not aggregator.truncated
    aggregator.add(StreamingChunk(metadata={"more": "y" * 300}))
    result = aggregator.result()
    assert (result.truncated, list(result.metadata), result.message_id) == (True, ["text", "message_id"], "m")


_ENDLESS: dict[str, Callable[[int], StreamingChunk]] = {
    "new sources": lambda n: StreamingChunk(sources=[source(f"s{n}", excerpt="x" * 100)]),
    "new passages": lambda n: StreamingChunk(sources=[source("a", excerpt=f"{n} x")]),
    "one twice in a list": lambda n: StreamingChunk(sources=[source("a"), source("a")] if n else [source("b")]),
    "one with ever other titles": lambda n: StreamingChunk(sources=[source("a", n / 1e6, title=f"{n} x" * 20)]),
    "one with ever more metadata": lambda n: StreamingChunk(sources=[source("a", n / 1e6, metadata={f"m{n}": "x"})]),
    "one that grows": lambda n: StreamingChunk(sources=[source("a", excerpt="x" * n)]),
    "new metadata": lambda n: StreamingChunk(metadata={f"m{n}": [{"x": n}] * 3}),
    "empty metadata": lambda n: StreamingChunk(metadata={f"m{n}": {}}),
}


@pytest.mark.parametrize("chunk", _ENDLESS.values(), ids=_ENDLESS)
def test_what_never_ends_is_bounded(chunk: Callable[[int], StreamingChunk]) -> None:
    """Twice as many chunks, no more memory; and it is said."""
    aggregator = ChunkAggregator(max_source_bytes=20_000)
    tracemalloc.start()
    try:
        for number in range(1000):
            aggregator.add(chunk(number))
        held = tracemalloc.get_traced_memory()[0]
        for number in range(1000, 2000):
            aggregator.add(chunk(number))
        assert tracemalloc.get_traced_memory()[0] < held + 20_000
    finally:
        tracemalloc.stop()
    assert held < 500_000
    assert aggregator.truncated or len(aggregator.result().numbered_sources) < 10


def test_bounds_that_make_no_sense() -> None:
    """Are refused at once, with the value."""
    for wrong in (-1, True, "5", 1.5):
        with pytest.raises(InvalidArgumentError, match="max_chars must be 0 or more, or None for no limit") as caught:
            ChunkAggregator(cast("int", wrong))
        assert caught.value.field == "max_chars"
    for name in ("max_sources", "max_source_bytes"):
        with pytest.raises(InvalidArgumentError, match=f"{name} must be 0 or more") as caught:
            ChunkAggregator(**cast("dict[str, Any]", {name: -1}))
        assert caught.value.field == name
    with pytest.raises(InvalidArgumentError, match='keep must be "head" or "tail", not \'middle\'') as caught:
        ChunkAggregator(5, cast("Keep", "middle"))
    assert caught.value.field == "keep"


# --- ``BoundedText``: text bounded within a bound.

KEEPS = pytest.mark.parametrize("keep", ["head", "tail"])


pieces = st.lists(st.text(max_size=8), max_size=40)


def bounded(texts: list[str], max_chars: int | None, keep: Keep) -> BoundedText:
    """A text made of these pieces."""
    text = BoundedText(max_chars, keep)
    for piece in texts:
        text.add(piece)
    return text


@KEEPS
@given(texts=pieces, max_chars=st.none() | st.integers(0, 60))
def test_it_is_one_end_of_the_whole(keep: Keep, texts: list[str], max_chars: int | None) -> None:
    """The first or the last characters of all pieces joined, and whether any are missing."""
    whole = "".join(texts)
    limit = len(whole) if max_chars is None else max_chars
    text = bounded(texts, max_chars, keep)
    assert text.value == (whole[:limit] if keep == "head" else whole[max(len(whole) - limit, 0) :])
    assert text.truncated == (len(whole) > limit)


@KEEPS
@pytest.mark.parametrize("count", [511, 512, 513, 2000])
def test_many_pieces(keep: Keep, count: int) -> None:
    """Pieces are joined in blocks: none is lost or swapped at their edges."""
    texts = [str(number) for number in range(count)]
    assert bounded(texts, None, keep).value == "".join(texts)
    assert bounded(texts, 1500, keep).value == ("".join(texts)[:1500] if keep == "head" else "".join(texts)[-1500:])


@KEEPS
def test_reading_changes_nothing(keep: Keep) -> None:
    """The text may be looked at whenever one likes."""
    text = BoundedText(5, keep)
    values: list[str] = []
    for piece in ("abc", "def", "ghi"):
        text.add(piece)
        values.append(text.value)
    assert values == (["abc", "abcde", "abcde"] if keep == "head" else ["abc", "bcdef", "efghi"])


@KEEPS
@pytest.mark.parametrize("max_chars", [0, 10, 1000])
def test_endless_text_is_held_within_bounds(keep: Keep, max_chars: int) -> None:
    """Neither the characters nor the pieces held grow with what is dropped; a tail is cut at twice its bound only."""
    text = BoundedText(max_chars, keep)
    most = 0
    for _ in range(20_000):
        text.add("word ")
        most = max(most, sum(map(len, text._pieces)) + sum(map(len, text._blocks)))
    bound = 2 * max_chars if keep == "tail" else max_chars
    assert bound - 5 < most <= bound
    assert len(text._blocks) <= 2 + 2 * max_chars // 512
    assert len(text._pieces) <= 512


def test_the_beginning_is_kept_unless_told_otherwise() -> None:
    """As by an aggregator."""
    text = BoundedText(1)
    text.add("ab")
    assert (text.value, text.truncated) == ("a", True)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("", 8),
        ("tax", 11),
        ("año", 12),
        ("\ud800", 9),
        (5, 8),
        (None, 8),
        ([1, ["é"]], 34),
        (("a", 1), 25),
        ({"a": {}}, 25),
    ],
)
def test_bytes_that_a_value_takes(value: object, size: int) -> None:
    """Eight for anything, and texts as UTF-8, names included."""
    assert json_bytes(value) == size
    assert not isinstance(value, str) or text_bytes(value) == size - 8


def test_bytes_that_a_source_takes() -> None:
    """However deep its metadata is."""
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    bare = source_bytes(source("1"))
    assert source_bytes(source("1", metadata={"x": nested})) == bare + 8 + 1 + 8 * 100_001
