"""openai-python at the door for OpenAI's protocol: both of its clients."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import RESUMING, Door, broken_answer, openai, scripted
from tests.doors.foreign.conftest import ASKED, items
from tests.support.events import answer_events, chunk, final, numbered, problem_answer, source, stream_answer
from tests.support.wire import End

library: Any = pytest.importorskip("openai")
pytestmark = pytest.mark.slow


async def test_whole_and_cited(caller: Any, openai_door: Door) -> None:
    """Text, citations that are where they say, and usage."""
    answer = await caller(openai_door).create()
    message = answer.choices[0].message
    assert (message.role, answer.choices[0].finish_reason, answer.model) == ("assistant", "stop", "gpo")
    assert answer.usage.completion_tokens > 10
    cited = [each.url_citation for each in message.annotations]
    assert cited
    assert all(message.content[each.start_index : each.end_index].startswith("[") for each in cited)
    assert all(each.title and each.url.startswith("http") for each in cited)


async def test_streamed_and_cited(caller: Any, openai_door: Door) -> None:
    """The pieces add up; the last chunk has the usage."""
    asking = caller(openai_door)
    *chunks, last = await items(await asking.create(stream=True, stream_options={"include_usage": True}))
    text = "".join(each.choices[0].delta.content or "" for each in chunks)
    annotations = [each for piece in chunks for each in getattr(piece.choices[0].delta, "annotations", None) or ()]
    assert len(chunks) > 3
    assert text[annotations[0]["url_citation"]["start_index"]] == "["
    assert (last.choices, last.usage.completion_tokens > 10) == ([], True)


async def test_stream_helper(kind: str, caller: Any, openai_door: Door) -> None:
    """Its own accumulator makes of the events what ``create`` gives."""
    asking = caller(openai_door)
    manager = asking.client.chat.completions.stream(**ASKED)
    if kind == "sync":
        with manager as stream:
            seen = [event.type for event in stream]
            final_one = stream.get_final_completion()
    else:
        async with manager as stream:
            seen = [event.type async for event in stream]
            final_one = await stream.get_final_completion()
    whole = await asking.create()
    assert {"chunk", "content.delta", "content.done"} <= set(seen)
    assert final_one.choices[0].message.content == whole.choices[0].message.content
    assert final_one.choices[0].finish_reason == "stop"


async def test_models(caller: Any, openai_door: Door) -> None:
    models = await items(caller(openai_door).client.models.list())
    assert [each.id for each in models] == ["gpo", "gpo-ce", "gpo-de", "gpo-sat", "gpo-td"]


async def test_cancelled(kind: str, caller: Any) -> None:
    """Closing a stream, or leaving its block, stops the answer at the service."""
    first, *_ = answer_events("Zero ", "one.")
    relay = Relay(RelayOptions(grace_s=3600))
    with scripted(stream_answer(first, end=End.STALL), make=openai(relay=relay)) as door:
        stream = await caller(door).create(stream=True)
        if kind == "sync":
            with stream:
                next(iter(stream))
        else:
            async with stream:
                await anext(aiter(stream))
        await door.upstream.closed()


async def test_resumed_unseen(caller: Any) -> None:
    """The connection to the service breaks in mid-answer: the caller sees each piece once."""
    with scripted(*broken_answer(), make=openai(), **RESUMING) as door:
        chunks = await items(await caller(door).create(stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == "Zero one two."


async def test_errors_have_their_classes(caller: Any) -> None:
    """Before the answer by status, in its middle as an event."""
    first, *_ = answer_events("Zero ", "one.")
    with scripted(problem_answer(429), stream_answer(first, end=End.RESET), make=openai()) as door:
        asking = caller(door, default_headers={"X-Chat-Id": "chat-1"})
        with pytest.raises(library.RateLimitError) as limited:
            await asking.create(stream=True)
        with pytest.raises(library.APIError) as cut:
            await items(await asking.create(stream=True))
        with pytest.raises(library.AuthenticationError):
            await caller(door, api_key="wrong-key-000").create()
    assert (limited.value.code, cut.value.code) == ("rate_limited", "interrupted")


async def test_heartbeats_are_not_seen(caller: Any) -> None:
    gate = Event()
    relay = Relay(RelayOptions(heartbeat_s=0.02))
    answer = stream_answer(gate, *numbered([chunk("Zero [1]."), final(sources=[source(url="https://example.com")])]))
    with scripted(answer, make=openai(relay=relay)) as door:
        stream = await caller(door).create(stream=True)  # it has begun, with a heartbeat
        gate.set()
        chunks = await items(stream)
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == "Zero [1]."
