"""Servers that send little and mean much: bodies that inflate, answers of many values, streams without end."""

from __future__ import annotations

import itertools
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest

from gpo_client import GPOClientError, InvalidResponseError, StreamLimitError
from gpo_client.client.runtime import TransportHandle
from gpo_client.drivers.aio import AsyncRun
from gpo_client.flows import call as calls
from gpo_client.flows.credentials import KnownSecrets
from gpo_client.flows.effects import Compute, FailureKind, Flow, Pause
from gpo_client.flows.stream_reader import StreamReader
from tests.client.conftest import Connect, Serve
from tests.client.outcomes import outcome_of
from tests.support.events import TEXT_EVENT_STREAM, answer_events, json_answer, sse, stream_answer
from tests.support.question import CONTEXT, EVENTS, QUESTION, TEXTS
from tests.support.wire_script import Answer, End

ONCE: dict[str, Any] = {"max_retries": 0, "max_resumes": 0}
MIB = 1024 * 1024
GZIP = {"Content-Encoding": "gzip"}
JSON = {"Content-Type": "application/json"}
FILE = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="a.pdf"'}


def growing(first: bytes = b"", filling: bytes = b"\n") -> Iterator[bytes]:
    """A gzip body in which each byte becomes a thousand, for ever."""
    compressor = zlib.compressobj(wbits=31)
    yield compressor.compress(first) + compressor.flush(zlib.Z_SYNC_FLUSH)
    while True:
        yield compressor.compress(filling * MIB) + compressor.flush(zlib.Z_SYNC_FLUSH)


def _files(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in folder.iterdir()]


async def test_stream_that_grows(connect: Connect, serve: Serve) -> None:
    """Compressed nothings for ever: what came before is kept, and the end is a typed error, not a deadline."""
    server = serve(Answer(headers={**TEXT_EVENT_STREAM, **GZIP}, pieces=growing(EVENTS[0])))
    async with connect(base_url=server.base_url, **ONCE) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        await server.closed(0)
    assert (type(outcome.error), outcome.text) == (StreamLimitError, TEXTS[0])
    assert "grows to more than 200 times its size" in str(outcome.error)
    assert "'Accept-Encoding': 'identity'" in str(outcome.error)


async def test_answer_that_grows(connect: Connect, serve: Serve) -> None:
    """An answer too, also when a large one would be allowed."""
    server = serve(Answer(headers={**JSON, **GZIP}, pieces=growing(b"[", b" ")))
    async with connect(base_url=server.base_url, max_response_bytes=1000 * MIB, **ONCE) as client:
        with pytest.raises(InvalidResponseError, match="grows to more than 200 times its size"):
            await client.list_document_solutions(CONTEXT)
        await server.closed(0)


@pytest.mark.parametrize("to_file", [False, True], ids=["memory", "file"])
async def test_file_that_grows(to_file: bool, connect: Connect, serve: Serve, tmp_path: Path) -> None:
    """A file too; nothing of it stays behind."""
    server = serve(Answer(headers={**FILE, **GZIP}, pieces=growing(filling=b"x")))
    async with connect(base_url=server.base_url, **ONCE) as client:
        with pytest.raises(InvalidResponseError, match="grows to more than 200 times its size"):
            await client.download_document(CONTEXT, "doc-1", tmp_path if to_file else None)
        await server.closed(0)
    assert _files(tmp_path) == []


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_file_without_end(framing: Any, connect: Connect, serve: Serve, tmp_path: Path) -> None:
    """A file has a largest size, announced or not; what was there stays, and of the new one nothing does."""
    pieces = itertools.repeat(b"x" * 65536) if framing == "chunked" else [b"x" * 65536]
    answer = Answer(headers=FILE, pieces=pieces, framing=framing, announced=10**12, end=End.STALL)
    before = tmp_path / "a.pdf"
    before.write_bytes(b"old")
    server = serve(answer)
    async with connect(base_url=server.base_url, max_download_bytes=MIB, **ONCE) as client:
        with pytest.raises(InvalidResponseError, match=r"longer than max_download_bytes \(1048576\); raise that"):
            await client.download_document(CONTEXT, "doc-1", before)
        await server.closed(0)
    assert _files(tmp_path) == [("a.pdf", b"old")]


async def test_stream_without_end(connect: Connect, serve: Serve) -> None:
    """Heartbeats are bytes as well; over all connections of a stream there may be so many of them."""
    beats = b": heartbeat\n\n" * 5000
    server = serve(stream_answer(EVENTS[0], beats, end=End.FIN), stream_answer(EVENTS[1], beats, EVENTS[-1]))
    async with connect(base_url=server.base_url, max_stream_bytes=100_000, retry_backoff_factor=0) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert type(outcome.error) is StreamLimitError
    assert "longer than max_stream_bytes (100000); raise that" in str(outcome.error)
    assert len(server.requests) == 2
    assert outcome.text == outcome.error.partial.content


LARGE = b"[" + b'{"solution_id": "s", "name": "n"},' * 3000 + b'{"solution_id": "s", "name": "n"}]'


@pytest.mark.parametrize("size", ["large", "small"])
async def test_large_answers_are_read_aside(
    size: str, runtime: str, connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a thread of its own, so that the event loop goes on; small ones at once, and blocking clients read at once."""
    threads: list[int] = []
    read = vars(calls)["read_response"]

    def noted(*args: Any) -> Any:
        threads.append(threading.get_ident())
        return read(*args)

    monkeypatch.setattr(calls, "read_response", noted)
    server = serve(Answer(headers=JSON, pieces=(LARGE if size == "large" else b"[]",)))
    async with connect(base_url=server.base_url, **ONCE) as client:
        answer = await client.list_document_solutions(CONTEXT)
    assert len(answer) == (3001 if size == "large" else 0)
    if runtime != "sync":
        assert (threads != [threading.get_ident()]) == (size == "large")


async def test_large_answers_without_threads(connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process may start no more of them: read in place, which is better than no answer."""

    async def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(anyio.to_thread, "run_sync", refuse)
    server = serve(Answer(headers=JSON, pieces=(LARGE,)))
    async with connect(base_url=server.base_url, **ONCE) as client:
        assert len(await client.list_document_solutions(CONTEXT)) == 3001


@pytest.mark.parametrize("said", ["large problem", "small problem", "large event", "small event"])
async def test_long_errors_are_searched_aside(
    said: str, runtime: str, connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And read there: what a service says of an error may be spelled so that each character takes its time."""
    threads: list[int] = []
    hide = KnownSecrets.hide_in

    def noted(self: KnownSecrets, error: GPOClientError) -> None:
        threads.append(threading.get_ident())
        hide(self, error)

    monkeypatch.setattr(KnownSecrets, "hide_in", noted)
    told = {"detail": "%41" * (20_000 if "large" in said else 1)}
    server = serve(json_answer(told, 400) if "problem" in said else stream_answer(sse(told, event="error")))
    async with connect(base_url=server.base_url, **ONCE) as client:
        error: Any = (await outcome_of(client.chat_stream(CONTEXT, QUESTION))).error
    assert error.problem.detail == told["detail"]
    assert runtime == "sync" or (threads != [threading.get_ident()]) == ("large" in said)


@pytest.mark.parametrize("size", ["large", "small"])
async def test_large_events_are_read_aside(
    size: str, runtime: str, connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same holds for what a stream brings."""
    threads: list[int] = []
    caught_up = StreamReader.catch_up

    def noted(self: StreamReader) -> Any:
        threads.append(threading.get_ident())
        return caught_up(self)

    monkeypatch.setattr(StreamReader, "catch_up", noted)
    events = answer_events("tax " * 20_000 if size == "large" else TEXTS[0], *TEXTS[1:])
    async with connect(base_url=serve(stream_answer(*events)).base_url, **ONCE) as client:
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
    assert outcome.error is None
    assert outcome.text == ("tax " * 20_000 if size == "large" else TEXTS[0]) + "".join(TEXTS[1:])
    assert bool(threads) == (size == "large")
    # What is not large, such as the events that come after one, is read where it came.
    assert runtime == "sync" or (size == "large") == any(thread != threading.get_ident() for thread in threads)


async def test_floods_let_others_have_their_turn(
    runtime: str, connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many small events are read on the event loop, a step at a time, and a turn is between each and the next."""
    steps: list[tuple[int, int]] = []
    turns = 0
    caught_up = StreamReader.catch_up

    def noted(self: StreamReader) -> Any:
        steps.append((threading.get_ident(), turns))
        return caught_up(self)

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await anyio.lowlevel.checkpoint()

    monkeypatch.setattr(StreamReader, "catch_up", noted)
    server = serve(stream_answer(EVENTS[0], b"data: {}\n\n" * 30_000, EVENTS[-1]))
    async with connect(base_url=server.base_url, **ONCE) as client, anyio.create_task_group() as group:
        group.start_soon(others)
        outcome = await outcome_of(client.chat_stream(CONTEXT, QUESTION))
        group.cancel_scope.cancel()
    assert outcome.text == TEXTS[0]
    assert len(steps) >= 60
    if runtime != "sync":
        assert {thread for thread, _ in steps} == {threading.get_ident()}
        # Trio has no order among those whose turn it is.
        assert all(later[1] > first[1] for first, later in zip(steps, steps[2:], strict=False))


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_what_changes_things_is_not_left() -> None:
    """Who gives up waits for its end: nothing goes on changing what others use."""
    begun, over, ends = threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        begun.set()
        over.wait()
        ends.append("work")

    def flow() -> Flow[Any]:
        yield from Compute(work, may_be_left=False)

    async with anyio.create_task_group() as group:

        async def run() -> None:
            try:
                await AsyncRun(TransportHandle(object), flow()).finish()  # type: ignore[arg-type]
            finally:
                ends.append("run")

        group.start_soon(run)
        await anyio.to_thread.run_sync(begun.wait)
        group.cancel_scope.cancel()
        over.set()
    assert ends == ["work", "run"]


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_nobody_waits_for_what_takes_too_long() -> None:
    """The asynchronous driver leaves it to its thread."""
    over = threading.Event()

    def flow() -> Flow[Any]:
        return (yield from Compute(over.wait, 0.01))

    try:
        outcome: Any = await AsyncRun(TransportHandle(object), flow()).finish()  # type: ignore[arg-type]
    finally:
        over.set()
    assert outcome.kind is FailureKind.TIMEOUT


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
async def test_a_pause_lets_others_have_their_turn() -> None:
    """The asynchronous driver really gives it to them."""
    turns: list[int] = []

    def flow() -> Flow[None]:
        for number in range(10):
            turns.append(-number)
            yield from Pause()

    async def others() -> None:
        for number in range(1, 11):
            turns.append(number)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(others)
        await anyio.lowlevel.checkpoint()
        await AsyncRun(TransportHandle(object), flow()).finish()  # type: ignore[arg-type]
    assert all(abs(turns.index(number) - turns.index(-number)) <= 3 for number in range(1, 10)), turns
