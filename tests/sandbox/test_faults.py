"""Faults on demand, as the real clients meet them: each in three runtimes."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from gpo_client import (
    RateLimitError,
    StreamError,
    StreamInterruptedError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
)
from gpo_sandbox import RunningSandbox, running_sandbox

from .visitor import ROYALTIES

Connect = Callable[..., Any]

QUESTION = {"query": ROYALTIES}


@pytest.fixture(scope="module")
def faulty() -> Iterator[RunningSandbox]:
    """Run a sandbox whose requests may ask for faults."""
    with running_sandbox(chunk_delay_s=0, retry_ms=0, heartbeat_interval_s=0.02, faults=True) as sandbox:
        yield sandbox


@pytest.fixture
def eager(connect: Connect, faulty: RunningSandbox) -> Connect:
    """Make clients that do not wait before they try again."""
    return lambda **options: connect(base_url=faulty.base_url, retry_backoff_factor=0, **options)


async def _context(client: Any) -> Any:
    """Open a session as a new user, so that keys are new too."""
    return await client.session({"instance_id": "instance-001", "user_id": f"user-{uuid4().hex[:8]}"})


@pytest.mark.parametrize(
    ("fault", "resumes"),
    [
        ("drop-after=3", 1),
        ("drop-after=0", 1),
        ("drop-after=2,times=3", 3),
        ("end-after=3", 1),
        ("end-after=0,times=2", 2),
        ("stall-after=3", 1),
        ("slow=0.001", 0),
        ("duplicate=1", 0),
        ("duplicate=3,drop-after=5", 1),
        ("slow=0.001,duplicate=2,end-after=4", 1),
    ],
)
async def test_the_answer_is_whole_all_the_same(eager: Connect, fault: str, resumes: int) -> None:
    """Text and sources are those of an uninterrupted stream, and every resume is counted."""
    async with eager(**({"stream_idle_timeout": 0.5} if "stall" in fault else {})) as client:
        context = await _context(client)
        unbroken = await client.chat_stream(context, QUESTION).collect()
        broken = await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": fault}).collect()
        whole = await client.chat(context, QUESTION)
    assert broken.content == whole.message_content
    assert (broken.chunk_count, broken.sources) == (unbroken.chunk_count, unbroken.sources)
    assert (broken.is_complete, broken.resume_count) == (True, resumes)


@pytest.mark.parametrize(
    ("fault", "settings", "error", "count"),
    [
        ("error-after=2", {}, StreamServerError, 2),
        ("malformed=3", {}, StreamProtocolError, 2),
        ("skip=3", {}, StreamProtocolError, 2),
        ("end-after=3,times=all", {"max_resumes": 0}, StreamInterruptedError, 3),
        ("drop-after=3,times=all", {"max_resumes": 0}, StreamInterruptedError, 3),
        ("heartbeats-after=3", {"stream_heartbeat_timeout": 0.5}, StreamTimeoutError, 3),
        ("slow=3600", {"stream_first_chunk_timeout": 0.5}, StreamTimeoutError, 0),
    ],
)
async def test_streams_that_fail(
    eager: Connect, fault: str, settings: dict[str, Any], error: type[StreamError], count: int
) -> None:
    """The client says which failure it was, and has what had come before it."""
    async with eager(**settings) as client:
        with pytest.raises(error) as caught:
            await client.chat_stream(await _context(client), QUESTION, headers={"X-GPO-Fault": fault}).collect()
    assert type(caught.value) is error
    assert (caught.value.partial.chunk_count, caught.value.partial.is_complete) == (count, False)


async def test_refused_requests_are_tried_again(eager: Connect) -> None:
    """The first requests get the status, and the next one gets the answer."""
    refused: list[Any] = []
    async with eager(max_retries=2, on_retry=refused.append) as client:
        context = await _context(client)
        headers = {"X-GPO-Fault": "status=503*2,retry-after=0,drop-after=3"}
        answer = await client.chat_stream(context, QUESTION, headers=headers).collect()
        assert (answer.is_complete, answer.resume_count) == (True, 1)
    assert [details.status_code for details in refused] == [503, 503]


async def test_whole_answers_are_refused_too(eager: Connect) -> None:
    """A status concerns every request to chat; Retry-After reaches the client."""
    async with eager(max_retries=0) as client:
        context = await _context(client)
        headers = {"X-GPO-Fault": "status=429*1,retry-after=7"}
        with pytest.raises(RateLimitError, match="429") as caught:
            await client.chat(context, QUESTION, headers=headers, idempotency_key="key-refused")
        answer = await client.chat(context, QUESTION, headers=headers, idempotency_key="key-refused")
    assert (caught.value.retry_after, caught.value.code) == (7, "injected_fault")
    assert answer.message_content
