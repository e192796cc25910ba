"""Streams that were cut short are continued, exactly."""

from collections.abc import Callable

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import ROYALTIES, Visitor, content_of, events_of

Start = Callable[..., RunningSandbox]


def test_cut_and_continued_is_the_same_as_uninterrupted(start_sandbox: Start, visit: Opener) -> None:
    """Whatever was received before the cut and after it is the whole stream, byte for byte."""
    visitor = visit(start_sandbox(chunk_delay_s=0.005))
    conversation_id = visitor.start()
    parts = visitor.stream_partly(ROYALTIES, 5, key="key-1", conversation_id=conversation_id)
    parts += visitor.stream(ROYALTIES, key="key-1", last=parts[-1].id, conversation_id=conversation_id)
    assert parts == visitor.stream(ROYALTIES, key="key-1", conversation_id=conversation_id)
    assert content_of(parts) == visitor.ask(ROYALTIES)["message_content"]
    assert [message["role"] for message in visitor.messages(conversation_id)] == ["user", "assistant"]


def test_two_followers_of_one_answer(start_sandbox: Start, visit: Opener) -> None:
    """Coming back while the answer is still being generated attaches to it; it is generated once."""
    visitor = visit(start_sandbox(chunk_delay_s=0.01))
    with visitor.opened(ROYALTIES, key="key-1") as response:
        received = response.iter_text()
        text = next(received) + next(received) + next(received)
        attached = visitor.stream(ROYALTIES, key="key-1", last=events_of(text)[0].id)
        text += "".join(received)
    assert events_of(text)[1:] == attached
    assert len(visitor.post("/api/Messages/search", {"search_text": ROYALTIES}).json()["items"]) == 1


def test_the_same_key_without_a_last_id_replays_from_the_start(visitor: Visitor) -> None:
    """All of it comes again, byte for byte, response time included."""
    with visitor.opened(ROYALTIES, key="key-1") as first:
        before = first.read()
    with visitor.opened(ROYALTIES, key="key-1") as again:
        after = again.read()
    assert after == before


def test_after_the_last_event_there_is_nothing_more(visitor: Visitor) -> None:
    """Whoever has everything gets an empty stream."""
    last = visitor.stream(ROYALTIES, key="key-1")[-1].id
    assert visitor.stream(ROYALTIES, key="key-1", last=last) == []


def test_lines_are_resumed_too(visitor: Visitor) -> None:
    """A client that reads lines counts them to know where it was."""
    events = visitor.stream(ROYALTIES, key="key-1")
    with visitor.opened(ROYALTIES, key="key-1", last=events[-3].id, accept="application/jsonl") as response:
        assert len(response.read().splitlines()) == 2


@pytest.mark.parametrize("last", ["msg_unknown:1", "{message_id}:0", "{message_id}:9999", "{message_id}:x", "nonsense"])
def test_unknown_ids(visitor: Visitor, last: str) -> None:
    """An id that no event of this stream has is a 404."""
    message_id = visitor.stream(ROYALTIES, key="key-1")[0].data["metadata"]["message_id"]
    headers = {"Last-Event-ID": last.format(message_id=message_id)}
    response = visitor.post("/api/Chat", {"query": ROYALTIES, "stream": True}, key="key-1", **headers)
    assert (response.status_code, response.json()["field"]) == (404, "Last-Event-ID")


def test_resuming_needs_the_key_of_the_first_request(visitor: Visitor) -> None:
    """Without a key it is a 400, with an unknown key a 404, with another question a 409."""
    last = visitor.stream(ROYALTIES, key="key-1")[2].id
    body = {"query": ROYALTIES, "stream": True}
    answers = [
        visitor.post("/api/Chat", body, **{"Last-Event-ID": last}),
        visitor.post("/api/Chat", body, key="key-2", **{"Last-Event-ID": last}),
        visitor.post("/api/Chat", {**body, "query": "What is IVA?"}, key="key-1", **{"Last-Event-ID": last}),
    ]
    assert [(it.status_code, it.json()["field"]) for it in answers] == [
        (400, "Idempotency-Key"), (404, "Last-Event-ID"), (409, "Idempotency-Key"),
    ]  # fmt: skip


def test_streams_of_other_users_cannot_be_resumed(visitor: Visitor, shared: RunningSandbox, visit: Opener) -> None:
    """The key of one user means nothing for another."""
    last = visitor.stream(ROYALTIES, key="key-1")[2].id
    body = {"query": ROYALTIES, "stream": True}
    response = visit(shared).post("/api/Chat", body, key="key-1", **{"Last-Event-ID": last})
    assert response.status_code == 404


def test_a_stream_survives_a_renewed_token(visitor: Visitor) -> None:
    """A key belongs to the user, not to the token."""
    events = visitor.stream(ROYALTIES, key="key-1")
    visitor.renew()
    assert visitor.stream(ROYALTIES, key="key-1", last=events[4].id) == events[5:]


def test_an_expired_log(start_sandbox: Start, visit: Opener) -> None:
    """When the log is too old, resuming and replaying are a 410, and the whole answer can still be had."""
    visitor = visit(start_sandbox(chunk_delay_s=0, stream_retention_s=1e-6))
    body = {"query": ROYALTIES, "stream": True}
    whole = visitor.ask(ROYALTIES, key="key-1")
    resumed = visitor.post("/api/Chat", body, key="key-1", **{"Last-Event-ID": f"{whole['message_id']}:1"})
    visitor.ask("What is IVA?")  # drops old logs
    replayed = visitor.post("/api/Chat", body, key="key-1")
    for response in (resumed, replayed):
        assert (response.status_code, response.json()["code"]) == (410, "stream_expired")
    assert visitor.ask(ROYALTIES, key="key-1") == whole


def test_a_deleted_conversation_cannot_be_resumed(visitor: Visitor) -> None:
    """Its streams went with it."""
    conversation_id = visitor.start()
    last = visitor.stream(ROYALTIES, key="key-1", conversation_id=conversation_id)[2].id
    visitor.http.request("DELETE", "/api/Chat", json=[conversation_id])
    body = {"query": ROYALTIES, "stream": True, "conversation_id": conversation_id}
    assert visitor.post("/api/Chat", body, key="key-1", **{"Last-Event-ID": last}).status_code == 404


def test_falling_back_to_the_whole_answer(start_sandbox: Start, visit: Opener) -> None:
    """The same key without streaming completes that very answer at once, for those who still follow it too."""
    visitor = visit(start_sandbox(chunk_delay_s=0.2))
    conversation_id = visitor.start()
    with visitor.opened(ROYALTIES, key="key-1", conversation_id=conversation_id) as response:
        received = response.iter_text()
        text = next(received) + next(received)
        whole = visitor.ask(ROYALTIES, key="key-1", conversation_id=conversation_id)
        text += "".join(received)
    events = events_of(text)
    assert whole["message_content"] == content_of(events)
    assert whole["message_id"] == events[-1].data["metadata"]["message_id"]
    assert whole["response_time_ms"] == events[-1].data["metadata"]["response_time_ms"]
    assert [message["role"] for message in visitor.messages(conversation_id)] == ["user", "assistant"]
