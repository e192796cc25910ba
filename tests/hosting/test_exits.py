"""Programs end when they are over, whatever they leave half read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hosting.conftest import Program
from tests.support.echo import EchoServer

_PROGRAM = """
import os, signal, sys, threading
from gpo_client import SyncGPOCoreClient
url, kind, how = sys.argv[1:]
client = SyncGPOCoreClient(base_url=url)

def begin():
    stream = client.chat_stream({"session_id": "s", "token": "t"}, {"query": "q"})
    if kind == "buffered":
        stream = stream.buffered()
    if kind == "batched":
        stream = stream.batched(0.01)
    if kind == "tee":
        stream, _ = stream.tee(2)
    assert next(stream).content
    return stream

def main():
    if how == "with":
        with begin():
            raise ValueError("the program fails")
    stream = begin()
    if how == "raise":
        raise ValueError("the program fails")
    if how == "ctrl-c":
        os.kill(os.getpid(), signal.SIGINT)
    if how == "exit":
        sys.exit(1)
    if how == "global":
        globals()["kept"] = stream
        sys.exit(1)

signal.signal(signal.SIGINT, signal.default_int_handler)
if how == "thread":
    thread = threading.Thread(target=main, daemon=True)
    thread.start()
    thread.join()
else:
    main()
sys.exit(1)
"""

_ASYNC = """
import asyncio, sys
from gpo_client import GPOCoreClient
url, kind, how = sys.argv[1:]
client = GPOCoreClient(base_url=url)

async def main():
    stream = client.chat_stream({"session_id": "s", "token": "t"}, {"query": "q"})
    stream = {"plain": lambda: stream, "buffered": stream.buffered, "batched": lambda: stream.batched(0.01)}[kind]()
    assert (await anext(stream)).content
    if how == "raise":
        raise ValueError("the program fails")
    if how == "global":
        globals()["kept"] = stream

asyncio.run(main())
sys.exit(1)
"""


_KINDS = ("plain", "buffered", "batched", "tee")
_WAYS = ("return", "raise", "with", "ctrl-c", "exit", "global", "thread")
_QUICK = {("buffered", "thread"), ("batched", "ctrl-c")}


def _ways(kinds: tuple[str, ...], ways: tuple[str, ...]) -> list[Any]:
    """All of them; most are left out of the quick run, as a program takes its time to start."""
    return [
        pytest.param(kind, how, marks=() if (kind, how) in _QUICK else pytest.mark.slow)
        for kind in kinds
        for how in ways
    ]


@pytest.mark.parametrize(("kind", "how"), _ways(_KINDS, _WAYS))
def test_blocking(program: Program, echo: EchoServer, kind: str, how: str) -> None:
    """Within the patience of the test, and without a word of destructors."""
    echo.gate.clear()
    program(_PROGRAM, echo.base_url, kind, how, code=-2 if how == "ctrl-c" else 1, options=("-W", "ignore"))


@pytest.mark.parametrize(("kind", "how"), _ways(_KINDS[:3], ("return", "raise", "global")))
def test_on_a_loop(program: Program, echo: EchoServer, kind: str, how: str) -> None:
    """The same."""
    echo.gate.clear()
    program(_ASYNC, echo.base_url, kind, how, code=1, options=("-W", "ignore"))
