"""Sources of an answer: which are the same, what is kept of them, and how they are numbered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, CitationSource, StreamingChunk


def source(source_id: str = "", relevance: float | None = None, **more: Any) -> CitationSource:
    """A source; what is not named is empty."""
    values = {"title": "", "url": None, "content_excerpt": None, **more}
    return CitationSource(id=source_id, relevance_score=relevance, **values)


def gathered(*chunks: list[CitationSource]) -> ChunkAggregator:
    """An aggregator that got these lists of sources, one in each chunk."""
    aggregator = ChunkAggregator()
    for sources in chunks:
        aggregator.add(StreamingChunk(sources=sources))
    return aggregator


SAME = {
    "the same id, whatever else": (source("1", url="u", title="t"), source("1", url="v", title="s")),
    "one without id, the same url": (source("1", url="u", title="t"), source("", url="u", title="s")),
    "none with id, the same url": (source("", url="u", title="t"), source("", url="u", title="s")),
    "neither id nor url, the same title and document": (
        source("1", url="u", title="t", document_id="d"),
        source("", title="t", document_id="d"),
    ),
    "neither, the same title and no document": (source(title="t"), source(title="t")),
    "the url comes later": (source(title="t", document_id="d"), source(title="t", document_id="d", url="u")),
    "the id comes later": (source(title="t", document_id="d"), source("1", title="t", document_id="d")),
    "an empty url is none": (source(title="t", url=""), source(title="t", url="u")),
}
DIFFERENT = {
    "two ids, the same everything": (source("1", url="u", title="t"), source("2", url="u", title="t")),
    "no id, two urls, the same title": (source(url="u", title="t"), source(url="v", title="t")),
    "one without id, two urls": (source("1", url="u", title="t"), source(url="v", title="t")),
    "the same title of two documents": (source(title="t", document_id="d"), source(title="t", document_id="e")),
    "the same title, one without document": (source(title="t", document_id="d"), source(title="t")),
    "nothing at all": (source(), source()),
    "no title": (source(document_id="d"), source(document_id="d")),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_is_the_same(one: CitationSource, other: CitationSource) -> None:
    """Becomes one, whichever comes first, in one chunk or in two."""
    for first, second in ((one, other), (other, one)):
        assert len(gathered([first, second]).sources) == 1
        assert len(gathered([first], [second]).sources) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_not_the_same(one: CitationSource, other: CitationSource) -> None:
    """Stays two."""
    for first, second in ((one, other), (other, one)):
        assert len(gathered([first, second]).sources) == 2


def test_two_ids_are_never_joined_by_a_third() -> None:
    """A source without id that is like two others is the first of them; in whatever order they come."""
    one, two, like_both = source("1", url="u"), source("2", url="u"), source("", url="u")
    for sources in ([one, like_both, two], [one, two, like_both], [like_both, one, two]):
        assert [each.id for each in gathered(sources).sources] == ["1", "2"]


def test_the_best_is_kept_and_completed() -> None:
    """The more relevant one, with the longest excerpt and with what only the other had."""
    first = source("1", 0.4, title="Old", content_excerpt="the longest", document_id="d", metadata={"page": 1, "a": 1})
    second = source("1", 0.9, title="New", content_excerpt="short", url="u", metadata={"page": 2})
    joined = source(
        *("1", 0.9), title="New", url="u", content_excerpt="the longest", document_id="d", metadata={"page": 2, "a": 1}
    )
    assert gathered([first], [second]).sources == gathered([second, first]).sources == [joined]
    assert (first.metadata, second.metadata) == ({"page": 1, "a": 1}, {"page": 2})


def test_id_and_url_that_come_later_are_known_from_then_on() -> None:
    """Three that are the same by two different things."""
    by_title, with_url, with_id = source(title="t"), source(title="t", url="u"), source("1", url="u")
    assert gathered([by_title], [with_url], [with_id], [source("1", 0.5)]).sources == [
        source("1", 0.5, title="t", url="u")
    ]


def numbers(*chunks: list[CitationSource]) -> list[str]:
    """The titles of the numbered sources."""
    return [each.title for each in gathered(*chunks).result().numbered_sources]


def test_numbers_are_places_in_the_list_as_sent() -> None:
    """Not places by relevance."""
    low, high = source("1", 0.1, title="low"), source("2", 0.9, title="high")
    result = gathered([low, high]).result()
    assert [each.title for each in result.sources] == ["high", "low"]
    assert [each.title for each in result.numbered_sources] == ["low", "high"]


def test_numbers_of_lists_in_several_chunks() -> None:
    """Lists that go on, and lists that are sent again with more."""
    a, b, c = (source(name, title=name) for name in "abc")
    assert numbers([a], [b, c]) == numbers([a], [a, b], [a, b, c]) == numbers([a, b], [b, c]) == ["a", "b", "c"]


def test_an_entry_that_is_listed_twice_has_two_numbers() -> None:
    """In one list: the text counts on. Sent again, the list changes nothing."""
    u, again, v = source(url="u", title="u"), source(url="u", title="u"), source(url="v", title="v")
    assert numbers([u, again, v]) == numbers([u, again, v], [u, again, v]) == ["u", "u", "v"]


def test_numbered_sources_are_the_joined_ones() -> None:
    """With what was learned of them later."""
    result = gathered([source("1", 0.1)], [source("1", 0.9, title="t")]).result()
    assert result.numbered_sources == result.sources == [source("1", 0.9, title="t")]


SOURCES = st.builds(
    source,
    st.sampled_from(["", "1", "2"]),
    st.none() | st.sampled_from([0.0, 0.5, 1.0]),
    title=st.sampled_from(["", "s", "t"]),
    url=st.sampled_from([None, "u", "v"]),
    document_id=st.sampled_from([None, "d"]),
    content_excerpt=st.sampled_from([None, "a", "bb"]),
)


@given(st.lists(SOURCES, max_size=12))
def test_whatever_comes(sources: list[CitationSource]) -> None:
    """No id twice, no id lost; most relevant first; the same again changes nothing."""
    once, twice = gathered(sources), gathered(sources, sources)
    ids = [each.id for each in once.sources if each.id]
    assert sorted(ids) == sorted({each.id for each in sources if each.id})
    scores = [-1 if each.relevance_score is None else each.relevance_score for each in once.sources]
    assert scores == sorted(scores, reverse=True)
    assert max(scores, default=None) == max(
        (-1 if each.relevance_score is None else each.relevance_score for each in sources), default=None
    )
    assert len(once.result().numbered_sources) == len(sources)
    if all(each.id or each.url or each.title for each in sources):
        assert [each.id for each in twice.sources if each.id] == ids
