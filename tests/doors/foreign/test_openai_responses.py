"""openai-python's ``responses`` at the door for OpenAI's protocols: both of its clients."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import QUESTION, RESUMING, Door, broken_answer, openai, scripted
from tests.doors.foreign.conftest import Caller, items
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

library: Any = pytest.importorskip("openai")
pytestmark = pytest.mark.slow


async def create(asking: Caller, asked: str = QUESTION, **options: Any) -> Any:
    found = asking.client.responses.create(model="gpo", input=asked, **options)
    return await found if hasattr(found, "__await__") else found


async def test_whole_and_cited(caller: Any, openai_door: Door) -> None:
    """Text, citations that are where they say, usage, and a second question that goes on from it."""
    asking = caller(openai_door)
    answer = await create(asking)
    (part,) = answer.output[0].content
    assert (answer.status, answer.error, answer.output_text) == ("completed", None, part.text)
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert part.annotations
    assert all(part.text[each.start_index : each.end_index].startswith("[") for each in part.annotations)
    again = await create(asking, "And for whom?", previous_response_id=answer.id)
    assert again.previous_response_id == answer.id


async def test_streamed_and_cited(kind: str, caller: Any, openai_door: Door) -> None:
    """Its accumulator, which asserts the order of events, makes of them what ``create`` gives."""
    asking = caller(openai_door)
    manager = asking.client.responses.stream(model="gpo", input=QUESTION)
    if kind == "sync":
        with manager as stream:
            seen = list(stream)
            found = stream.get_final_response()
    else:
        async with manager as stream:
            seen = [event async for event in stream]
            found = await stream.get_final_response()
    whole = await create(asking)
    assert "".join(each.delta for each in seen if each.type == "response.output_text.delta") == whole.output_text
    assert any(each.type == "response.output_text.annotation.added" for each in seen)
    assert (found.output_text, found.status) == (whole.output_text, "completed")
    assert len(found.output[0].content[0].annotations) == len(whole.output[0].content[0].annotations)


async def test_cancelled(kind: str, caller: Any) -> None:
    first, *_ = answer_events("Zero ", "one.")
    relay = Relay(RelayOptions(grace_s=3600))
    with scripted(stream_answer(first, end=End.STALL), make=openai(relay=relay)) as door:
        stream = await create(caller(door), stream=True)
        if kind == "sync":
            with stream:
                next(iter(stream))
        else:
            async with stream:
                await anext(aiter(stream))
        await door.upstream.closed()


async def test_resumed_unseen(caller: Any) -> None:
    with scripted(*broken_answer(), make=openai(), **RESUMING) as door:
        seen = await items(await create(caller(door), stream=True))
    assert "".join(each.delta for each in seen if each.type == "response.output_text.delta") == "Zero one two."


async def test_errors(caller: Any) -> None:
    """Before the answer by status; in its middle as the response that failed, with its text so far."""
    first, *_ = answer_events("Zero ", "one.")
    with scripted(problem_answer(429), stream_answer(first, end=End.RESET), make=openai()) as door:
        asking = caller(door, default_headers={"X-Chat-Id": "chat-1"})
        with pytest.raises(library.RateLimitError):
            await create(asking, stream=True)
        last = (await items(await create(asking, stream=True)))[-1]
    assert (last.type, last.response.error.code, last.response.output_text) == (
        "response.failed",
        "server_error",
        "Zero ",
    )
