"""Faults on demand, as the real clients meet them: each in three worlds."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from gpo_client import (
    RateLimitError,
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


async def _whole(client: Any, context: Any) -> str:
    return str((await client.chat(context, QUESTION)).message_content)


@pytest.mark.parametrize(
    ("fault", "resumes"),
    [
        ("drop-after=3", 1),
        ("drop-after=0", 1),
        ("drop-after=2,times=3", 3),
        ("end-after=3", 1),
        ("end-after=0,times=2", 2),
        ("slow=0.001", 0),
        ("duplicate=1", 0),
        ("duplicate=3,drop-after=5", 1),
        ("slow=0.001,duplicate=2,end-after=4", 1),
    ],
)
async def test_the_answer_is_whole_all_the_same(eager: Connect, fault: str, resumes: int) -> None:
    """Text and sources are those of an uninterrupted stream, and every resume is counted."""
    async with eager() as client:
        context = await _context(client)
        unbroken = await client.chat_stream(context, QUESTION).collect()
        broken = await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": fault}).collect()
        whole = await _whole(client, context)
    assert (broken.content, broken.chunk_count, broken.sources) == (whole, unbroken.chunk_count, unbroken.sources)
    assert (broken.is_complete, broken.resume_count) == (True, resumes)


@pytest.mark.parametrize("fault", ["stall-after=3", "stall-after=0"])
async def test_a_stalled_stream_is_continued(eager: Connect, fault: str) -> None:
    """Silence is noticed, and the stream goes on over another connection."""
    async with eager(stream_idle_timeout=0.5) as client:
        context = await _context(client)
        answer = await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": fault}).collect()
        assert (answer.content, answer.resume_count) == (await _whole(client, context), 1)


async def test_dropped_again_and_again(eager: Connect) -> None:
    """As long as each connection brings something, the answer becomes whole."""
    async with eager(max_resumes=1) as client:
        context = await _context(client)
        answer = await client.chat_stream(
            context, QUESTION, headers={"X-GPO-Fault": "drop-after=20,times=all"}
        ).collect()
        assert answer.content == await _whole(client, context)
    assert answer.resume_count == (answer.chunk_count - 1) // 20


async def test_refused_requests_are_tried_again(eager: Connect) -> None:
    """The first requests get the status, and the next one gets the answer."""
    refused: list[Any] = []
    async with eager(max_retries=2, on_retry=refused.append) as client:
        context = await _context(client)
        headers = {"X-GPO-Fault": "status=503*2,retry-after=0,drop-after=3"}
        answer = await client.chat_stream(context, QUESTION, headers=headers).collect()
        assert (answer.content, answer.resume_count) == (await _whole(client, context), 1)
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


async def test_an_error_event(eager: Connect) -> None:
    """The stream ends with what the event says and everything before it."""
    async with eager() as client:
        context = await _context(client)
        whole = await _whole(client, context)
        with pytest.raises(StreamServerError) as caught:
            await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": "error-after=2"}).collect()
    assert caught.value.partial is not None
    assert 0 < len(caught.value.partial.content) < len(whole)
    assert caught.value.code == "internal_error"


async def test_a_malformed_event(eager: Connect) -> None:
    """What came before it is kept."""
    async with eager() as client:
        context = await _context(client)
        with pytest.raises(StreamProtocolError) as caught:
            await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": "malformed=3"}).collect()
    assert caught.value.partial is not None
    assert caught.value.partial.chunk_count == 2


async def test_a_gap(eager: Connect) -> None:
    """A missing event is no end and nothing to resume: the contract is broken."""
    async with eager() as client:
        context = await _context(client)
        with pytest.raises(StreamProtocolError, match="missing") as caught:
            await client.chat_stream(context, QUESTION, headers={"X-GPO-Fault": "skip=3"}).collect()
    assert caught.value.partial.chunk_count == 2


@pytest.mark.parametrize("fault", ["end-after=3,times=all", "drop-after=3,times=all"])
async def test_an_end_that_is_none(eager: Connect, fault: str) -> None:
    """A client that may not resume says what it has."""
    async with eager(max_resumes=0) as client:
        context = await _context(client)
        headers = {"X-GPO-Fault": fault}
        with pytest.raises(StreamInterruptedError) as caught:
            await client.chat_stream(context, QUESTION, headers=headers).collect()
        fallen_back = await client.chat_stream(context, QUESTION, headers=headers, fallback=True).collect()
        assert fallen_back.content == await _whole(client, context)
    assert (caught.value.partial.chunk_count, caught.value.partial.is_complete) == (3, False)


@pytest.mark.parametrize(
    ("fault", "limit", "count"),
    [("heartbeats-after=3", "stream_heartbeat_timeout", 3), ("slow=3600", "stream_first_chunk_timeout", 0)],
)
async def test_too_slow(eager: Connect, fault: str, limit: str, count: int) -> None:
    """Heartbeats are no answer; who asks again under the same key gets it."""
    async with eager(**{limit: 0.5}) as client:
        context = await _context(client)
        options = {"headers": {"X-GPO-Fault": fault}, "idempotency_key": f"key-{fault}"}
        with pytest.raises(StreamTimeoutError, match=limit) as caught:
            await client.chat_stream(context, QUESTION, **options).collect()
        again = await client.with_options(**{limit: 60}).chat_stream(context, QUESTION, **options).collect()
        assert again.content == await _whole(client, context)
    assert caught.value.partial.chunk_count == count
