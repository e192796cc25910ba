"""Many questions at once."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections import UserDict
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gpo_client import (
    AuthenticationError,
    GPOCoreClient,
    InvalidArgumentError,
    InvalidRequestError,
    SyncGPOCoreClient,
    UsageError,
)
from gpo_client.batch import BatchResult
from gpo_sandbox import running_sandbox
from tests.client.conftest import Connect, Serve
from tests.support.events import answer_events, chat_response, json_answer, stream_answer
from tests.support.question import CONTEXT, SESSION, problem
from tests.support.wire import Answer, Received

_ASYNC = pytest.mark.parametrize("runtime", ["asyncio", "trio"])
_QUESTIONS = [f"What is RESICO? {number}" for number in range(12)]


def _echo(request: Received) -> Answer:
    query = request.json["query"]
    if request.json["stream"]:
        return stream_answer(*answer_events("You asked: ", query))
    return json_answer(chat_response(f"You asked: {query}"))


async def _results(batch: Any) -> list[BatchResult[Any]]:
    return [result async for result in batch]


async def _collect(batch: Any, into: list[BatchResult[Any]]) -> None:
    async for result in batch:
        into.append(result)  # noqa: PERF401 - what comes before an error counts


@pytest.mark.parametrize("stream", [False, True])
async def test_every_question_has_a_result(client: Any, stream: bool) -> None:
    """With its number, its answer, and what it took."""
    async with client:
        results = await _results(client.batch(_QUESTIONS, SESSION, stream=stream))
    assert sorted((result.number, result.question) for result in results) == list(enumerate(_QUESTIONS))
    for result in results:
        assert result.ok
        assert "RESICO" in result.text
        assert result.sources
        assert (result.attempts, result.throttled) == (1, 0)
        assert (result.time_to_first_chunk is not None) == stream
        assert 0 < (result.time_to_first_chunk or 0.0) + 1e-9 <= result.duration + 1e-6


async def test_results_in_order(connect: Connect, serve: Serve) -> None:
    """Those that are answered first wait for the one before them."""
    last_was_asked, was_in_time = threading.Event(), list[bool]()

    def respond(request: Received) -> Answer:
        if request.json["query"] == "0":
            was_in_time.append(last_was_asked.wait(20))
        elif request.json["query"] == "5":
            last_was_asked.set()
        return _echo(request)

    async with connect(base_url=serve(then=respond).base_url) as client:
        results = await _results(client.batch(map(str, range(6)), CONTEXT, ordered=True))
    assert was_in_time == [True]
    assert [result.question for result in results] == ["0", "1", "2", "3", "4", "5"]


async def test_a_failure_is_a_result(connect: Connect, serve: Serve) -> None:
    """It ends nothing but itself, be it the service's or that of an argument."""

    def respond(request: Received) -> Answer:
        return problem(422, "invalid") if request.json["query"] == "bad" else _echo(request)

    async with connect(base_url=serve(then=respond).base_url) as client:
        questions: list[Any] = ["good", "bad", {"quary": "misspelt"}, {"query": "good too"}]
        results = await _results(client.batch(questions, CONTEXT, ordered=True))
    assert [type(result.error) for result in results] == [
        type(None),
        InvalidRequestError,
        InvalidArgumentError,
        type(None),
    ]
    assert results[1].text == ""
    assert results[1].attempts == 1


async def test_throttled_questions_are_asked_again(connect: Connect, serve: Serve) -> None:
    """Nothing is lost to a service that has too much to do, and the results say what it cost."""
    seen: dict[str, int] = {}

    def respond(request: Received) -> Answer:
        seen[request.json["query"]] = count = seen.get(request.json["query"], 0) + 1
        return problem(429, "rate_limited") if count < 3 else _echo(request)

    async with connect(base_url=serve(then=respond).base_url, retry_backoff_factor=0.0) as client:
        batch = client.batch(["0", "1", "2"], CONTEXT, adaptive=False)
        results = await _results(batch)
    assert [(result.ok, result.attempts, result.throttled) for result in results] == [(True, 3, 2)] * 3
    assert batch.progress.throttled == 6
    assert batch.progress.answered == 3


async def test_questions_are_taken_as_there_is_room(connect: Connect, serve: Serve) -> None:
    """Of a million questions, as many are held as may be under way, times a small number."""
    taken = 0

    def questions() -> Iterator[str]:
        nonlocal taken
        for number in range(1_000_000):
            taken += 1
            yield str(number)

    async with (
        connect(base_url=serve(then=_echo).base_url) as client,
        client.batch(questions(), CONTEXT, max_concurrency=2) as batch,
    ):
        for _ in range(20):
            assert (await anext(batch)).ok
        assert taken <= 20 + 4 * 2 + 1


async def test_no_more_at_once_than_allowed(connect: Connect, serve: Serve) -> None:
    """The ceiling holds, and the client's own limit besides."""
    lock, under_way, most = threading.Lock(), 0, 0

    def respond(request: Received) -> Answer:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        answer = _echo(request)
        with lock:
            under_way -= 1
        return answer

    server = serve(then=respond)
    for settings, most_at_once, expected in (({}, 3, 3), ({"max_concurrency": 1}, 8, 1)):
        most = 0
        async with connect(base_url=server.base_url, **settings) as client:
            assert len(await _results(client.batch(_QUESTIONS, CONTEXT, max_concurrency=most_at_once))) == 12
        assert most <= expected


async def test_questions_that_fail_to_come(client: Any) -> None:
    """An error of the user's own iterable comes out as it is, after the results that there are."""

    def questions() -> Iterator[str]:
        yield "What is RESICO?"
        raise LookupError("no more")

    async with client:
        results: list[BatchResult[Any]] = []
        with pytest.raises(LookupError):
            await _collect(client.batch(questions(), SESSION), results)
        assert [result.ok for result in results] == [True]


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_concurrency": 0},
        {"max_concurrency": True},
        {"rate": 0},
        {"rate": "fast"},
        {"stop_after": 0},
        {"sessions": lambda _: SESSION},
    ],
)
async def test_bad_arguments(client: Any, arguments: dict[str, Any]) -> None:
    """They are found before anything is asked."""
    async with client:
        with pytest.raises(InvalidArgumentError):
            client.batch(_QUESTIONS, SESSION, **arguments)
        for questions in ("a single text", 5):
            with pytest.raises(InvalidArgumentError, match="questions"):
                client.batch(questions, SESSION)


async def test_a_session_for_each_user(connect: Connect, tmp_path: Path) -> None:
    """Each opened once; under keys of their own, the same batch has the same sessions and answers again."""
    with running_sandbox(chunk_delay_s=0.0, db=str(tmp_path / "gpo.db")) as sandbox:
        for _ in range(2):
            async with connect(base_url=sandbox.base_url) as client:
                batch = client.batch(
                    range(8),
                    sessions=lambda index: {**SESSION, "user_id": f"user-{index % 2}"},
                    request=lambda index: {"query": f"What is RESICO? {index}"},
                    idempotency_key=lambda index: f"question-{index}",
                    session_key="batch-1",
                )
                assert [result.error for result in await _results(batch)] == [None] * 8
    assert _count(tmp_path / "gpo.db", "sessions") == 2
    assert _count(tmp_path / "gpo.db", "messages WHERE role = 'user'") == 8


async def test_a_question_outlives_its_session(connect: Connect, tmp_path: Path) -> None:
    """Under its key it is the same question in any session of the user: the answer is there already."""
    with running_sandbox(chunk_delay_s=0.0, db=str(tmp_path / "gpo.db")) as sandbox:
        for _ in range(2):
            async with connect(base_url=sandbox.base_url) as client:
                batch = client.batch(["What is RESICO?"], SESSION, idempotency_key=lambda _: "question-1", stream=True)
                assert [result.error for result in await _results(batch)] == [None]
    assert _count(tmp_path / "gpo.db", "sessions") == 2
    assert _count(tmp_path / "gpo.db", "messages WHERE role = 'user'") == 1


def _count(database: Path, rows: str) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchone()[0])


async def test_a_session_that_cannot_be_opened(connect: Connect, serve: Serve) -> None:
    """Is no question's fault: it comes out at once."""
    async with connect(base_url=serve(problem(401, "invalid_api_key")).base_url) as client:
        with pytest.raises(AuthenticationError):
            await anext(client.batch(_QUESTIONS, SESSION))


async def test_leaving_early(connect: Connect, serve: Serve) -> None:
    """What is under way is given up; nothing is left open, as the server of this test sees."""
    hang = threading.Event()

    def respond(request: Received) -> Answer:
        if request.json["query"] == "0":
            return _echo(request)
        return Answer(headers={"Content-Type": "application/json"}, pieces=(b"{", hang), framing="length", announced=9)

    async with connect(base_url=serve(then=respond).base_url) as client:
        async with client.batch([str(number) for number in range(8)], CONTEXT) as batch:
            assert (await anext(batch)).number == 0
        with pytest.raises(StopAsyncIteration):
            await anext(batch)
    hang.set()


@pytest.mark.parametrize("stream", [False, True])
def test_closed_while_a_question_is_read(serve: Serve, stream: bool) -> None:
    """A thread that had not begun to ask when the batch was closed asks no more: nobody would end that."""
    server = serve(then=_echo)
    closed = threading.Event()

    class Closing(UserDict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            batch.close()
            closed.set()
            return super().__getitem__(name)

    with SyncGPOCoreClient(base_url=server.base_url) as client:
        batch = client.batch([{"query": "0"}, Closing(query="1")], CONTEXT, max_concurrency=1, stream=stream)
        assert next(batch).number == 0
        assert closed.wait(20)
        assert list(batch) == []
        batch.close()  # waits for the threads
    assert [request.json["query"] for request in server.requests] == ["0"]


@_ASYNC
async def test_asynchronous_questions(client: GPOCoreClient) -> None:
    """Any asynchronous iterable will do."""

    async def questions() -> AsyncIterator[str]:
        for question in _QUESTIONS:
            yield question

    async with client:
        assert len([result async for result in client.batch(questions(), SESSION)]) == 12


def test_a_batch_that_is_dropped(sandbox: Any) -> None:
    """Its threads end, though nobody has closed it."""
    before = threading.enumerate()

    def workers() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each not in before and "reader" in each.name]

    with SyncGPOCoreClient(base_url=sandbox.base_url) as client:
        for result in client.batch(_QUESTIONS * 100, SESSION, max_concurrency=4):
            assert result.ok
            break
        assert workers()
        del result
        gc.collect()
        while left := workers():  # each may have begun another before it ended
            left[0].join(20)
            assert not left[0].is_alive()


async def test_a_closed_client(client: Any) -> None:
    """Is told at once."""
    async with client:
        pass
    with pytest.raises(UsageError):
        client.batch(_QUESTIONS, SESSION)
