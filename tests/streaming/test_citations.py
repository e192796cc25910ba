"""``citations()``: the markers in a text, and their sources."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import (
    ChatResponse,
    ChunkAggregator,
    Citation,
    CitationSource,
    Message,
    StreamedResponse,
    StreamingChunk,
)
from gpo_client.models.stream import CitationTracker, find_citations
from tests.support.question import SESSION

SOURCES = [
    CitationSource(id=name, title=name, relevance_score=score, url=None, content_excerpt=None)
    for name, score in (("first", 0.2), ("second", 0.9), ("third", None))
]

#: Texts, and what is found in them: each marker with its number.
FOUND: dict[str, tuple[str, list[tuple[str, int]]]] = {
    "one": ("Zero. [1]", [("[1]", 1)]),
    "next to each other": ("Zero [1][3].", [("[1]", 1), ("[3]", 3)]),
    "in one bracket": ("Zero [1, 3] [2,1]", [("[1, 3]", 1), ("[1, 3]", 3), ("[2,1]", 2), ("[2,1]", 1)]),
    "with semicolons": ("[1; 2]", [("[1; 2]", 1), ("[1; 2]", 2)]),
    "within a word": ("income[2]x", [("[2]", 2)]),
    "with spaces": ("[ 2 ]", [("[ 2 ]", 2)]),
    "out of range": ("[0] [4] [2024] [-1] [99999999999] [01]", [("[01]", 1)]),
    "partly out of range": ("[3, 4]", [("[3, 4]", 3)]),
    "no numbers": ("[a] [1a] [] [1,] [1-2] [^1] [1.5] [١] [²] [[1] 1]", [("[1]", 1)]),
    "the text of a link": ("[1](https://example.com) [1] (see)", [("[1]", 1)]),
    "an image": ("![1](x.png)", []),
    "a reference after a text": ("[the law][1]", [("[1]", 1)]),
    "escaped": (r"\[1] \\[2]", [("[2]", 2)]),
    "in inline code": ("`x[1]` [2] ``[1] ` [1]``", [("[2]", 2)]),
    "in a fenced block": ("[1]\n```\nx[2]\n```\n[3]", [("[1]", 1), ("[3]", 3)]),
    "at the head of a line": ("[1] Rates: “30 %”\n[2]: more", [("[1]", 1), ("[2]", 2)]),
    "over a line break": ("[1,\n2]", []),
    "nothing": ("", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FOUND.values(), ids=FOUND)
def test_markers(text: str, expected: list[tuple[str, int]]) -> None:
    """Each with its place, its number and its source."""
    citations = StreamedResponse(content=text, numbered_sources=SOURCES).citations()
    assert [(text[each.start : each.end], each.number) for each in citations] == expected
    assert all(each.source is SOURCES[each.number - 1] for each in citations)


def test_numbers_follow_the_order_as_sent() -> None:
    """``[1]`` is the first that the service listed, though another is more relevant."""
    aggregator = ChunkAggregator()
    aggregator.add(StreamingChunk(content="Zero [1], 16 % [2"))
    aggregator.add(StreamingChunk(content="]."))
    aggregator.add(StreamingChunk(sources=SOURCES, is_complete=True))
    result = aggregator.result()
    assert [source.title for source in result.sources] == ["second", "first", "third"]
    assert [each.source.title for each in result.citations()] == ["first", "second"]
    assert result.citations()[0] == Citation(start=5, end=8, number=1, source=SOURCES[0])


def test_whole_answers_and_messages_have_them_too() -> None:
    """With the sources that came with them; a message may have none."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    answer = ChatResponse(
        message_id="m", conversation_id="c", message_content="[2]", sources=SOURCES, created_at=at,
        response_time_ms=1, model_used="x",
    )  # fmt: skip
    message = Message(message_id="m", conversation_id="c", role="assistant", content="[2]", created_at=at)
    assert [each.source.title for each in answer.citations()] == ["second"]
    assert message.citations() == []


@given(st.text(st.sampled_from("[]1, (`\\\n"), max_size=60))
def test_spans_are_in_order(text: str) -> None:
    """None overlaps another, except those of one marker, which are the same."""
    spans = [(each.start, each.end) for each in StreamedResponse(content=text, numbered_sources=SOURCES).citations()]
    assert spans == sorted(spans)
    assert all(text[start] == "[" and text[end - 1] == "]" for start, end in spans)
    distinct = list(dict.fromkeys(spans))
    assert all(one[1] <= other[0] for one, other in pairwise(distinct))


async def test_citations_of_a_stream(client: Any) -> None:
    """The sandbox lists its sources in the order of its markers: each is cited, with a passage that it quotes."""
    async with client:
        conversation = await client.open_conversation(SESSION)
        answer = await conversation.stream("Which tax incentives are there for research and development?").collect()
    citations = answer.citations()
    assert {each.source.id for each in citations} == {source.id for source in answer.sources}
    for each in citations:
        excerpt = str(each.source.content_excerpt).removesuffix("…")
        assert excerpt in answer.content[: each.start]


@given(st.lists(st.text(st.sampled_from("[]1, (`\\\n~"), max_size=12), max_size=8), st.integers(0, 8))
def test_citations_settle_as_the_text_arrives(parts: list[str], known_after: int) -> None:
    """However the text is cut, and whenever the sources come: what is found is what is found in the whole."""
    tracker, found = CitationTracker(), list[Citation]()
    for index, part in enumerate(parts):
        if index == known_after:
            found += tracker.sources(SOURCES)
        found += tracker.feed(part)
    found += [*tracker.sources(SOURCES), *tracker.close()]
    assert sorted(found, key=lambda each: each.start) == find_citations("".join(parts), SOURCES)
