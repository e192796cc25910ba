"""Scripted streams, as the real clients meet them: each in three runtimes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client import (
    CitationSource,
    GPOClientError,
    GPOCoreClient,
    InvalidArgumentError,
    NotFoundError,
    StreamingChunk,
    StreamInterruptedError,
    StreamProtocolError,
    StreamServerError,
    StreamTimeoutError,
    SyncGPOCoreClient,
)
from gpo_client.testing import ScriptedTransport, scripted, scripted_stream
from tests.support.question import SESSION

TEXTS = ["RESICO is ", "a simplified ", "régime [1]."]
SOURCE = CitationSource(id="src_01", title="RESICO", relevance_score=0.9, url=None, content_excerpt="1 to 2.5 per cent")
NO_WAIT = {"retry_backoff_factor": 0}


@pytest.fixture
def talking(runtime: str, connect: Callable[..., Any]) -> Callable[..., Any]:
    """Opens a conversation with a script in the test's runtime."""

    @asynccontextmanager
    async def talk(transport: ScriptedTransport, **options: Any) -> Any:
        http: Any = (httpx.Client if runtime == "sync" else httpx.AsyncClient)(transport=transport)
        async with connect(http_client=http, **{**NO_WAIT, **options}) as client:
            yield await client.open_conversation(SESSION)
        if runtime == "sync":
            http.close()
        else:
            await http.aclose()

    return talk


async def test_an_answer(talking: Callable[..., Any]) -> None:
    """Texts, sources and metadata arrive as the contract has them; requests can be looked at."""
    transport = scripted_stream([*TEXTS, SOURCE])
    async with talking(transport) as conversation, conversation.stream("What is RESICO?") as stream:
        chunks = [chunk async for chunk in stream]
    assert [chunk.content for chunk in chunks] == [*TEXTS, None]
    assert [chunk.is_complete for chunk in chunks] == [False, False, False, True]
    assert chunks[-1].sources == [SOURCE]
    assert chunks[-1].metadata["message_id"] == chunks[0].metadata["message_id"] == "msg_01"
    assert [request.url.path for request in transport.requests] == [
        "/api/User/session", "/api/Chat/start-conversation", "/api/Chat",
    ]  # fmt: skip
    assert b"What is RESICO?" in transport.requests[-1].content


async def test_chunks_arrive_as_they_are_written(talking: Callable[..., Any]) -> None:
    """With sources in the middle, metadata, and a final chunk of the author's own."""
    written = [
        StreamingChunk(content="a", metadata={"mood": "good"}),
        StreamingChunk(sources=[SOURCE]),
        StreamingChunk(content="b", is_complete=True),
    ]
    async with talking(scripted_stream(written)) as conversation, conversation.stream("?") as stream:
        assert [chunk async for chunk in stream] == written


async def test_whole_answers_and_further_questions(talking: Callable[..., Any]) -> None:
    """Each question has its answer, streamed or not; the last answer stays."""
    async with talking(scripted_stream(["one"], ["two ", SOURCE, "three"])) as conversation:
        assert (await conversation.stream("?").collect()).content == "one"
        whole = await conversation.ask("?")
        assert (whole.message_content, whole.sources[0].title, whole.message_id) == ("two three", "RESICO", "msg_02")
        assert (await conversation.stream("?").collect()).content == "two three"


@pytest.mark.parametrize("portions", [(), 1, 7, (1, 2, 3), 100_000])
@pytest.mark.parametrize(
    ("faults", "resumes"),
    [
        (None, 0),
        ("drop-after=0", 1),
        ("drop-after=1,times=2", 2),
        ("end-after=2", 1),
        ("duplicate=2", 0),
        ("slow=0.001", 0),
        ("status=503*2,drop-after=2", 1),
    ],
)
async def test_nothing_is_lost(
    talking: Callable[..., Any], faults: str | None, resumes: int, portions: int | tuple[int, ...]
) -> None:
    """Wherever the bytes are cut and whatever breaks, the answer is whole and each resume is counted."""
    async with talking(scripted_stream([*TEXTS, SOURCE], faults=faults, portions=portions)) as conversation:
        answer = await conversation.stream("?").collect()
    assert (answer.content, answer.resume_count, answer.chunk_count) == ("".join(TEXTS), resumes, 4)
    assert answer.sources == [SOURCE]


async def test_a_stall_lasts_as_long_as_the_client_waits(talking: Callable[..., Any]) -> None:
    """Then the stream is continued."""
    transport = scripted_stream(TEXTS, faults="stall-after=2")
    async with talking(transport, stream_idle_timeout=0.05) as conversation:
        answer = await conversation.stream("?").collect()
    assert (answer.content, answer.resume_count) == ("".join(TEXTS), 1)
    assert transport.requests[-1].headers["Last-Event-ID"] == "msg_01:2"


async def test_a_stall_never_hangs(talking: Callable[..., Any]) -> None:
    """Without any deadline it is a timeout at once."""
    limits = dict.fromkeys(
        ["stream_idle_timeout", "stream_first_chunk_timeout", "stream_heartbeat_timeout", "stream_total_timeout"]
    )
    async with talking(scripted_stream(TEXTS, faults="stall-after=2"), **limits) as conversation:
        assert (await conversation.stream("?").collect()).content == "".join(TEXTS)


@pytest.mark.parametrize(
    ("faults", "error", "arrived"),
    [
        ("heartbeats-after=2", StreamTimeoutError, 2),
        ("skip=2", StreamProtocolError, 1),
        ("malformed=3", StreamProtocolError, 2),
        ("error-after=1,times=all", StreamServerError, 1),
        ("drop-after=1,times=all", StreamInterruptedError, 1),
        ("status=404", NotFoundError, 0),
    ],
)
async def test_what_goes_wrong_for_good(
    talking: Callable[..., Any], faults: str, error: type[Exception], arrived: int
) -> None:
    """The error of a real service, with what had arrived."""
    options = {"stream_heartbeat_timeout": 0.2, "max_resumes": 0, "max_retries": 0}
    async with talking(scripted_stream(TEXTS, faults=faults), **options) as conversation:
        with pytest.raises(error) as caught:
            await conversation.stream("?").collect()
    if arrived:
        assert caught.value.partial.content == "".join(TEXTS[:arrived])  # type: ignore[attr-defined]


async def test_a_request_may_ask_for_a_fault(talking: Callable[..., Any]) -> None:
    """As with the sandbox."""
    async with talking(scripted_stream(TEXTS)) as conversation:
        answer = await conversation.stream("?", headers={"X-GPO-Fault": "drop-after=1"}).collect()
        assert answer.resume_count == 1
        assert (await conversation.stream("?").collect()).resume_count == 0


async def test_leaving_early_leaves_nothing_open(talking: Callable[..., Any]) -> None:
    """Also while heartbeats would go on for ever."""
    transport = scripted_stream(TEXTS, faults="heartbeats-after=1,times=all")
    async with talking(transport) as conversation, conversation.stream("?") as stream:
        async for chunk in stream:
            assert chunk.content == TEXTS[0]
            break


async def test_what_a_script_does_not_know(talking: Callable[..., Any]) -> None:
    """The error says what does."""
    async with talking(scripted_stream(["a"])) as conversation:
        with pytest.raises(NotFoundError, match=r"running_sandbox\(\) and recorded\(\)"):
            await conversation.messages()


async def test_resuming_what_was_never_asked(talking: Callable[..., Any]) -> None:
    """An unknown position is a 404, as the contract says."""
    answer = await _post(
        scripted_stream(["a"]), {"Last-Event-ID": "msg_07:1", "Idempotency-Key": "k"}, b'{"query":"?","stream":true}'
    )
    assert (answer.status_code, answer.json()["field"]) == (404, "Last-Event-ID")
    assert (await _post(scripted_stream(["a"]), {}, b'{"query":""}')).status_code == 422


async def _post(transport: ScriptedTransport, headers: dict[str, str], content: bytes) -> httpx.Response:
    async with httpx.AsyncClient(transport=transport) as http:
        return await http.post("http://gpo.invalid/api/Chat", headers=headers, content=content)


def test_a_blocked_reader_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread closes the stream while the script is silent, and no deadline is near."""
    patience, is_waiting = scripted._Body._patience, threading.Event()

    def observed(body: Any, silence: Any) -> tuple[float, bool]:
        is_waiting.set()
        return patience(body, silence)

    monkeypatch.setattr(scripted._Body, "_patience", observed)
    with (
        httpx.Client(transport=scripted_stream(TEXTS, faults="stall-after=1")) as http,
        SyncGPOCoreClient(http_client=http, stream_idle_timeout=600) as client,
    ):
        stream = client.open_conversation(SESSION).stream("?")
        assert next(stream).content == TEXTS[0]

        def read() -> None:
            with suppress(GPOClientError):
                stream.collect()

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        assert is_waiting.wait(60)
        stream.close()
        reader.join(60)
        assert not reader.is_alive()


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_waiting_task_can_be_cancelled(anyio_backend: str) -> None:
    """While the script is silent."""
    async with (
        httpx.AsyncClient(transport=scripted_stream(TEXTS, faults="stall-after=1")) as http,
        GPOCoreClient(http_client=http, stream_idle_timeout=600) as client,
    ):
        conversation = await client.open_conversation(SESSION)
        with anyio.move_on_after(0.05) as scope:
            await conversation.stream("?").collect()
        assert scope.cancelled_caught


@pytest.mark.parametrize(
    ("answers", "options", "field"),
    [
        ([], {}, "answers"),
        (["not a list"], {}, "answers[0]"),
        ([["a"], ["b", 3]], {}, "answers[1][1]"),
        ([[StreamingChunk(is_complete=True), "late"]], {}, "answers[0][1]"),
        ([["a"]], {"faults": "broken"}, "faults"),
        ([["a"]], {"portions": 0}, "portions"),
    ],
)
def test_bad_scripts_name_the_place(answers: list[Any], options: dict[str, Any], field: str) -> None:
    """At once, not when the answer is asked for."""
    with pytest.raises(InvalidArgumentError) as caught:
        scripted_stream(*answers, **options)
    assert caught.value.field == field
    assert field in str(caught.value)


@given(st.lists(st.text(), max_size=6), st.lists(st.integers(1, 9), max_size=3), st.integers(0, 7))
def test_any_text_in_any_portions(texts: list[str], portions: Iterable[int], cut: int) -> None:
    """Arrives as it was written, over a connection that breaks anywhere."""
    transport = scripted_stream(texts, faults=f"drop-after={cut}", portions=tuple(portions))
    with httpx.Client(transport=transport) as http, SyncGPOCoreClient(http_client=http, **NO_WAIT) as client:  # type: ignore[arg-type]
        assert client.open_conversation(SESSION).stream("?").collect().content == "".join(texts)


BREAKS = [
    ("drop-after=1", 5.0, httpx.RemoteProtocolError),
    ("stall-after=1", 0.01, httpx.ReadTimeout),
    ("stall-after=1", None, httpx.ReadTimeout),
    ("slow=60", 0.01, httpx.ReadTimeout),
]
ASKED: Any = {"url": "http://gpo.invalid/api/Chat", "json": {"query": "?", "stream": True}}


@pytest.mark.parametrize(("faults", "timeout", "error"), BREAKS)
def test_breaks_are_those_of_httpx(faults: str, timeout: float | None, error: type[Exception]) -> None:
    """For whoever uses the transport without our clients, too."""
    with httpx.Client(transport=scripted_stream(TEXTS, faults=faults), timeout=timeout) as http, pytest.raises(error):
        http.post(**ASKED)


@pytest.mark.parametrize(("faults", "timeout", "error"), BREAKS)
async def test_breaks_are_those_of_httpx_in_an_event_loop(
    faults: str, timeout: float | None, error: type[Exception]
) -> None:
    """The same there."""
    async with httpx.AsyncClient(transport=scripted_stream(TEXTS, faults=faults), timeout=timeout) as http:
        with pytest.raises(error):
            await http.post(**ASKED)


async def test_a_resume_brings_only_what_is_missing() -> None:
    """The events after the one that the client has, under the same ids."""
    transport = scripted_stream(TEXTS)
    async with httpx.AsyncClient(transport=transport, headers={"Idempotency-Key": "key-1"}) as http:
        first = (await http.post(**ASKED)).text.split("\n\n")
        rest = (await http.post(**ASKED, headers={"Last-Event-ID": "msg_01:2"})).text.split("\n\n")
    assert first[0] == rest[0] == "retry: 0"
    assert first[3:] == rest[1:]
    assert rest[1].startswith("id: msg_01:3\ndata: {")
