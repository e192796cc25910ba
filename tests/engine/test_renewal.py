"""Tokens that renew themselves. When they do, and what comes of a renewal that fails, test_flow_renewal.py shows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest

from gpo_client import SyncGPOCoreClient, TokenExpiredError
from gpo_sandbox import running_sandbox
from tests.client.conftest import Connect, Serve
from tests.support.question import QUESTION, SESSION, WHOLE, cut, problem, rest, whole_answer
from tests.support.wire_script import Answer, Received

RENEWING: dict[str, Any] = {"auto_renew_token": True, "retry_backoff_factor": 0.0}


def session_answer(number: int, expires_at: str = "2999-01-01T00:00:00Z") -> Answer:
    """The session's token number so-and-so."""
    session = {"session_id": f"ses_{number}", "token": f"token-{number}", "expires_at": expires_at, "user_id": "u"}
    body = json.dumps(session).encode()
    return Answer(headers={"Content-Type": "application/json"}, pieces=(body,), framing="length")


EXPIRED = problem(401, "token_expired")


def service(valid: int, answer: Callable[[Received], Answer]) -> Callable[[Received], Answer]:
    """A service of which only the token of that number is still valid; each session it opens has the next number."""
    numbers, lock = iter(range(1, 100)), threading.Lock()

    def respond(request: Received) -> Answer:
        if request.target.endswith("/session"):
            with lock:
                return session_answer(next(numbers))
        good = request.headers["authorization"] == f"Bearer token-{valid}"
        return answer(request) if good else EXPIRED

    return respond


async def test_stream_renews_when_it_is_continued(connect: Connect, serve: Serve) -> None:
    """A token that ends while the stream runs does not end the stream."""
    server = serve(session_answer(1), cut(2), EXPIRED, session_answer(2), rest(2))
    async with connect(base_url=server.base_url, **RENEWING) as client:
        context = (await client.session(SESSION)).chat_context()
        response = await client.chat_stream(context, QUESTION).collect()
    assert (response.content, response.resume_count) == (WHOLE, 1)
    assert [request.headers.get("last-event-id") for request in server.requests] == [
        None,
        None,
        "msg_01:2",
        None,
        "msg_01:2",
    ]


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_many_tasks_renew_once(connect: Connect, serve: Serve) -> None:
    """However many calls find the token expired."""
    server = serve(then=service(2, lambda _: whole_answer()))
    async with connect(base_url=server.base_url, **RENEWING) as client:
        context = (await client.session(SESSION)).chat_context()
        async with anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(client.chat, context, QUESTION)
    assert sum(request.target.endswith("session") for request in server.requests) == 2


def test_many_threads_renew_once(serve: Serve) -> None:
    """However many threads find the token expired."""
    server = serve(then=service(2, lambda _: whole_answer()))
    with SyncGPOCoreClient(base_url=server.base_url, **RENEWING) as client, ThreadPoolExecutor(10) as pool:
        context = client.session(SESSION).chat_context()
        answers = list(pool.map(lambda _: client.chat(context, QUESTION).message_content, range(20)))
    assert answers == [WHOLE] * 20
    assert sum(request.target.endswith("session") for request in server.requests) == 2


async def test_renewal_is_off_by_default(connect: Connect, serve: Serve) -> None:
    """Without auto_renew_token an expired token is an error."""
    async with connect(base_url=serve(session_answer(1), EXPIRED).base_url) as client:
        context = (await client.session(SESSION)).chat_context()
        with pytest.raises(TokenExpiredError):
            await client.chat(context, QUESTION)


async def test_against_the_sandbox(connect: Connect) -> None:
    """A conversation goes on under the new token, in a copy of the client too."""
    with running_sandbox(chunk_delay_s=0.0, token_ttl_s=1) as sandbox:
        async with connect(base_url=sandbox.base_url, token_renewal_buffer=3600, **RENEWING) as client:
            conversation = await client.open_conversation(SESSION)
            await conversation.ask("What is RESICO?")
            await client.with_options(timeout=5).chat(conversation.context, QUESTION)
            assert len((await conversation.messages()).items) == 4
