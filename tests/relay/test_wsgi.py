"""Blocking services: Flask, Django and plain WSGI, on a real server with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from werkzeug.serving import make_server

from gpo_client import SyncChatStream, SyncGPOCoreClient
from gpo_client.relay import SyncRelay, sse_lines
from tests.relay.browser import Page
from tests.relay.conftest import CONTEXT
from tests.support.events import answer_events, stream_answer
from tests.support.services import connected
from tests.support.wire import ONE_TRY, WireServer

TEXTS = ["Mexico ", "taxes ", "companies."]

#: Asks a question.
Ask = Callable[[str], SyncChatStream]
Make = Callable[[Ask, SyncRelay], Any]


@pytest.fixture
def runtime() -> str:
    return "sync"


def _plain(ask: Ask, relay: SyncRelay) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        query = parse_qs(environ["QUERY_STRING"])["query"][0]
        last_event_id = environ.get("HTTP_LAST_EVENT_ID")
        method = environ["REQUEST_METHOD"]
        lines = sse_lines(ask(query), relay=relay, last_event_id=last_event_id, method=method)
        start_response(f"{lines.status} Whatever", list(lines.headers.items()))
        return lines

    return app


def _flask(ask: Ask, relay: SyncRelay) -> Any:
    from flask import Flask, Response, request

    app = Flask(__name__)

    @app.get("/")
    def chat() -> Response:
        last_event_id = request.headers.get("Last-Event-ID")
        lines = sse_lines(ask(request.args["query"]), relay=relay, last_event_id=last_event_id)
        return Response(lines, status=lines.status, headers=lines.headers)

    return app


def _django(ask: Ask, relay: SyncRelay) -> Any:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, StreamingHttpResponse
    from django.urls import path

    def chat(request: HttpRequest) -> StreamingHttpResponse:
        last_event_id = request.headers.get("Last-Event-ID")
        stream, method = ask(request.GET["query"]), request.method or "GET"
        lines = sse_lines(stream, relay=relay, last_event_id=last_event_id, method=method)
        return StreamingHttpResponse(lines, status=lines.status, headers=lines.headers)

    class Urls:
        urlpatterns = (path("", chat),)

    settings.configure(ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"], SECRET_KEY="only for this test", LOGGING_CONFIG=None)
    django.setup()
    return WSGIHandler()


@contextmanager
def _serving(app: Any) -> Generator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("make", [_plain, _flask, _django], ids=["plain", "flask", "django"])
def test_lost_connections_continue(make: Make) -> None:
    """The browser loses its connection, comes back, and has the answer and its sources once; then there is no more.

    Nothing is asked for HEAD: Flask iterates no lines for it.
    """
    page, gate, events = Page(), threading.Event(), answer_events(*TEXTS)
    with (
        WireServer(stream_answer(events[0], gate, *events[1:])) as upstream,
        SyncGPOCoreClient(base_url=upstream.base_url, **ONE_TRY) as client,
        _serving(make(lambda query: client.chat_stream(CONTEXT, {"query": query}), SyncRelay())) as base_url,
    ):
        address = f"{base_url}/?{httpx.QueryParams(query='What is RESICO?')}"
        head = httpx.head(address, trust_env=False)
        assert (head.status_code, head.headers["cache-control"]) == (200, "no-store, no-transform")
        assert not upstream.requests
        with connected(address, page) as parts:
            while not page.text:
                next(parts)
        assert page.text == TEXTS[0]
        gate.set()
        with connected(address, page) as parts:
            list(parts)
        headers = {"Last-Event-ID": page.last_event_id}
        assert httpx.get(address, headers=headers, trust_env=False).status_code == 204
        assert (page.text, page.is_complete, bool(page.sources)) == ("".join(TEXTS), True, True)
        assert len(upstream.requests) == 1
