"""Whole answers, and answers as streams of events."""

import json
import re
from collections.abc import Callable

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import ROYALTIES, Visitor, events_of


def test_the_flow_of_the_brief(visitor: Visitor) -> None:
    """Session, conversation, question: the answer belongs to the conversation."""
    conversation_id = visitor.start("Streaming example")
    answer = visitor.ask(
        "Explain the different tax regimes in Mexico for technology companies",
        use_openai=True,
        conversation_id=conversation_id,
        session_id=visitor.session["session_id"],
    )
    assert answer["conversation_id"] == conversation_id
    assert answer["sources"][0]["document_id"] == "doc-tax-regimes-overview"
    assert answer["response_time_ms"] >= 0


def test_citations_match_the_sources(visitor: Visitor, shared: RunningSandbox) -> None:
    """Every source is cited by its number, and the sources are in the order of their relevance."""
    answer = visitor.ask(ROYALTIES)
    scores = [source["relevance_score"] for source in answer["sources"]]
    cited = [int(number) for number in re.findall(r"\[(\d+)\]", answer["message_content"])]
    assert sorted(cited) == list(range(1, len(answer["sources"]) + 1))
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)
    for source in answer["sources"]:
        assert source["url"] == f"{shared.base_url}/api/Documents/{source['document_id']}/download"
        assert source["metadata"]["heading"]
        assert source["content_excerpt"].rstrip("…") in answer["message_content"]


def test_sources_can_be_downloaded(visitor: Visitor) -> None:
    """The link of a source leads to the document that has the excerpt."""
    source = visitor.ask(ROYALTIES)["sources"][0]
    text = " ".join(visitor.http.get(source["url"]).raise_for_status().text.split())
    assert source["content_excerpt"].rstrip("…") in text


def test_the_same_question_has_the_same_answer(visitor: Visitor) -> None:
    """Answers do not depend on when or where a question is asked."""
    one, other = visitor.ask(ROYALTIES), visitor.ask(ROYALTIES)
    assert one["message_content"] == other["message_content"]
    assert one["sources"] == other["sources"]
    assert one["message_id"] != other["message_id"]


def test_a_question_without_a_conversation_starts_one(visitor: Visitor) -> None:
    """Its title is the question."""
    answer = visitor.ask("What  is\nRESICO?")
    listed = visitor.get("/api/Chat/history").json()["items"]
    assert [(item["conversation_id"], item["title"]) for item in listed] == [
        (answer["conversation_id"], "What is RESICO?")
    ]


def test_without_a_language_model_passages_are_quoted(visitor: Visitor) -> None:
    """`use_openai: false` gives the same sources as quotations."""
    written, quoted = visitor.ask(ROYALTIES), visitor.ask(ROYALTIES, use_openai=False)
    assert quoted["sources"] == written["sources"]
    assert quoted["message_content"] != written["message_content"]
    assert quoted["model_used"] != written["model_used"]
    assert "[1] " in quoted["message_content"]


def test_asking_for_a_person(visitor: Visitor) -> None:
    """An AgentTransferPrompt is acknowledged and cites nothing."""
    answer = visitor.ask("I want to talk to a person", response_type="AgentTransferPrompt")
    assert "person" in answer["message_content"]
    assert answer["sources"] == []


def test_clarifying_a_question(visitor: Visitor) -> None:
    """A QueryClarifiedPrompt is read together with the question that it clarifies."""
    conversation_id = visitor.start()
    visitor.ask("What is the tax rate?", conversation_id=conversation_id)
    answer = visitor.ask("for RESICO", conversation_id=conversation_id, response_type="QueryClarifiedPrompt")
    assert answer["sources"][0]["document_id"] == "doc-resico"


def test_a_closed_conversation_takes_no_questions_until_it_is_opened_again(visitor: Visitor) -> None:
    """A clarified hand-off closes a conversation; one that was not clarified after all opens it."""
    conversation_id = visitor.start()
    handoff = {"conversation_id": conversation_id, "is_clarified": True}
    visitor.post("/api/Chat/handoff-feedback", handoff)
    refused = visitor.post("/api/Chat", {"query": "One more?", "conversation_id": conversation_id})
    visitor.post("/api/Chat/handoff-feedback", {**handoff, "is_clarified": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_closed")
    assert visitor.messages(conversation_id) == []
    assert visitor.ask("What is IVA?", conversation_id=conversation_id)["sources"]


def test_unknown_fields_are_ignored(visitor: Visitor) -> None:
    """A newer client may send more than this server knows."""
    assert visitor.ask("What is IVA?", temperature=0.5)["sources"]


# --- The event stream, event by event.


def test_the_events_are_as_in_the_contract(visitor: Visitor) -> None:
    """Ids count from 1 without gaps; the first event names the message and the last one completes it."""
    events = visitor.stream(ROYALTIES)
    message_id = events[0].data["metadata"]["message_id"]
    last = events[-1].data
    assert [event.id for event in events] == [f"{message_id}:{number + 1}" for number in range(len(events))]
    assert events[0].data["metadata"] == {"message_id": message_id}
    assert all(event.data["metadata"] is None for event in events[1:-1])
    assert [event.data["is_complete"] for event in events] == [False] * (len(events) - 1) + [True]
    assert all(event.data["content"] and event.data["sources"] is None for event in events[:-1])
    assert last["content"] is None
    assert set(last["metadata"]) == {"message_id", "model_used", "response_time_ms", "chunk_count"}
    assert last["metadata"]["chunk_count"] == len(events) - 1


def test_chunks_are_a_few_words(visitor: Visitor) -> None:
    """Each chunk has at most six words, and only the last one fewer than three."""
    counts = [len(event.data["content"].split()) for event in visitor.stream(ROYALTIES)[:-1]]
    assert max(counts) <= 6
    assert min(counts[:-1]) >= 3


def test_bytes_and_headers(visitor: Visitor) -> None:
    """The stream begins with the time to wait before coming back, and nothing may hold it up."""
    with visitor.opened(ROYALTIES) as response:
        text = response.read().decode()
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Length" not in response.headers
    first, *blocks = text.split("\n\n")
    assert first == "retry: 1000"
    assert blocks.pop() == ""
    assert all(block.startswith("id: ") and block.count("\n") == 1 for block in blocks)


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/jsonl", "application/jsonl; q=1, */*; q=0.1"])
def test_one_chunk_a_line(visitor: Visitor, accept: str) -> None:
    """Clients that want lines get the same chunks, one a line."""
    with visitor.opened(ROYALTIES, accept=accept) as response:
        lines = [json.loads(line) for line in response.read().decode().splitlines()]
    media_type = response.headers["Content-Type"]
    again = visitor.stream(ROYALTIES)
    assert media_type == accept.partition(";")[0]
    assert [line["content"] for line in lines] == [event.data["content"] for event in again]
    assert lines[-1]["is_complete"]


def test_silence_is_filled_with_heartbeats(start_sandbox: Callable[..., RunningSandbox], visit: Opener) -> None:
    """While nothing is written for longer than the interval, comments show that the stream lives."""
    visitor = visit(start_sandbox(chunk_delay_s=0.3, heartbeat_interval_s=0.02))
    text = ""
    with visitor.opened(ROYALTIES) as response:
        for part in response.iter_text():
            text += part
            if len(events_of(text)) >= 2:
                break
    before, between, *_ = text.split("id: ")
    assert ": heartbeat\n\n: heartbeat\n\n" in before
    assert between.endswith("\n\n: heartbeat\n\n")


def test_errors_before_a_stream_are_problems(visitor: Visitor) -> None:
    """A question that cannot be asked is refused as usual."""
    response = visitor.post("/api/Chat", {"query": "", "stream": True}, Accept="text/event-stream")
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
