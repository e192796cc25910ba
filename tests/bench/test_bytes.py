"""The server writes what it is asked for, and every client reads the same from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest

from bench.clients import floors, ours
from bench.clients.base import CHAT_PATH, request_body
from bench.events import Mode, Scenario
from bench.server import body_of, running_server
from bench.subjects import SUBJECTS, Runtime, Subject
from gpo_client import SSEDecoder

EXAMPLES = {
    "bursts": Scenario(mode="bursts", events=7, per=3),
    "segments": Scenario(mode="segments", events=7, pace_us=1000),
    "together": Scenario(mode="together", events=7, streams=1),
    "huge": Scenario(mode="huge", events=1, size=4096, per=1000),
    "idle": Scenario(mode="idle", events=7),
}


def read(address: str, scenario: Scenario) -> list[bytes]:
    """The HTTP chunks of an answer; of an idle one the first."""
    with httpx.stream("POST", address + CHAT_PATH, json=request_body(scenario.ask())) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        pieces = response.iter_raw()
        return [next(pieces)] if scenario.mode == "idle" else list(pieces)


def test_every_mode_has_an_example() -> None:
    """Below, and a whole answer at the end."""
    assert {*EXAMPLES, "call"} == set(get_args(Mode))


@pytest.mark.parametrize("mode", EXAMPLES)
def test_modes(server: str, mode: str) -> None:
    """Ids count from 1, the last chunk is final, and HTTP chunks are cut as asked."""
    pieces = read(server, EXAMPLES[mode])
    decoder = SSEDecoder()
    events = [event for piece in pieces for event in decoder.feed(piece)]
    chunks = [json.loads(event.data) for event in events]
    assert [event.id for event in events] == [f"msg_01:{number}" for number in range(1, len(events) + 1)]
    assert [chunk["is_complete"] for chunk in chunks] == [False] * (len(chunks) - 1) + [mode != "idle"]
    assert len(events) == {"huge": 1, "idle": 1}.get(mode, 7)
    assert len(pieces) == {"bursts": 3, "huge": 5, "idle": 1}.get(mode, 7)


def test_streams_that_go_together(server: str) -> None:
    """None begins before all are there."""

    async def ask(client: httpx.AsyncClient) -> int:
        question = Scenario(mode="together", events=5, streams=4).ask()
        return (await client.post(CHAT_PATH, json=request_body(question))).text.count("\n\n")

    async def together() -> list[int]:
        async with httpx.AsyncClient(base_url=server) as client:
            return await asyncio.gather(*(ask(client) for _ in range(4)))

    assert asyncio.run(together()) == [5] * 4


def test_questions_are_read_back() -> None:
    """Wherever in a body they stand."""
    scenario = Scenario(mode="huge", events=3, per=5, pace_us=7, streams=9, size=11, event="ping")
    assert Scenario.read(b'{"messages":[{"content":"%b"}],"n":1}' % scenario.ask().encode()) == scenario
    with pytest.raises(ValueError, match="no question"):
        Scenario.read(b'{"query":"What is RESICO?"}')


@pytest.mark.parametrize("head", [b"Content-Length: 4", b"transfer-encoding: chunked"])
def test_requests_in_pieces(head: bytes) -> None:
    """A request counts when it is whole, with a length or in chunks."""
    body = b"body" if b":" in head and b"4" in head else b"4\r\nbody\r\n0\r\n\r\n"
    request = b"POST / HTTP/1.1\r\n%b\r\n\r\n%b" % (head, body)
    assert [body_of(request[:size]) for size in range(len(request))] == [None] * len(request)
    assert body_of(request) == body


def chunks_of(subject: Subject, runtime: Runtime, address: str, question: str) -> list[Any]:
    """What a client makes of an answer."""
    if runtime == "sync":
        client = subject.blocking(address)
        with client.stream(question) as chunks:
            found = list(chunks)
        client.close()
        return found

    async def read_all() -> list[Any]:
        client = subject.asynchronous(address)
        async with client.stream(question) as chunks:
            found = [chunk async for chunk in chunks]
        await client.aclose()
        return found

    return asyncio.run(read_all())


def plain(chunk: Any) -> tuple[object, ...]:
    """A chunk of any client's type, comparable."""
    told = chunk if isinstance(chunk, dict) else {name: getattr(chunk, name) for name in ("content", "is_complete")}
    return told["content"], told["is_complete"]


@pytest.mark.parametrize("runtime", ["sync", "async"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_clients_read_the_same(server: str, name: str, runtime: Runtime) -> None:
    """The floor, we and the others get the same chunks from the same bytes."""
    subject = SUBJECTS[name]
    if subject.missing:
        pytest.skip(subject.missing)
    scenario = Scenario(events=50, per=7, event=subject.event)
    decoder, body = SSEDecoder(), b"".join(read(server, scenario))
    expected = [plain(json.loads(event.data)) for event in decoder.feed(body)]
    assert [plain(chunk) for chunk in chunks_of(subject, runtime, server, scenario.ask())] == expected


def test_whole_answers(server: str) -> None:
    """The floor and we read the same."""
    question, one, other = Scenario(mode="call").ask(), ours.Blocking(server), floors.Blocking(server)
    answer, floor = one.ask(question), other.ask(question)
    assert [getattr(answer, name) for name in floors.Answer.__struct_fields__ if name != "sources"] == [
        getattr(floor, name) for name in floors.Answer.__struct_fields__ if name != "sources"
    ]
    assert [source.title for source in answer.sources] == [source.title for source in floor.sources] != []
    one.close()
    other.close()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Its address."""
    with running_server() as address:
        yield address
