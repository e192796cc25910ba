"""Sources of an answer: which are the same, what is kept of them, and how they are numbered."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import ChunkAggregator, CitationSource, StreamingChunk
from gpo_client.text.bounds import Budget
from gpo_client.text.sources import _NAME_BYTES, Passage, SourceCollector
from tests.support.counting import Tally, counted_steps


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
    "the same passage": (
        source("1", content_excerpt="Rate: 30 %", metadata={"page": 3}),
        source("1", content_excerpt="Rate: 30 %", metadata={"page": 3, "rank": 2}),
    ),
    "the same place under another name": (
        source("1", metadata={"page_number": 3}),
        source("1", metadata={"Page Number": "3", "line": None, "rank": 1}),
    ),
    "the same passage, broken into other lines": (
        source("1", content_excerpt="Rate:\n30 %"),
        source("1", content_excerpt=" Rate:  30 %"),
    ),
}
#: The same when a later chunk says them; two in one list.
MORE_DETAIL = {
    "an excerpt comes later": (source("1", title="t"), source("1", content_excerpt="Rate: 30 %")),
    "a page comes later": (
        source("1", content_excerpt="Rate"),
        source("1", content_excerpt="Rate", metadata={"Page": 3}),
    ),
    "both come later": (source("1"), source("1", content_excerpt="Rate", metadata={"page_number": 3})),
    "an excerpt of the page": (
        source("1", metadata={"page": 3}),
        source("1", content_excerpt="Rate", metadata={"page": 3}),
    ),
    "more of a long excerpt": (
        source("1", content_excerpt="The rate for residents of Mexico is…"),
        source("1", content_excerpt="The rate for residents of Mexico is 30 %."),
    ),
    "more of the excerpt": (
        source("1", content_excerpt="Mexico taxes…"),
        source("1", content_excerpt="Mexico taxes residents."),
    ),
    "without id, an excerpt": (source(url="u"), source(url="u", content_excerpt="Rate")),
}
DIFFERENT = {
    "two ids, the same everything": (source("1", url="u", title="t"), source("2", url="u", title="t")),
    "no id, two urls, the same title": (source(url="u", title="t"), source(url="v", title="t")),
    "one without id, two urls": (source("1", url="u", title="t"), source(url="v", title="t")),
    "the same title of two documents": (source(title="t", document_id="d"), source(title="t", document_id="e")),
    "the same title, one without document": (source(title="t", document_id="d"), source(title="t")),
    "nothing at all": (source(), source()),
    "no title": (source(document_id="d"), source(document_id="d")),
    "two passages of one id": (source("1", content_excerpt="Rate: 30 %"), source("1", content_excerpt="VAT: 16 %")),
    "two passages of one url": (source(url="u", content_excerpt="a"), source(url="u", content_excerpt="b")),
    "two passages of one title": (source(title="t", content_excerpt="a"), source(title="t", content_excerpt="b")),
    "two pages": (source("1", metadata={"page": 3}), source("1", metadata={"page": 4})),
    "two pages under other names": (
        source("1", metadata={"page_number": 3}),
        source("1", metadata={"Page-Number": 4}),
    ),
    "the same words on two pages": (
        source("1", content_excerpt="Rate", metadata={"page": 3}),
        source("1", content_excerpt="Rate", metadata={"page": 4}),
    ),
    "two passages of one page": (
        source("1", content_excerpt="Rate", metadata={"page": 3}),
        source("1", content_excerpt="VAT", metadata={"page": 3}),
    ),
    "a passage, and a page without one": (
        source("1", content_excerpt="Rate"),
        source("1", metadata={"section": "2.1"}),
    ),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_what_is_the_same(one: CitationSource, other: CitationSource) -> None:
    """Becomes one, whichever comes first, in one chunk or in two."""
    for first, second in ((one, other), (other, one)):
        assert len(gathered([first, second]).sources) == 1
        assert len(gathered([first], [second]).sources) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_not_the_same(one: CitationSource, other: CitationSource) -> None:
    """Stays two, in one chunk or in two, and when the first was known with less detail."""
    for first, second in ((one, other), (other, one)):
        assert len(gathered([first, second]).sources) == len(gathered([first], [second]).sources) == 2
        if first.id or first.url or first.title:
            bare = attrs.evolve(first, content_excerpt=None, metadata=None)
            assert len(gathered([bare], [first], [second]).sources) == 2


@pytest.mark.parametrize(("less", "more"), MORE_DETAIL.values(), ids=MORE_DETAIL)
def test_what_is_told_with_more_detail_later(less: CitationSource, more: CitationSource) -> None:
    """Becomes one with all of it, in whichever order; in one list it is two, each with a number."""
    for first, second in ((less, more), (more, less)):
        joined = gathered([first], [second]).result().numbered_sources
        assert len(joined) == 1
        assert joined[0].content_excerpt == more.content_excerpt
        assert joined[0].metadata == more.metadata
        assert len(gathered([first, second]).sources) == 2


@pytest.mark.parametrize(("one", "other"), [*SAME.values(), *MORE_DETAIL.values()], ids=[*SAME, *MORE_DETAIL])
def test_the_same_is_found_among_others(one: CitationSource, other: CitationSource) -> None:
    """Other documents, and passages of the same one on another page that begin with the same word."""
    others = [source("0", url="o", title="o", document_id="o", content_excerpt="Mexico")]
    if one.content_excerpt and other.content_excerpt:
        words = ("Elsewhere it is", "The VAT", "Rate by")
        others += [attrs.evolve(one, content_excerpt=excerpt, metadata={"page": 99}) for excerpt in words]
    for first, second in ((one, other), (other, one)):
        assert len(gathered(others, [first], [second]).sources) == len(others) + 1


@pytest.mark.parametrize("year", [2025, 2026])
def test_one_of_two_passages_that_begin_alike(year: int) -> None:
    """Is known by all of its words when it is told without its page."""
    told = {each: f"The rate for residents of Mexico in {each}" for each in (2025, 2026)}
    known = [source("1", content_excerpt=excerpt, metadata={"page": each}) for each, excerpt in told.items()]
    assert len(gathered(known, [source("1", content_excerpt=told[year])]).sources) == 2


def test_the_passage_whose_page_comes_later() -> None:
    """Is the one that had none, not the one on another page with the same words."""
    known = [source("1", content_excerpt="Rate", metadata={"page": 1}), source("1", content_excerpt="Rate")]
    later = source("1", content_excerpt="Rate", metadata={"page": 2})
    assert gathered(known, [later]).result().numbered_sources == [known[0], later]


def test_a_passage() -> None:
    """Is what is quoted, however it is broken into lines, and where that is: not what else is said of it."""
    passage = Passage(
        source("1", content_excerpt=" Rate:\n30 %\t […]", metadata={"Line": 7, "page_no": "3", "rank": 1})
    )
    assert (passage.excerpt, passage.place) == ("Rate: 30 %", (("line", "7"), ("pageno", "3")))


def test_what_is_said_again_takes_no_room() -> None:
    """Nor does less than is known; only what adds something does."""
    full = source(
        "1", 0.5, title="t", url="u", content_excerpt="Rate of 30", document_id="d", metadata={"page": 1, "rank": 1}
    )
    less = attrs.evolve(full, relevance_score=0.4, title="", content_excerpt="Rate", metadata={"page": 1})
    assert not _collected(_room(full), [full], [full], [less]).truncated
    additions: list[dict[str, Any]] = [{"url": "v", "id": ""}, {"document_id": "e"}, {"title": "s"}]
    for more in (*additions, {"metadata": {"page": 1, "n": 1}}):
        nothing: dict[str, Any] = dict.fromkeys(more)
        bare = attrs.evolve(full, **nothing)
        assert _collected(_room(bare), [bare], [attrs.evolve(full, **more)]).truncated
    assert _collected(_room(full), [full], [attrs.evolve(full, relevance_score=0.6)]).truncated
    # Its own texts count, and once more those by which it is known.
    assert _room(attrs.evolve(full, title="t" * 501)) == _room(full) + 2 * 500
    assert _room(source("1", content_excerpt="x" * 500)) == _room(source("1")) + 500 + 3 * _NAME_BYTES


def _collected(size: int, *lists: list[CitationSource]) -> SourceCollector:
    """A collector with room for so many bytes that got these lists."""
    collector = SourceCollector(budget=Budget(size))
    assert collector.truncated is False
    for sources in lists:
        collector.add(sources)
    return collector


def _room(known: CitationSource) -> int:
    """How many bytes a source takes."""
    return bisect_left(range(10_000), True, key=lambda size: not _collected(size, [known]).truncated)


def test_each_number_leads_to_its_own_passage() -> None:
    """Two passages of one document, listed bare, then again with what they quote; then one more."""
    first = source("law", 0.2, title="VAT Act", content_excerpt="Exports: 0 %.", metadata={"page": 2})
    second = source("law", 0.9, title="VAT Act", content_excerpt="All else: 16 %.", metadata={"page": 1})
    other = source("tax", 0.5, title="Income Tax Act", content_excerpt="30 %.", metadata={"page": 9})
    for lists in ([[first, second, other]], [[first], [second, other], [first, second]], [[first, second, other]] * 2):
        aggregator = gathered(*lists)
        aggregator.add(StreamingChunk(content="0 % [1], else 16 % [2]; 30 % [3]", is_complete=True))
        result = aggregator.result()
        assert [each.source for each in result.citations()] == [first, second, other]
        assert result.sources == [second, other, first]


def test_two_ids_are_never_joined_by_a_third() -> None:
    """A source without id that is like two others is the first of them; in whatever order they come."""
    one, two, like_both = source("1", url="u"), source("2", url="u"), source("", url="u")
    for sources in ([one, like_both, two], [one, two, like_both], [like_both, one, two]):
        assert [each.id for each in gathered(sources).sources] == ["1", "2"]


def test_the_best_is_kept_and_completed() -> None:
    """The more relevant one, with the longest excerpt and with what only the other had."""
    first = source("1", 0.4, title="Old", content_excerpt="the longest", document_id="d", metadata={"rank": 1, "a": 1})
    second = source("1", 0.9, title="New", content_excerpt="the long…", url="u", metadata={"rank": 2})
    joined = source(
        *("1", 0.9), title="New", url="u", content_excerpt="the longest", document_id="d", metadata={"rank": 2, "a": 1}
    )
    assert gathered([first], [second]).sources == gathered([second], [first]).sources == [joined]
    assert (first.metadata, second.metadata) == ({"rank": 1, "a": 1}, {"rank": 2})
    third = source("1", 0.9, title="Newer", url="v", content_excerpt="the longest of all", metadata={"rank": 3, "b": 1})
    assert gathered([joined], [third]).sources == [
        attrs.evolve(joined, content_excerpt="the longest of all", metadata={"rank": 2, "a": 1, "b": 1})
    ]


def test_id_and_url_that_come_later_are_known_from_then_on() -> None:
    """Three that are the same by two different things."""
    by_title, with_url, with_id = source(title="t"), source(title="t", url="u"), source("1", url="u")
    assert gathered([by_title], [with_url], [with_id], [source("1", 0.5)]).sources == [
        source("1", 0.5, title="t", url="u")
    ]


def numbers(*chunks: list[CitationSource]) -> list[str | None]:
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
    content_excerpt=st.sampled_from([None, "a", "a b", "c"]),
    metadata=st.sampled_from([None, {"page": 1}, {"page": 2, "rank": 1}, {"rank": 2}]),
)


def passage(entry: CitationSource) -> tuple[Any, ...]:
    """What must not be mixed up."""
    return entry.id, entry.content_excerpt, (entry.metadata or {}).get("page")


@given(st.lists(SOURCES, max_size=12))
def test_whatever_comes(sources: list[CitationSource]) -> None:
    """Each entry of a list leads to what it quotes; nothing twice, nothing lost; the same again changes nothing."""
    once = gathered(sources).result()
    for entry, found in zip(sources, once.numbered_sources, strict=True):
        assert passage(found)[1:] == passage(entry)[1:]
        assert found.id == entry.id or not entry.id
    with_id = [passage(each) for each in once.sources if each.id]
    assert set(with_id) >= {passage(each) for each in sources if each.id}
    assert len(set(with_id)) == len(with_id)
    scores = [-1 if each.relevance_score is None else each.relevance_score for each in once.sources]
    assert scores == sorted(scores, reverse=True)
    assert max(scores, default=None) == max(
        (-1 if each.relevance_score is None else each.relevance_score for each in sources), default=None
    )


@given(st.lists(SOURCES.filter(lambda each: each.id), max_size=12))
def test_the_same_list_again(sources: list[CitationSource]) -> None:
    """Changes nothing but what one entry tells of another."""
    once, twice = gathered(sources).result(), gathered(sources, sources).result()
    assert [passage(each) for each in twice.numbered_sources] == [passage(each) for each in once.numbered_sources]


def test_many_passages_of_one_document_take_linear_time() -> None:
    """Each is looked up, none is searched for."""

    def steps(count: int) -> int:
        sources = [source("law", content_excerpt=f"The rate {number}", metadata={"page": 1}) for number in range(count)]
        tally = Tally()
        with counted_steps(tally, (SourceCollector, Passage)):
            collector = SourceCollector()
            for _ in range(2):
                collector.add(sources)
        assert len(collector.numbered) == count
        return tally.steps

    assert steps(400) <= 2.2 * steps(200)
