"""``ChunkAggregator``: chunks put together again."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, CitationSource, InvalidArgumentError, StreamedResponse, StreamingChunk
from gpo_client.streaming.text import Keep


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


@pytest.mark.parametrize("metadata", [None, {}, {"message_id": None}, {"message_id": 5}])
def test_message_id_is_a_text_or_none(metadata: dict[str, Any] | None) -> None:
    """Nothing else is passed off as an id."""
    assert gathered(StreamingChunk(metadata=metadata)).result().message_id is None


def test_sources_come_most_relevant_first() -> None:
    """Those of the same relevance as they came; those of unknown relevance last, after the irrelevant."""
    scores = {"a": 0.5, "b": None, "c": 0.9, "d": 0.5, "e": 0.0, "f": None}
    sources = gathered(StreamingChunk(sources=[source(name, score) for name, score in scores.items()])).sources
    assert [each.id for each in sources] == ["c", "a", "d", "e", "b", "f"]


def test_a_source_counts_once() -> None:
    """At its highest relevance, with the longest excerpt, in the place where it first came."""
    aggregator = gathered(
        StreamingChunk(sources=[source("a", 0.5, "the longest excerpt", title="old"), source("b", 0.9)]),
        StreamingChunk(sources=[source("a", 0.9, "short", title="new", document_id="d")]),
        StreamingChunk(sources=[source("a", None, None), source("b", 0.1, "an excerpt")]),
        StreamingChunk(sources=[]),
    )
    assert aggregator.sources == [
        source("a", 0.9, "the longest excerpt", title="new", document_id="d"),
        source("b", 0.9, "an excerpt"),
    ]


def test_of_equal_sources_the_first_stays() -> None:
    """Saying the same twice changes nothing."""
    first, second = source("a", 0.5, "one", title="first"), source("a", 0.5, "two", title="second")
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


def test_bounds_that_make_no_sense() -> None:
    """Are refused at once, with the value."""
    for wrong in (-1, True, "5", 1.5):
        with pytest.raises(InvalidArgumentError, match="max_chars must be 0 or more, or None for no limit") as caught:
            ChunkAggregator(cast("int", wrong))
        assert caught.value.field == "max_chars"
    with pytest.raises(InvalidArgumentError, match='keep must be "head" or "tail", not \'middle\'') as caught:
        ChunkAggregator(5, cast("Keep", "middle"))
    assert caught.value.field == "keep"
