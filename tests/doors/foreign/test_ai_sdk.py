"""npm's ``ai`` (DefaultChatTransport, readUIMessageStream) at ``ui_message_response``."""

from __future__ import annotations

from threading import Event

import pytest

from tests.doors.foreign.node import printed, run, start
from tests.relay.service import chatting
from tests.support.events import answer_events, chunk, final, numbered, problem_answer, source, stream_answer
from tests.support.wire import End

pytestmark = pytest.mark.slow


def test_whole_streamed_and_cited() -> None:
    """Its own reader makes one message of the parts: text, source, citation, metadata."""
    end = final(sources=[source(title="VAT Act", url="https://example.com/vat")])
    with chatting(stream_answer(*numbered([chunk("Zero [1"), chunk("]."), end]))) as (address, _):
        found = run("ai_chat.mjs", address, "ask")
    message = found["message"]
    kinds = {part["type"]: part for part in message["parts"]}
    assert (found["errors"], message["role"], kinds["text"]["text"]) == ([], "assistant", "Zero [1].")
    assert (kinds["source-url"]["url"], kinds["source-url"]["sourceId"]) == ("https://example.com/vat", "1")
    assert kinds["data-citation"]["data"] == {"start": 5, "end": 8, "sourceId": "1"}
    assert message["metadata"]["model_used"] == "test-model"


def test_resumed() -> None:
    """A page that is loaded again in mid-answer gets the same message, whole; afterwards there is nothing to resume."""
    gate, (first, *others) = Event(), answer_events("Zero ", "one.")
    with chatting(stream_answer(first, gate, *others)) as (address, upstream):
        left = run("ai_chat.mjs", address, "ask", "5")
        back = start("ai_chat.mjs", address, "resume")
        assert back.stdout is not None
        assert back.stdout.readline() == "begun\n"
        gate.set()
        found = printed(back)
        assert found["message"]["id"] == left["message"]["id"]
        assert [part["text"] for part in found["message"]["parts"] if part["type"] == "text"] == ["Zero one."]
        assert run("ai_chat.mjs", address, "resume")["message"] is None
        assert len(upstream.requests) == 1


def test_cancelled() -> None:
    """An answer whose page has gone for good is stopped at the service after the grace time."""
    first, *_ = answer_events("Zero ", "one.")
    with chatting(stream_answer(first, end=End.STALL), grace_s=0.05) as (address, upstream):
        run("ai_chat.mjs", address, "ask", "5")
        upstream.wait_closed(0)


def test_errors() -> None:
    with chatting(problem_answer(429)) as (address, _):
        found = run("ai_chat.mjs", address, "ask")
    assert found["errors"] == ["There are too many questions at the moment. Please try again shortly."]
