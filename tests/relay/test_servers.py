"""Requests and servers as they are: HEAD, preflights, endpoints in threads, Django under ASGI, stuck browsers."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, cast

import anyio
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from gpo_client import GPOCoreClient, InvalidArgumentError, SyncChatStream, SyncGPOCoreClient
from gpo_client.relay import (
    MemoryRelayLog,
    Relay,
    RelayOptions,
    SyncRelay,
    sse_lines,
    sse_response,
    ui_message_lines,
    ui_message_response,
    websocket_chat,
)
from gpo_client.relay.options import is_allowed
from tests.relay.browser import PATIENCE_S, AsyncVisit, Page
from tests.relay.conftest import CONTEXT, Visiting
from tests.relay.service import running
from tests.support.events import answer_events, stream_answer
from tests.support.wire import ONE_TRY, End, WireServer

TEXTS = ["Mexico ", "taxes ", "companies."]
PAGE = "https://app.example.com"


@pytest.fixture(params=["asyncio", "trio"])
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def upstream() -> Iterator[WireServer]:
    with WireServer(*[stream_answer(*answer_events(*TEXTS))] * 4) as server:
        yield server


ORIGINS = [
    # origin, host, what the browser says of it, allowed
    ("https://x.example", "x.example", None, True),
    ("https://x.example", "x.example:443", None, True),
    ("https://x.example:443", "x.example", None, True),
    ("http://x.example", "x.example:80", None, True),
    ("http://x.example:8080", "x.example", None, False),
    ("https://X.example", "x.EXAMPLE", None, True),
    ("https://x.example", "127.0.0.1:8000", "same-origin", True),  # nginx: plain proxy_pass
    ("https://x.example:8443", "x.example", "same-origin", True),  # nginx: Host $host
    ("https://x.example", "127.0.0.1:8000", "cross-site", False),
    ("https://x.example", "x.example", "cross-site", False),
    ("https://y.example", "x.example", "same-site", False),
    ("null", "x.example", None, False),
    ("https://notx.example", "x.example", None, False),
    ("https://x.example", "notx.example", None, False),
    ("https://x.example.elsewhere.example", "x.example", None, False),
    ("https://[::1", "x.example", None, False),
    (PAGE, "x.example", "cross-site", True),  # named
]


@pytest.mark.parametrize(("origin", "host", "site", "allowed"), ORIGINS)
def test_origins(origin: str, host: str, site: str | None, allowed: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Browsers say what is same-origin, default ports are equal, and a refusal is logged with the remedy."""
    headers = {"origin": origin, "host": host, **({"sec-fetch-site": site} if site else {})}
    assert is_allowed(headers, RelayOptions(allowed_origins=[PAGE])) is allowed
    logged = [record.getMessage() for record in caplog.records]
    assert all(origin in line and host in line and "allowed_origins" in line for line in logged)
    assert len(logged) == (not allowed)


@pytest.mark.parametrize(
    ("origin", "is_one"),
    [
        ("https://app.example.com", True),
        ("http://localhost:3000", True),
        ("http://[::1]:3000", True),
        ("app-scheme://localhost", True),
        ("http://xn--bcher-kva.example", True),
        ("http://app.example.com:443", True),
        ("null", True),
        ("*", True),
        ("https://app.example.com/", False),
        ("https://app.example.com:443", False),
        ("http://app.example.com:80", False),
        ("https://[::1]:443", False),
        ("https://*.example.com", False),
        ("https://App.example.com", False),
        ("https://bücher.example", False),
        ("https://me@app.example.com", False),
        ("app.example.com", False),
        ("", False),
    ],
)
def test_origins_are_what_browsers_send(origin: str, is_one: bool) -> None:
    """What no browser sends would let nobody in, and nothing would say why."""
    with nullcontext() if is_one else pytest.raises(InvalidArgumentError, match=r"https://app.example.com.*not "):
        assert is_allowed({"origin": origin, "host": "x"}, RelayOptions(allowed_origins=[origin]))


def _starlette(upstream: WireServer, relay: Relay | None) -> TestClient:
    client = GPOCoreClient(base_url=upstream.base_url, **ONE_TRY)

    def endpoint(_: Request) -> Response:  # no coroutine: it runs in a thread
        return sse_response(client.chat_stream(CONTEXT, {"query": "?"}), relay=relay)

    return TestClient(Starlette(routes=[Route("/", endpoint, methods=["GET", "OPTIONS"])]))


def test_endpoints_in_threads(upstream: WireServer) -> None:
    """They have no event loop of which the default relay could be."""
    with _starlette(upstream, None) as browser:
        page = Page()
        page.feed(browser.get("/").content)
    assert (page.text, page.is_complete) == ("".join(TEXTS), True)


def test_preflights(upstream: WireServer) -> None:
    """One setting answers them and the request that follows; nobody is asked for a preflight."""
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "last-event-id"}
    with _starlette(upstream, Relay(RelayOptions(allowed_origins=[PAGE]))) as browser:
        answer = browser.options("/", headers=asked)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.headers["access-control-allow-headers"] == "last-event-id"
        assert answer.headers["access-control-max-age"] == "600"
        assert browser.options("/", headers={**asked, "Origin": "https://y.example"}).status_code == 403
        assert not upstream.requests
        assert browser.get("/", headers={"Origin": PAGE}).headers["access-control-allow-origin"] == PAGE


async def test_what_is_no_stream() -> None:
    """Is told to whoever wrote the endpoint, not to the browser: texts, streams of the other kind of client."""
    awaited = GPOCoreClient().chat_stream(CONTEXT, {"query": "?"})
    blocking = SyncGPOCoreClient().chat_stream(CONTEXT, {"query": "?"})
    for make, wanted, wrong in (
        (sse_response, "a ChatStream", blocking),
        (sse_lines, "a SyncChatStream", awaited),
        (ui_message_response, "a ChatStream or None", blocking),
        (ui_message_lines, "a SyncChatStream or None", awaited),
    ):
        for given in (wrong, "What is PTU?", awaited.text):
            with pytest.raises(InvalidArgumentError, match=f"^stream must be {wanted}, not {type(given).__name__}"):
                make(given)  # type: ignore[arg-type]
    with pytest.raises(
        InvalidArgumentError, match=r"^client must be a GPOCoreClient or a ConversationHandle, not Sync"
    ):
        await websocket_chat(cast("Any", None), cast("Any", SyncGPOCoreClient()))


def test_what_the_endpoint_adds(upstream: WireServer) -> None:
    """Background tasks run when the answer has ended, and its cookies are on each kind of response."""
    client, ran = GPOCoreClient(base_url=upstream.base_url, **ONE_TRY), list[str]()

    async def endpoint(request: Request) -> Response:
        response = sse_response(client.chat_stream(CONTEXT, {"query": "?"}))
        response.background = BackgroundTask(ran.append, request.method)
        for name in "first", "second":
            response.set_cookie(name, "1")
        return response

    with TestClient(Starlette(routes=[Route("/", endpoint)])) as browser:
        for method, headers in ("GET", {}), ("HEAD", {}), ("GET", {"Last-Event-ID": f"{'x' * 16}:end"}):
            answer = browser.request(method, "/", headers=headers)
            assert len(answer.headers.get_list("set-cookie")) == 2
            assert (ran.pop(), ran, answer.headers["cache-control"]) == (method, [], "no-store, no-transform")


def test_head_asks_nothing(upstream: WireServer) -> None:
    """Starlette offers it wherever there is GET."""
    with _starlette(upstream, None) as browser:
        answer = browser.head("/")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store, no-transform")
    assert not upstream.requests


def test_lines_ask_when_they_are_iterated() -> None:
    """Flask calls the endpoint for HEAD and iterates nothing; elsewhere the method says it."""

    class Unasked(SyncChatStream):
        def __init__(self) -> None:
            pass

        def __getattribute__(self, name: str) -> Any:
            if name != "__class__":
                raise AssertionError(name)
            return Unasked

    lines: Any = sse_lines(Unasked(), relay=SyncRelay())
    lines.close()
    assert list(sse_lines(Unasked(), relay=SyncRelay(), method="head")) == []


async def test_send_that_raises(visiting: Visiting, caplog: pytest.LogCaptureFixture) -> None:
    """Servers may say by an OSError that the browser has gone (ASGI 2.4): the answer goes on for its grace time."""
    gate, events = threading.Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(events[0], gate, *events[1:])) as (browser, ask, server):
        visit = await browser.visit(ask())
        assert isinstance(visit, AsyncVisit)
        visit.is_broken = True
        await visit.until(TEXTS[0])
        gate.set()
        back = await browser.visit(ask(), visit.page)
        await back.rest()
        assert (visit.page.text, len(server.requests)) == ("".join(TEXTS), 1)
    assert not [record for record in caplog.records if record.name == "gpo_client.relay"]  # it is nobody's fault


async def test_a_browser_that_takes_nothing(visiting: Visiting, caplog: pytest.LogCaptureFixture) -> None:
    """It counts as connected, for longer than the grace time, and no longer than ``stuck_s``; the log says so."""
    events = answer_events(*TEXTS)
    async with visiting(stream_answer(events[0], end=End.STALL), grace_s=0.05, stuck_s=0.4) as (browser, ask, server):
        await browser.visit(ask())
        await server.closed(0)
    assert "stuck_s" in caplog.text  # or it would have been given up after the grace time, in silence


async def test_a_relay_is_entered_again(visiting: Visiting) -> None:
    """In a second lifespan it takes questions as in the first."""
    async with visiting(stream_answer(*answer_events(*TEXTS))) as (browser, ask, _):
        async with browser.relay:
            pass
        assert browser.relay.is_draining()
        async with browser.relay:
            visit = await browser.visit(ask())
            await visit.rest()
            assert visit.page.text == "".join(TEXTS)


class SharedLog(MemoryRelayLog):
    """A log that another process could deliver from."""

    is_shared = True


async def test_the_end_of_a_relay_waits_for_answers_that_others_can_deliver(visiting: Visiting) -> None:
    """Not every server does, once their browsers have been told to come back: granian ends its lifespan then."""
    log, gate, (first, *others) = SharedLog(), threading.Event(), answer_events(*TEXTS)
    async with visiting(stream_answer(first, gate, *others), log=log) as (browser, ask, _):
        async with anyio.create_task_group() as tasks, browser.relay:
            visit = await browser.visit(ask())
            await visit.until(TEXTS[0])

            async def rest() -> None:
                await visit.rest()
                gate.set()

            tasks.start_soon(rest)
        kept = (await log.read(visit.page.last_event_id.partition(":")[0], 0, 0)).entries
        assert "".join(json.loads(entry.data).get("content", "") for entry in kept) == "".join(TEXTS)
        assert (json.loads(kept[-1].data)["is_complete"], visit.page.text) == (True, TEXTS[0])


DJANGO = """
import asyncio, sys
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import StreamingHttpResponse
from django.urls import path
from gpo_client import SyncGPOCoreClient
from gpo_client.relay import sse_lines

client = SyncGPOCoreClient(base_url=sys.argv[1])

def plain(request):
    lines = sse_lines(client.chat_stream({context}, {{"query": "?"}}), method=request.method)
    return StreamingHttpResponse(lines, status=lines.status, headers=lines.headers)

async def coroutine(request):
    return plain(request)

class Urls:
    urlpatterns = (path("plain", plain), path("coroutine", coroutine))

settings.configure(ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"], SECRET_KEY="only for this test", LOGGING_CONFIG=None)
app = get_asgi_application()

async def visit(name, method):
    parts, gone = [], asyncio.Event()
    async def receive():
        if not parts:
            parts.append(None)
            return {{"type": "http.request", "body": b"", "more_body": False}}
        await gone.wait()
        return {{"type": "http.disconnect"}}
    async def send(message):
        parts.append(message.get("body", b""))
        if b"Mexico" in parts[-1]:
            print("first", flush=True)
        if not message.get("more_body", True):
            gone.set()
    scope = {{"type": "http", "method": method, "path": name, "raw_path": name.encode(), "query_string": b"",
             "headers": [(b"host", b"x")], "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1),
             "server": ("127.0.0.1", 2)}}
    await app(scope, receive, send)
    return [part for part in parts if part]

async def main():
    for name in "/plain", "/coroutine":
        parts = await visit(name, "GET")
        assert b'"is_complete":true' in parts[-1], parts
        assert await visit(name, "HEAD") == []
    client.close()

asyncio.run(main())
"""


def test_django_under_asgi() -> None:
    """Views of both kinds stream, which they do not when Django takes the lines for a plain iterator."""
    first, *others = answer_events(*TEXTS)
    gates = [threading.Event(), threading.Event()]
    command = [sys.executable, "-c", textwrap.dedent(DJANGO.format(context=CONTEXT))]
    with WireServer(*(stream_answer(first, gate, *others) for gate in gates)) as server:
        with subprocess.Popen([*command, server.base_url], stdout=subprocess.PIPE, text=True) as program:
            assert program.stdout is not None
            for gate in gates:
                assert program.stdout.readline() == "first\n"
                gate.set()  # only now there is more to gather
            assert program.wait(PATIENCE_S) == 0
        assert len(server.requests) == 2


def test_draining_is_logged_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """A service that shuts down with its memory ends its answers by itself, and quietly."""
    first = answer_events(*TEXTS)[0]
    with caplog.at_level(logging.WARNING, "gpo_client.relay"), running(stream_answer(first, end=End.STALL)) as service:
        with TestClient(service.app):
            pass
        service.relay.drain()
    assert not [record for record in caplog.records if record.name == "gpo_client.relay"]
