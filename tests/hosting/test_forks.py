"""After ``os.fork`` parent and child never share a connection, and a child leaves its parent's streams alone."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import pytest

from tests.hosting.conftest import Program
from tests.support.echo import EchoServer
from tests.support.parts import TRANSPORTS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")]

_COMMON = """
import os, sys, threading
from gpo_client import GPOCoreClient, SyncGPOCoreClient, UsageError
CONTEXT = {"session_id": "s", "token": "t", "conversation_id": "c"}
URL = sys.argv[1]

WAYS = {
    "plain": lambda answer: answer,
    "buffered": lambda answer: answer.buffered(),
    "batched": lambda answer: answer.batched(0.01),
    "tee": lambda answer: answer.tee(1)[0],
}

def in_child(work):
    "The exit code of a child that does this, 0 if it gives True."
    pid = os.fork()
    if not pid:
        code = 2
        try:
            code = not work()
        finally:
            os._exit(code)
    return pid

def ended(*pids):
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
"""

_ASKING = """
client = SyncGPOCoreClient(base_url=URL, max_retries=0, timeout=20, transport=sys.argv[2])
def ask(tag):
    return client.chat(CONTEXT, {"query": tag}).message_content == tag
def stream(tag):
    return client.chat_stream(CONTEXT, {"query": tag}).collect().content == f"{tag} " * 4
wrong = 0
for turn in range(5):
    wrong += not ask(f"warm {turn}")
    pids = [in_child(lambda k=k: all(f(f"child {turn} {k}") for f in (ask, stream, ask))) for k in range(2)]
    wrong += not (stream(f"parent {turn}") and ask(f"parent {turn}"))
    wrong += sum(map(bool, ended(*pids)))
client.close()
print(wrong)
"""


_every_transport = pytest.mark.parametrize("transport", TRANSPORTS)


@_every_transport
def test_blocking(program: Program, echo: EchoServer, transport: str) -> None:
    """Calls and streams, in both at once, after a connection was used."""
    assert program(_COMMON + _ASKING, echo.base_url, transport) == "0\n"


def test_blocking_with_tls(program: Program, echo_tls: EchoServer) -> None:
    """The same, encrypted: a shared key would be worse still."""
    assert program(_COMMON + _ASKING, echo_tls.base_url, "own") == "0\n"


_GIVEN = """
import httpx
with httpx.Client() as http:
    client = SyncGPOCoreClient(base_url=URL, http_client=http)
    def ask():
        return client.chat(CONTEXT, {"query": "mine"}).message_content == "mine"
    def refused():
        try:
            ask()
        except UsageError as error:
            return "make another one in each process" in str(error)
    print(*ended(in_child(ask)), ask(), *ended(in_child(refused)), ask())
"""


def test_clients_of_the_users(program: Program, echo: EchoServer) -> None:
    """Their connections are theirs: a child may use one that its parent has not used, and no other."""
    assert program(_COMMON + _GIVEN, echo.base_url) == "0 True 0 True\n"


_ASYNC = """
import anyio, asyncio
client = GPOCoreClient(base_url=URL, max_retries=0, timeout=20, transport=sys.argv[3])
async def use(tag):
    answer = await client.chat(CONTEXT, {"query": tag})
    whole = await client.chat_stream(CONTEXT, {"query": tag}).collect()
    return answer.message_content == tag and whole.content == f"{tag} " * 4
wrong = 0
async def main(turn):
    global wrong
    wrong += not await use(f"parent {turn}")
    pids = [in_child(lambda k=k: asyncio.run(use(f"child {turn} {k}"))) for k in range(2)]
    wrong += not await use(f"parent {turn}")
    wrong += sum(map(bool, ended(*pids)))
    if turn == 4:
        await client.aclose()
for turn in range(5):
    anyio.run(main, turn, backend=sys.argv[2])
print(wrong)
"""


@pytest.mark.parametrize(
    ("backend", "transport"), [("asyncio", "own"), ("trio", "own"), ("asyncio", "httpx"), ("asyncio", "httpx2")]
)
def test_on_a_loop(program: Program, echo: EchoServer, backend: str, transport: str) -> None:
    """Forked while its parent's loop runs: the child makes a loop of its own."""
    assert program(_COMMON + _ASYNC, echo.base_url, backend, transport) == "0\n"


_THREADS = """
client = SyncGPOCoreClient(base_url=URL, timeout=20)
client.chat(CONTEXT, {"query": "warm"})  # Python itself hangs in a child that is forked amid an import
stop = []
def work(k):
    while not stop:
        client.chat(CONTEXT, {"query": f"w{k}"})
threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
for thread in threads:
    thread.start()
import signal
def child(turn):
    signal.alarm(20)
    return client.chat(CONTEXT, {"query": f"child {turn}"}).message_content == f"child {turn}"
wrong = sum(map(bool, (ended(in_child(lambda: child(turn)))[0] for turn in range(40))))
stop.append(1)
for thread in threads:
    thread.join()
client.close()
print(wrong)
"""


def test_with_busy_threads(program: Program, echo: EchoServer) -> None:
    """Whatever lock they hold as it forks: no child hangs."""
    assert program(_COMMON + _THREADS, echo.base_url) == "0\n"


_RENEWING = """
import signal
from gpo_client import Observer
at_it, go_on = threading.Event(), threading.Event()
class Renewals(Observer):
    def call_started(self, call, parent):
        if call.operation == "createSession" and threading.current_thread() is not threading.main_thread():
            at_it.set()
            go_on.wait(60)
client = SyncGPOCoreClient(base_url=URL, timeout=20, auto_renew_token=True, observers=[Renewals()])
session = client.session({"instance_id": "i", "user_id": "u"})
def ask():
    signal.alarm(20)
    return client.chat(session, {"query": "mine"}).message_content == "mine"
client.chat(CONTEXT, {"query": "warm"})
thread = threading.Thread(target=client.chat, args=(session, {"query": "mine"}))
thread.start()
at_it.wait(60)
codes = ended(in_child(ask))
go_on.set()
thread.join()
print(codes, ask())
client.close()
"""


def test_while_a_token_is_renewed(program: Program, echo: EchoServer) -> None:
    """The thread that renews it is not there in the child, which renews it itself."""
    assert program(_COMMON + _RENEWING, echo.base_url) == "[0] True\n"


_HALF_READ = """
import signal
client = SyncGPOCoreClient(base_url=URL, timeout=20, transport=sys.argv[3])
stream = WAYS[sys.argv[2]](client.chat_stream(CONTEXT, {"query": "mine"}))
first = next(stream).content
def read():
    signal.alarm(20)
    try:
        next(stream)
    except UsageError as error:
        return "belongs to the process that opened it" in str(error)
def close():
    stream.close()
    client.close()
    return True
def leave():
    global stream, client
    del stream, client
    return True
codes = ended(in_child(read), in_child(close), in_child(leave))
pid = os.fork()
if not pid:
    sys.exit(7)  # with all that the end of a program does
codes += ended(pid)
client.chat(CONTEXT, {"query": "go on"})
print(codes, first + stream.collect().content)
client.close()
"""


@pytest.mark.parametrize(
    ("way", "transport"),
    [*product(["plain", "buffered", "batched", "tee"], ["own"]), *product(["plain"], TRANSPORTS[1:])],
)
def test_half_read_stream(program: Program, echo: EchoServer, way: str, transport: str) -> None:
    """The child is told that it is the parent's. It may close it, drop it and exit: the parent reads on."""
    echo.gate.clear()
    assert program(_COMMON + _HALF_READ, echo.base_url, way, transport) == "[0, 0, 0, 7] mine mine mine mine \n"
    assert [tag for _, tag in echo.asked] == ["mine", "go on"]  # nothing was resumed


_HALF_READ_ON_A_LOOP = """
import asyncio
import signal
client = GPOCoreClient(base_url=URL, timeout=20, transport=sys.argv[3])
async def main():
    stream = WAYS[sys.argv[2]](client.chat_stream(CONTEXT, {"query": "mine"}))
    first = (await anext(stream)).content
    def read():
        signal.alarm(20)
        try:
            asyncio.run(stream.__anext__())
        except UsageError as error:
            return "belongs to the process that opened it" in str(error)
    def close():
        async def all():
            await stream.aclose()
            await client.aclose()
        asyncio.run(all())
        return True
    codes = ended(in_child(read), in_child(close), in_child(lambda: True))
    await client.chat(CONTEXT, {"query": "go on"})
    print(codes, first + (await stream.collect()).content)
    await client.aclose()
asyncio.run(main())
"""


@pytest.mark.parametrize(("way", "transport"), [("plain", "own"), ("buffered", "own"), ("plain", "httpx")])
def test_half_read_stream_on_a_loop(program: Program, echo: EchoServer, way: str, transport: str) -> None:
    """The same."""
    echo.gate.clear()
    assert program(_COMMON + _HALF_READ_ON_A_LOOP, echo.base_url, way, transport) == "[0, 0, 0] mine mine mine mine \n"
    assert [tag for _, tag in echo.asked] == ["mine", "go on"]


_FILE = """
import asyncio, pathlib
client = GPOCoreClient(base_url=URL, timeout=20)
path = pathlib.Path(sys.argv[2])
async def main():
    stream = client.chat_stream(CONTEXT, {"query": "mine"})
    writing = asyncio.create_task(stream.to_file(path))
    while not stream.partial.content:
        await asyncio.sleep(0)
    if not (pid := os.fork()):
        sys.exit(7)  # which cancels the task
    code = ended(pid)
    await client.chat(CONTEXT, {"query": "go on"})
    await writing
    await client.aclose()
    print(*code, path.read_text(), os.listdir(path.parent))
asyncio.run(main())
"""


def test_file_that_is_being_written(program: Program, echo: EchoServer, tmp_path: Path) -> None:
    """Neither taken away nor written into by the child, however that ends."""
    echo.gate.clear()
    assert program(_COMMON + _FILE, echo.base_url, str(tmp_path / "x")) == "7 mine mine mine mine  ['x']\n"


_BATCH = """
import signal
client = SyncGPOCoreClient(base_url=URL, timeout=20)
batch = client.batch(map(str, range(6)), CONTEXT, max_concurrency=2)
found = [next(batch).text]
def read():
    signal.alarm(20)
    try:
        next(batch)
    except UsageError as error:
        return "belongs to the process that opened it" in str(error)
def close():
    signal.alarm(20)
    batch.close()
    return True
codes = ended(in_child(read), in_child(close))
print(codes, *sorted(found + [result.text for result in batch]))
client.close()
"""


def test_half_read_batch(program: Program, echo: EchoServer) -> None:
    """The same for a batch: each question is asked once."""
    assert program(_COMMON + _BATCH, echo.base_url) == "[0, 0] 0 1 2 3 4 5\n"
    assert sorted(tag for _, tag in echo.asked) == list("012345")
