"""Records the exchanges of real clients again: ``python -m tests.doors.recorded.record [CLIENT …]``.

``nox --session doors`` has those in Python, ``make npm`` those of npm. A client that is not installed is left out.
"""

from __future__ import annotations

import http.client
import json
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import anyio
import pytest

from tests.doors.conftest import HEADERS, KEY, QUESTION
from tests.doors.foreign.node import run
from tests.doors.recorded.exchanges import FOLDER, Exchange, door_of, kept, kept_answer, kept_headers, write

_ASKED: Any = {"model": "gpo", "messages": [{"role": "user", "content": QUESTION}]}
_QUESTION = {"question": QUESTION}


@contextmanager
def listening(door: str, heard: list[Exchange]) -> Generator[str]:
    """Stand between a client and a door, and note each exchange that comes to its end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            pass

        def _pass_on(self) -> None:
            if self.command == "GET" and self.path == "/mcp":
                # For what a server says unasked; ours says nothing, and the answer would not end.
                self.send_error(405)
                return
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            sent = dict(self.headers.items())
            way = http.client.HTTPConnection(door.removeprefix("http://"), timeout=30)
            way.request(self.command, self.path, body, {**sent, "Connection": "close"})
            told = way.getresponse()
            answer = told.read()
            way.close()
            request = self.command, self.path, kept_headers(sent), kept(body.decode())
            heard.append(Exchange(*request, told.status, kept_answer(answer.decode())))
            self.send_response(told.status)
            for name, value in told.getheaders():
                if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815 - as BaseHTTPRequestHandler wants them

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def openai_python(address: str) -> None:
    """Ask whole, streamed, and once too often."""
    library: Any = pytest.importorskip("openai")
    with library.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        client.chat.completions.create(**_ASKED)
        list(client.chat.completions.create(**_ASKED, stream=True, stream_options={"include_usage": True}))
        with pytest.raises(library.RateLimitError):
            client.chat.completions.create(**_ASKED)


def openai_python_responses(address: str) -> None:
    """The same with responses, the second going on from the first."""
    library: Any = pytest.importorskip("openai")
    with library.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
        first = client.responses.create(model="gpo", input=QUESTION)
        with client.responses.stream(model="gpo", input="And then?", previous_response_id=first.id) as stream:
            list(stream)
        with pytest.raises(library.RateLimitError):
            client.responses.create(model="gpo", input=QUESTION)


def langchain_openai(address: str) -> None:
    """Ask whole and streamed."""
    library: Any = pytest.importorskip("langchain_openai")
    model = library.ChatOpenAI(base_url=f"{address}/v1", api_key=KEY, model="gpo", max_retries=0)
    model.invoke(QUESTION)
    list(model.stream(QUESTION))


def litellm(address: str) -> None:
    """Ask whole and streamed."""
    import os

    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would load a list of prices when it is imported
    library: Any = pytest.importorskip("litellm")
    how = {**_ASKED, "model": "openai/gpo", "api_base": f"{address}/v1", "api_key": KEY}
    library.completion(**how)
    list(library.completion(**how, stream=True))


def npm(client: str) -> Callable[[str], None]:
    """A client of npm that asks whole, streamed, and once too often."""

    def talk(address: str) -> None:
        for what in ("whole", "streamed", "streamed"):
            run("openai_chat.mjs", address, KEY, client, what)

    return talk


def npm_ai(address: str) -> None:
    """Ask, and try to resume what has ended."""
    for what in ("ask", "resume"):
        run("ai_chat.mjs", f"{address}/api/chat", what)


def mcp_python(address: str) -> None:
    """The SDK's client with the handshake of 2025."""
    anyio.run(_mcp, address, "legacy")


def mcp_python_2026(address: str) -> None:
    """The SDK's client as the protocol of 2026 begins."""
    anyio.run(_mcp, address, "auto")


async def _mcp(address: str, mode: str) -> None:
    import httpx2
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx2.AsyncClient(headers=HEADERS, timeout=30) as http_client,
        Client(streamable_http_client(f"{address}/mcp", http_client=http_client), mode=mode) as client,
    ):
        await client.list_tools()
        for _ in range(3):
            await client.call_tool("ask", _QUESTION)


def fastmcp(address: str) -> None:
    """Its client, the same."""
    library: Any = pytest.importorskip("fastmcp")

    async def talk() -> None:
        async with library.Client(f"{address}/mcp", auth=KEY) as client:
            await client.list_tools()
            for _ in range(3):
                await client.call_tool("ask", _QUESTION, raise_on_error=False)

    anyio.run(talk)


#: By the name of the file: the door, and who speaks at it.
CLIENTS: dict[str, tuple[str, Callable[[str], None]]] = {
    "openai-python": ("openai", openai_python),
    "openai-python-responses": ("openai", openai_python_responses),
    "langchain-openai": ("openai", langchain_openai),
    "litellm": ("openai", litellm),
    "openai-npm": ("openai", npm("openai")),
    "openai-npm-responses": ("openai", npm("openai-responses")),
    "ai-sdk-openai-compatible": ("openai", npm("compatible")),
    "ai-sdk-openai": ("openai", npm("responses")),
    "ai-npm": ("ui", npm_ai),
    "mcp-python": ("mcp", mcp_python),
    "mcp-python-2026": ("mcp", mcp_python_2026),
    "fastmcp": ("mcp", fastmcp),
}


def main(names: list[str]) -> None:
    """Record clients; all of them, if none is named."""
    for name in names or CLIENTS:
        kind, talk = CLIENTS[name]
        heard: list[Exchange] = []
        try:
            with door_of(kind) as door, listening(door, heard) as address:
                talk(address)
        except pytest.skip.Exception as left_out:
            print(f"{name}: {left_out.msg}")
            continue
        write(FOLDER / f"{name}.json", kind, heard)
        print(f"{name}: {json.dumps([each.status for each in heard])}")


if __name__ == "__main__":
    main(sys.argv[1:])
