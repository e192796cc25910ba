"""Generating answers: grace time, failure and shutdown, without a server in between."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest

from gpo_sandbox.generations import Generations, Interlude
from gpo_sandbox.requests import ConversationRequest, PageQuery
from gpo_sandbox.sandbox import Sandbox
from gpo_sandbox.settings import SandboxSettings
from gpo_sandbox.store.answers import LoggedEvent, PlannedAnswer
from gpo_sandbox.store.sessions import Caller
from gpo_sandbox.streaming import as_events

pytestmark = pytest.mark.anyio

CALLER = Caller(session_id="ses_1", user_id="user-1", instance_id="instance-1", expires_at=0.0, revoked_at=None)


@pytest.fixture
def anyio_backend() -> str:
    """Run on asyncio alone: uvicorn, and so the sandbox, has no other."""
    return "asyncio"


@pytest.fixture
async def sandbox() -> AsyncGenerator[Sandbox]:
    """Open a sandbox that generates slowly."""
    opened = Sandbox.open(SandboxSettings(chunk_delay_s=0.001))
    yield opened
    await opened.close()


def _planned(sandbox: Sandbox) -> PlannedAnswer:
    conversation_id = sandbox.conversations.start(CALLER, ConversationRequest()).conversation_id
    return sandbox.answers.plan(conversation_id, "msg_q", ["one ", "two ", "three ", "four"], [], "sandbox-1")


async def _follow(generations: Generations, answer: PlannedAnswer, after: int = 0) -> list[int | Interlude]:
    async with aclosing(generations.follow(answer, after)) as events:
        return [event.sequence if isinstance(event, LoggedEvent) else event async for event in events]


async def _begin(generations: Generations, answer: PlannedAnswer) -> None:
    """Follow an answer for one event."""
    async with aclosing(generations.follow(answer, 0)) as events:
        await anext(events)


async def _running_tasks() -> list[asyncio.Task[Any]]:
    return [task for task in asyncio.all_tasks() if task.get_coro().__qualname__ == "Generations._generate"]  # type: ignore[union-attr]


async def test_nobody_came_back(sandbox: Sandbox) -> None:
    """Without a grace time the generation ends with its last follower, and its log stays as it is."""
    generations = Generations(sandbox.answers, 0.001, 10, 0)
    answer = _planned(sandbox)
    await _begin(generations, answer)
    (task,) = await _running_tasks()
    await asyncio.wait([task])
    assert task.cancelled()
    assert sandbox.answers.written(answer.message_id) == 1
    assert sandbox.messages.latest_question(answer.conversation_id) is None
    assert await _follow(generations, answer, 1) == [2, 3, 4, 5]


async def test_somebody_came_back_in_time(sandbox: Sandbox) -> None:
    """A follower within the grace time goes on with the same generation."""
    generations = Generations(sandbox.answers, 0.001, 10, 60)
    answer = _planned(sandbox)
    await _begin(generations, answer)
    (task,) = await _running_tasks()
    assert await _follow(generations, answer, 1) == [2, 3, 4, 5]
    await asyncio.wait([task])
    assert not task.cancelled()


async def test_coming_back_while_the_generation_is_being_stopped(sandbox: Sandbox) -> None:
    """Between giving up and having given up, whoever comes back starts another generation."""
    generations = Generations(sandbox.answers, 0.001, 10, 0)
    answer = _planned(sandbox)
    await _begin(generations, answer)
    generations._running[answer.message_id].cancel()
    assert await _follow(generations, answer, 1) == [2, 3, 4, 5]


async def test_closing_lets_everybody_go(sandbox: Sandbox) -> None:
    """Followers end at once, no task is left, and later followers get only what is in the log."""
    generations = Generations(sandbox.answers, 3600, 10, 3600)
    answer = _planned(sandbox)
    following = asyncio.ensure_future(_follow(generations, answer))
    await asyncio.sleep(0)  # lets it begin to follow
    await generations.close()
    assert await following == []
    assert await _running_tasks() == []
    sandbox.answers.write(answer, 1)
    assert await _follow(generations, answer) == [1]


async def test_a_failure_is_told(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """When generating fails, followers are told so, as an `event: error` on the wire, and the log says why."""
    answer = _planned(sandbox)

    def fail(*_: object) -> bool:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(type(sandbox.answers), "write", fail)
    events = sandbox.generations.follow(answer, 0)
    text = b"".join([part async for part in as_events(answer.message_id, "req_1", 1000, events)]).decode()
    assert '\n\nevent: error\ndata: {"type":' in text
    assert '"status":500' in text
    assert '"request_id":"req_1"' in text
    assert "disk" not in text
    assert "the disk is on fire" in caplog.text


async def test_deleting_the_conversation_ends_the_stream(sandbox: Sandbox) -> None:
    """What is being generated for a conversation that is gone comes to nothing."""
    answer = _planned(sandbox)
    seen: list[LoggedEvent | Interlude] = []
    async with aclosing(sandbox.generations.follow(answer, 0)) as events:
        async for event in events:
            seen.append(event)
            sandbox.conversations.delete(CALLER, [answer.conversation_id])
    assert len(seen) == 1
    assert sandbox.generations.finish(answer) == answer


async def test_finishing_without_a_log(sandbox: Sandbox) -> None:
    """An answer whose log was dropped before it was complete can still be had whole, and is a message."""
    answer = _planned(sandbox)
    sandbox.database.execute("UPDATE answers SET logged = 0")
    finished = sandbox.generations.finish(answer)
    assert finished.response_time_ms is not None
    assert sandbox.generations.finish(answer) == finished
    assert sandbox.answers.written(answer.message_id) == 0
    assert sandbox.messages.page(answer.conversation_id, PageQuery()).items[0].content == "one two three four"


async def test_silence(sandbox: Sandbox) -> None:
    """A follower hears of every interval without an event."""
    generations = Generations(sandbox.answers, 3600, 0.001, 0)
    async with aclosing(generations.follow(_planned(sandbox), 0)) as events:
        assert [await anext(events) for _ in range(3)] == [Interlude.SILENCE] * 3
    await generations.close()
