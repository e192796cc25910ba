"""One client on any number of event loops: one after the other, and side by side in threads."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Iterator

import anyio
import pytest

from gpo_client import GPOCoreClient
from tests.hosting.conftest import Program
from tests.support.connections import idle_connections, pools_of
from tests.support.echo import EchoServer

pytestmark = pytest.mark.slow

_CONTEXT = {"session_id": "s", "token": "t", "conversation_id": "c"}


@pytest.fixture
def client(echo: EchoServer) -> Iterator[GPOCoreClient]:
    """A client that no loop owns."""
    made = GPOCoreClient(base_url=echo.base_url, max_retries=0, timeout=20, max_connections=3)
    yield made
    anyio.run(made.aclose)


async def _use(client: GPOCoreClient, tag: str) -> None:
    answer = await client.chat(_CONTEXT, {"query": tag})
    assert answer.message_content == tag
    whole = await client.chat_stream(_CONTEXT, {"query": tag}).collect()
    assert whole.content == f"{tag} " * 4


@pytest.mark.parametrize("backends", [("asyncio", "asyncio", "asyncio"), ("asyncio", "trio", "asyncio", "trio")])
def test_one_after_the_other(client: GPOCoreClient, echo: EchoServer, backends: tuple[str, ...]) -> None:
    """``asyncio.run`` again and again: each loop has connections of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number, backend in enumerate(backends):
            anyio.run(_use, client, f"{number}", backend=backend)
            gc.collect()
    used = {tag: {connection for connection, asked in echo.asked if asked == tag} for _, tag in echo.asked}
    assert [len(connections) for connections in used.values()] == [1] * len(backends)
    assert len(set.union(*used.values())) == len(backends)
    assert len(pools_of(client)) <= 2  # those of loops that have ended are forgotten as others come


def test_side_by_side(client: GPOCoreClient, echo: EchoServer) -> None:
    """A loop in each of many threads: places are a loop's own, so none waits for another."""
    faults: list[BaseException] = []
    all_there = threading.Barrier(8)

    def run(name: str) -> None:
        async def work() -> None:
            all_there.wait(20)
            for turn in range(5):
                async with anyio.create_task_group() as tasks:
                    for task in range(6):
                        tasks.start_soon(_use, client, f"{name} {turn} {task}")

        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - looked at below
            faults.append(error)

    threads = [threading.Thread(target=run, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert not any(thread.is_alive() for thread in threads)


def test_closed_by_another_loop(client: GPOCoreClient, echo: EchoServer) -> None:
    """Streams of one loop end when another closes the client."""
    echo.gate.clear()
    open_, ended = threading.Event(), list[str]()

    async def read() -> None:
        stream = client.chat_stream(_CONTEXT, {"query": "q"})
        await anext(stream)
        open_.set()
        try:
            await stream.collect()
        except Exception as error:  # noqa: BLE001 - looked at below
            ended.append(type(error).__name__)

    thread = threading.Thread(target=asyncio.run, args=(read(),))
    thread.start()
    assert open_.wait(20)
    asyncio.run(client.aclose())
    thread.join(20)
    assert not thread.is_alive()
    assert ended


def test_nothing_stays_open_when_a_loop_ends(client: GPOCoreClient, echo: EchoServer) -> None:
    """asyncio closes what the client keeps for its next request: without a close, and without a warning."""
    anyio.run(_use, client, "once")
    assert all(connection.line.transport.is_closing() for connection in idle_connections(client))


_AGAIN = """
    import asyncio, sys
    from gpo_client import GPOCoreClient
    client = GPOCoreClient(base_url=sys.argv[1], timeout=20)
    async def use(tag):
        answer = await client.chat({"session_id": "s", "token": "t"}, {"query": tag})
        whole = await client.chat_stream({"session_id": "s", "token": "t"}, {"query": tag}).collect()
        return (answer.message_content, whole.content) == (tag, f"{tag} " * 4)
"""


@pytest.mark.parametrize("options", [(), ("-X", "dev")], ids=["plain", "asyncio's debug mode"])
def test_programs_that_run_twice(program: Program, echo: EchoServer, options: tuple[str, ...]) -> None:
    """As in scripts, and where asyncio looks closely."""
    twice = "print([asyncio.run(use(str(turn))) for turn in range(3)])\n"
    assert program(_dedented(_AGAIN) + twice, echo.base_url, options=options) == "[True, True, True]\n"


def test_loops_of_old_programs(program: Program, echo: EchoServer) -> None:
    """A loop that is run again and again, and closed without ceremony."""
    old = """
for turn in range(2):
    loop = asyncio.new_event_loop()
    print([loop.run_until_complete(use(str(turn))) for turn in range(2)])
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
"""
    assert program(_dedented(_AGAIN) + old, echo.base_url) == "[True, True]\n[True, True]\n"


def _dedented(text: str) -> str:
    from textwrap import dedent

    return dedent(text)
