"""Runtimes other than plain threads and asyncio: both clients at home in each; docs/integration.md has the table."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from textwrap import dedent

import pytest

from tests.hosting.conftest import Program
from tests.support.echo import EchoServer
from tests.support.parts import EXCEPTIONS

_COMMON = """
import asyncio, os, sys, threading
from gpo_client import GPOCoreClient, SyncGPOCoreClient
URL, CONTEXT = sys.argv[1], {"session_id": "s", "token": "t", "conversation_id": "c"}

def ask(client, tag):
    whole = client.chat_stream(CONTEXT, {"query": tag}).collect().content
    return client.chat(CONTEXT, {"query": tag}).message_content == tag and whole == f"{tag} " * 4

async def ask_async(client, tag):
    whole = (await client.chat_stream(CONTEXT, {"query": tag}).collect()).content
    return (await client.chat(CONTEXT, {"query": tag})).message_content == tag and whole == f"{tag} " * 4

async def many(client, name):
    return all(await asyncio.gather(*(ask_async(client, f"{name} {turn}") for turn in range(20))))

def client():
    return SyncGPOCoreClient(base_url=URL, timeout=20)

def client_async():
    return GPOCoreClient(base_url=URL, timeout=20)
"""

_GREENLETS = """
    import gevent
    jobs = [gevent.spawn(ask, shared, f"greenlet {turn}") for turn in range(20)]
    gevent.joinall(jobs, timeout=30)
    print(all(job.value for job in jobs))
    shared.close()
"""
_EVENTLETS = """
    import eventlet
    with client() as shared:
        pool = eventlet.GreenPool(20)
        print(all(pool.imap(lambda turn: ask(shared, f"greenlet {turn}"), range(20))))
"""

#: Each runtime with the module that it needs, and a program that uses it.
RUNTIMES = {
    "uvloop": ("uvloop", """
    import uvloop
    shared = client_async()
    print(all(uvloop.run(many(shared, f"run {turn}")) for turn in range(2)))
    uvloop.run(shared.aclose())
    """),
    "rloop": ("rloop", """
    import rloop
    shared = client_async()
    async def main():
        print(await many(shared, "rloop"))
        await shared.aclose()
    loop = rloop.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    """),
    "eager tasks": ("asyncio", """
    async def main():
        if factory := getattr(asyncio, "eager_task_factory", None):  # Python 3.12
            asyncio.get_running_loop().set_task_factory(factory)
        async with client_async() as shared:
            print(await many(shared, "eager"))
    asyncio.run(main())
    """),
    "asyncio's debug mode": ("asyncio", """
    async def main():
        async with client_async() as shared:
            print(await many(shared, "debug"))
    asyncio.run(main(), debug=True)
    """),
    "nest_asyncio": ("nest_asyncio", """
    import nest_asyncio
    nest_asyncio.apply()
    shared = client_async()
    async def main():
        print(all(asyncio.run(many(shared, f"nested {turn}")) for turn in range(2)))
        await shared.aclose()
    asyncio.run(main())
    """),
    "async_to_sync": ("asgiref", """
    from asgiref.sync import async_to_sync
    shared, answers = client_async(), []
    def work(name):
        answers.append(all(async_to_sync(ask_async)(shared, f"{name} {turn}") for turn in range(3)))
    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads: thread.start()
    work("main")
    for thread in threads: thread.join()
    async_to_sync(shared.aclose)()
    print(answers == [True] * 5)
    """),
    "gevent": ("gevent", "    shared = client()\n" + _GREENLETS),
    "gevent, patched late": ("gevent", """
    shared = client()
    ask(shared, "before")
    from gevent import monkey
    monkey.patch_all()
    """ + _GREENLETS),
    "eventlet": ("eventlet", _EVENTLETS),
    "multiprocessing, fork": ("multiprocessing", """
    import multiprocessing
    shared = client()
    ask(shared, "parent")
    def work(turn):
        return ask(shared, f"child {os.getpid()} {turn}")
    with multiprocessing.get_context("fork").Pool(3) as pool:
        found = pool.map_async(work, range(12))
        print(all(ask(shared, f"parent {turn}") for turn in range(4)) and all(found.get(30)))
    shared.close()
    """),
    "concurrent.futures, fork": ("multiprocessing", """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    shared = client_async()
    asyncio.run(many(shared, "parent"))
    def work(turn):
        return asyncio.run(many(shared, f"child {os.getpid()} {turn}"))
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("fork")) as pool:
        print(all(pool.map(work, range(6))))
    asyncio.run(shared.aclose())
    """),
}  # fmt: skip
#: What must run before anything else is imported.
_FIRST = {
    "gevent": "from gevent import monkey; monkey.patch_all()\n",
    # Its own resolver cannot be imported beside trio: that is between the two.
    "eventlet": "import os; os.environ['EVENTLET_NO_GREENDNS'] = 'yes'\nimport eventlet; eventlet.monkey_patch()\n",
}


@pytest.mark.parametrize("name", RUNTIMES)
def test_runtime(name: str, program: Program, echo: EchoServer) -> None:
    """Calls and streams side by side, none of which gets another's answer."""
    module, text = RUNTIMES[name]
    pytest.importorskip(module) if module not in ("eventlet", "gevent") else _there(module)
    options = ("-W", "ignore::DeprecationWarning", *(("-W", "ignore::ResourceWarning") if name == "rloop" else ()))
    assert program(_FIRST.get(name, "") + _COMMON + dedent(text), echo.base_url, options=options) == "True\n"


def _there(module: str) -> None:
    """Not imported here: it would look at what the tests have loaded."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")


_APP = """
import os
from gpo_client import SyncGPOCoreClient
CONTEXT = {"session_id": "s", "token": "t", "conversation_id": "c"}
client = SyncGPOCoreClient(base_url=os.environ["ECHO_URL"], timeout=20)
client.chat(CONTEXT, {"query": "before the workers"})

def app(environ, start_response):
    tag = f"{os.getpid()} {environ['PATH_INFO']}"
    right = client.chat_stream(CONTEXT, {"query": tag}).collect().content == f"{tag} " * 4
    right = right and client.chat(CONTEXT, {"query": tag}).message_content == tag
    start_response("200 OK", [])
    return [str(right).encode()]
"""


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["sync", "gthread", "gevent"])
def test_gunicorn_with_preload(workers: str, echo: EchoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that was used before the workers were forked."""
    for module in ("gunicorn", *([workers] if workers == "gevent" else [])):
        _there(module)
    (tmp_path / "program.py").write_text(_APP, "utf-8")
    monkeypatch.setenv("ECHO_URL", echo.base_url)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "http://{}:{}".format(*listener.getsockname())
        command = [
            sys.executable, "-m", "gunicorn", "program:app", "--preload", "--workers", "3", "--threads", "4",
            "--worker-class", workers, "--bind", f"fd://{listener.fileno()}", "--no-control-socket",
        ]  # fmt: skip
        with subprocess.Popen(command, cwd=tmp_path, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL) as server:
            try:
                for turn in range(30):
                    with urllib.request.urlopen(f"{address}/{turn}", timeout=30) as answer:
                        assert answer.read() == b"True"
            finally:
                server.terminate()


_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "integration.md").read_text("utf-8")


def test_exceptions_of_transports() -> None:
    """Whatever is left out of the suites on httpx and httpx2 is told to users, and nothing else is."""
    listed = _PAGE.partition("## Clients of httpx and httpx2")[2].partition("\n## ")[0].split("\n- ")[1:]
    told = {" ".join(line.split()) for line in listed}
    assert len(told) == len(set(EXCEPTIONS.values()))
    for words in EXCEPTIONS.values():
        assert any(line.startswith(words) for line in told), words


def test_each_runtime_has_its_row() -> None:
    """Each that is tested has its row."""
    for name in RUNTIMES:
        assert f"\n| {name} |" in _PAGE, name
