"""Answers for the AI SDK: the parts of a UI message, and a page that comes back in mid-answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from threading import Event
from typing import Any

import anyio
import httpx
import pytest

from gpo_client import GPOCoreClient, InvalidArgumentError, SyncGPOCoreClient
from gpo_client.models import CitationSource, StreamingChunk
from gpo_client.relay import (
    Entry,
    LogUnavailable,
    MemoryRelayLog,
    Relay,
    SyncRelay,
    ui_message_lines,
    ui_message_response,
)
from gpo_client.relay.machines.entries import AnswerWriter, ProblemCode, PublicProblem, problem_entry
from gpo_client.relay.machines.ui_message import UIMessageDialect, note_key
from tests.relay.conftest import CONTEXT
from tests.relay.service import chatting
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import ONE_TRY, End, WireServer


@pytest.fixture
def runtime() -> str:
    return "asyncio"


def parts(data: bytes | str) -> list[dict[str, Any]]:
    """The parts on a stream, which must end as it should."""
    text = data.decode() if isinstance(data, bytes) else data
    *found, end = [line.removeprefix("data: ") for line in text.split("\n\n") if line.startswith("data: ")]
    assert end == "[DONE]"
    return [json.loads(each) for each in found]


def text_of(found: list[dict[str, Any]]) -> str:
    return "".join(part.get("delta", "") for part in found)


def entries(*chunks: StreamingChunk) -> Iterator[Entry]:
    writer = AnswerWriter(["model_used"])
    return (entry for chunk in chunks if (entry := writer.chunk(chunk)) is not None)


def written(*chunks: StreamingChunk) -> list[dict[str, Any]]:
    dialect = UIMessageDialect()
    return parts(dialect.opening("a", is_new=True) + b"".join(dialect.entry("a", each) for each in entries(*chunks)))


def test_parts_of_a_message() -> None:
    """Text between its beginning and its end, sources under their numbers, places as JavaScript counts them."""
    sources = [
        CitationSource(id="s1", title="VAT Act", url="https://example.com/vat"),
        CitationSource(id="s2", document_id="doc_02", relevance_score=0.5),
    ]
    end = StreamingChunk(sources=sources, is_complete=True, metadata={"model_used": "m", "internal": 1})
    found = written(StreamingChunk(content="𝕏 [1]"), StreamingChunk(content=" y [2]."), end)
    assert [part["type"] for part in found] == [
        "start", "start-step", "text-start", "text-delta", "text-delta", "source-url", "source-document",
        "data-citation", "data-citation", "message-metadata", "text-end", "finish-step", "finish",
    ]  # fmt: skip
    shown = text_of(found).encode("utf-16-le")
    places = [part["data"] for part in found if part["type"] == "data-citation"]
    assert [shown[2 * each["start"] : 2 * each["end"]].decode("utf-16-le") for each in places] == ["[1]", "[2]"]
    assert [each["sourceId"] for each in places] == ["1", "2"]
    url, document = found[5:7]
    assert (url["sourceId"], url["url"], url["title"]) == ("1", "https://example.com/vat", "VAT Act")
    assert (document["title"], document["providerMetadata"]["gpo"]["documentId"]) == ("s2", "doc_02")
    assert found[9]["messageMetadata"] == {"model_used": "m"}


def test_a_message_word_for_word() -> None:
    """All of its parts, as the AI SDK reads them."""
    sources = [
        CitationSource(id="s1", title="T", url="https://example.com/vat", relevance_score=0.5, content_excerpt="E"),
        CitationSource(document_id="d2"),
    ]
    end = StreamingChunk(sources=sources, is_complete=True, metadata={"model_used": "m"})
    found = written(StreamingChunk(content="A 𝕏"), StreamingChunk(content=" [2] "), end)
    assert found == [
        {"type": "start", "messageId": "a"},
        {"type": "start-step"},
        {"type": "text-start", "id": "text"},
        {"type": "text-delta", "id": "text", "delta": "A 𝕏"},
        {"type": "text-delta", "id": "text", "delta": " [2] "},
        {
            "type": "source-url", "url": "https://example.com/vat", "sourceId": "1", "title": "T",
            "providerMetadata": {"gpo": {"id": "s1", "relevance": 0.5, "excerpt": "E"}},
        },
        {
            "type": "source-document", "mediaType": "application/octet-stream", "sourceId": "2", "title": "2",
            "providerMetadata": {"gpo": {"documentId": "d2"}},
        },
        {"type": "data-citation", "id": "5:2", "data": {"start": 5, "end": 8, "sourceId": "2"}},
        {"type": "message-metadata", "messageMetadata": {"model_used": "m"}},
        {"type": "text-end", "id": "text"},
        {"type": "finish-step"},
        {"type": "finish", "finishReason": "stop"},
    ]  # fmt: skip


def test_places_and_sources_over_several_pieces() -> None:
    """Places count all that came before, as JavaScript does; a source comes once, whatever comes with it."""
    first, second = (CitationSource(id=name, url=f"https://example.com/{name}") for name in ("a", "b"))
    found = written(
        StreamingChunk(content="\uffff𝕏a𝕏", sources=[first]),
        StreamingChunk(content="𝕏 [1] 𝕏", sources=[first, second]),
        StreamingChunk(content="[2]𝕏", is_complete=True),
    )
    shown = text_of(found).encode("utf-16-le")
    places = [part["data"] for part in found if part["type"] == "data-citation"]
    assert [shown[2 * each["start"] : 2 * each["end"]].decode("utf-16-le") for each in places] == ["[1]", "[2]"]
    assert [part["url"][-1] for part in found if part["type"] == "source-url"] == ["a", "b"]


def test_a_page_is_told_to_come_back() -> None:
    """In the service's own words, if it has any: the AI SDK does not do so by itself."""
    code, error = parts(UIMessageDialect({"interrupted": "Load the page again."}).hint())
    assert (code["data"], error["errorText"]) == ({"code": "interrupted"}, "Load the page again.")


def test_notes_of_running_answers() -> None:
    """Their key is the same in processes of other versions."""
    assert note_key("ana", "chat-1") == "46e4af61b452200d00b20514879f48154cf601e9e9a502df97984c34a710cef3"


def test_a_problem_is_a_sentence_and_a_code() -> None:
    dialect = UIMessageDialect()
    problem = dialect.entry("a", problem_entry(PublicProblem.of(ProblemCode.BUSY)))
    code, error = parts(problem)
    assert (code["data"], code["transient"], error["type"]) == ({"code": "busy"}, True, "error")
    assert error["errorText"].startswith("The service is busy")


def test_silence_is_filled() -> None:
    """With a comment and a part that says how far the answer is, which is not kept in the message."""
    dialect = UIMessageDialect()
    [dialect.entry("a", each) for each in entries(StreamingChunk(content="Zero."))]
    comment, part = dialect.heartbeat().split(b"\n\n", 1)
    assert comment == b": heartbeat"
    assert json.loads(part.removeprefix(b"data: ")) == {
        "type": "data-progress", "data": {"characters": 5}, "transient": True,
    }  # fmt: skip


def test_whole_answer_over_http() -> None:
    """With the header that the AI SDK looks for."""
    with chatting(stream_answer(*answer_events("Zero ", "one."))) as (address, _), httpx.Client(verify=False) as page:
        response = page.post(address, json={"id": "chat-1"})
        assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
        assert text_of(parts(response.text)) == "Zero one."
        assert page.get(f"{address}/chat-1/stream").status_code == 204
        assert page.get(f"{address}/chat-2/stream").status_code == 204


def test_a_page_that_is_loaded_again_gets_all_of_it() -> None:
    """In mid-answer: once from the beginning, under the same id; another user's page gets nothing."""
    gate, (first, *others) = Event(), answer_events("Zero ", "one.")
    script = stream_answer(first, gate, *others)
    with chatting(script) as (address, upstream), httpx.Client(verify=False) as page:
        with page.stream("POST", address, json={"id": "chat-1", "user": "maria"}) as response:
            lines = response.iter_lines()
            begun = json.loads(next(lines).removeprefix("data: "))
            while "Zero" not in next(lines):
                pass
        assert page.get(f"{address}/chat-1/stream").status_code == 204
        with page.stream("GET", f"{address}/chat-1/stream?user=maria") as response:
            pieces = response.iter_text()
            seen = next(pieces)
            while "Zero" not in seen:
                seen += next(pieces)
            gate.set()
            found = parts(seen + "".join(pieces))
        assert (found[0]["messageId"], text_of(found)) == (begun["messageId"], "Zero one.")
        assert len(upstream.requests) == 1


async def test_a_chat_is_forgotten_before_its_end_is_sent() -> None:
    """A page that has all of an answer, and is loaded again at once, shall not get it again."""
    noted, relay = [], Relay()

    async def receive() -> Any:
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        if message.get("more_body") is False:
            noted.append(await relay.log.noted(note_key("", "chat-1")))

    script = stream_answer(*answer_events("Zero ", "one."))
    with WireServer(script) as server:
        async with GPOCoreClient(base_url=server.base_url, **ONE_TRY) as client:
            response = ui_message_response(client.chat_stream(CONTEXT, {"query": "?"}), chat_id="chat-1", relay=relay)
            await response({"type": "http", "method": "POST", "headers": []}, receive, send)
    assert noted == [""]


class Forgetful(MemoryRelayLog):
    """A log that cannot be reached when a chat is to be noted."""

    async def note(self, key: str, value: str, keep_s: float) -> None:
        raise LogUnavailable


def test_a_chat_that_cannot_be_noted() -> None:
    """Its question has been taken: it is answered, though nobody can resume it."""
    script = stream_answer(*answer_events("Zero ", "one."))
    with chatting(script, log=Forgetful()) as (address, _), httpx.Client(verify=False) as page:
        assert text_of(parts(page.post(address, json={"id": "chat-1"}).text)) == "Zero one."
        assert page.get(f"{address}/chat-1/stream").status_code == 204


def test_problems_over_http() -> None:
    """Before the answer and in its middle."""
    first, *_ = answer_events("Zero ", "one.")
    script = [problem_answer(429), stream_answer(first, end=End.RESET)]
    with chatting(*script) as (address, _), httpx.Client(verify=False) as page:
        for code, text in (("rate_limited", ""), ("interrupted", "Zero ")):
            found = parts(page.post(address, json={"id": "chat-1"}).text)
            assert [part["data"]["code"] for part in found if part["type"] == "data-problem"] == [code]
            assert (text_of(found), found[-1]["type"]) == (text, "error")


def test_the_same_for_blocking_services() -> None:
    """Running, resumed by another reader, and over."""
    gate, (first, *others) = Event(), answer_events("Zero ", "one.")
    relay = SyncRelay()
    with (
        WireServer(stream_answer(first, gate, *others)) as server,
        SyncGPOCoreClient(base_url=server.base_url, **ONE_TRY) as client,
    ):
        lines = ui_message_lines(client.chat_stream(CONTEXT, {"query": "?"}), chat_id="chat-1", relay=relay)
        assert (lines.status, lines.headers["x-vercel-ai-ui-message-stream"]) == (200, "v1")
        seen = next(lines) + next(lines)
        again = ui_message_lines(None, chat_id="chat-1", relay=relay)
        gate.set()
        assert text_of(parts(seen + b"".join(lines))) == text_of(parts(b"".join(again))) == "Zero one."
        for chat_id in ("chat-1", "chat-2"):
            assert ui_message_lines(None, chat_id=chat_id, relay=relay).status == 204


def test_there_must_be_something_to_send() -> None:
    for function in (ui_message_response, ui_message_lines):
        with pytest.raises(InvalidArgumentError, match="chat_id="):
            function(None)
