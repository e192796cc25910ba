"""The event stream, event by event."""

import json
from collections.abc import Callable

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import ROYALTIES, Visitor, events_of


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
