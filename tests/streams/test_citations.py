"""Sources of streamed answers: each number leads to its own passage, and there is an end to what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client.conftest import Connect, Serve
from tests.support.events import chunk, final, numbered, source, stream_answer
from tests.support.question import CONTEXT, QUESTION


def _passage(number: int) -> dict[str, Any]:
    """A passage of the one document that there is."""
    metadata = {"page": number}
    return source("law", title="VAT Act", content_excerpt=f"Passage {number}.", metadata=metadata)


def _answer(*lists: list[dict[str, Any]], **more: Any) -> Any:
    texts = [chunk(f"See [{number}]. ") for number in range(1, 4)]
    listed = [chunk(None, sources=sources) for sources in lists]
    return stream_answer(*numbered([*texts, *listed, final(sources=None, **more)]))


@pytest.mark.parametrize("setting", [{"max_sources": 2}, {"max_source_bytes": 2100}], ids=["count", "bytes"])
async def test_more_sources_than_are_kept(setting: dict[str, int], connect_once: Connect, serve: Serve) -> None:
    """The first two are kept, and it is said that there were more."""
    server = serve(_answer([_passage(number) for number in range(500)]))
    async with connect_once(base_url=server.base_url, **setting) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        answer = await stream.collect()
    for found in (answer, stream.partial):
        assert found.truncated
        assert [each.source.content_excerpt for each in found.citations()] == ["Passage 0.", "Passage 1."]


async def test_more_metadata_than_is_kept(connect_once: Connect, serve: Serve) -> None:
    """What fits is kept."""
    server = serve(_answer(metadata={"model_used": "m", "log": "x" * 5000}))
    async with connect_once(base_url=server.base_url, max_source_bytes=2000) as client:
        answer = await client.chat_stream(CONTEXT, QUESTION).collect()
    assert (answer.truncated, answer.metadata) == (True, {"model_used": "m"})
