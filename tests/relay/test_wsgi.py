"""Blocking services: Flask, Django and plain WSGI, on a real server with threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from werkzeug.serving import make_server

from gpo_client import SyncConversationHandle, SyncGPOCoreClient
from gpo_client.relay import RelayOptions, SyncRelay, sse_lines
from gpo_sandbox import running_sandbox
from tests.relay.browser import Page
from tests.support.services import connected

QUESTION = "Which tax regimes can a technology company choose?"

Make = Callable[[SyncConversationHandle, SyncRelay], Any]


@pytest.fixture
def world() -> str:
    return "sync"


@pytest.fixture(scope="module")
def conversation() -> Iterator[SyncConversationHandle]:
    """A conversation with a sandbox that writes for long enough to be interrupted."""
    with running_sandbox(chunk_delay_s=0.02) as sandbox, SyncGPOCoreClient(base_url=sandbox.base_url) as client:
        yield client.open_conversation({"instance_id": "i", "user_id": "u"})


def _plain(conversation: SyncConversationHandle, relay: SyncRelay) -> Any:
    def app(environ: dict[str, Any], start_response: Any) -> Any:
        query = parse_qs(environ["QUERY_STRING"])["query"][0]
        last_event_id = environ.get("HTTP_LAST_EVENT_ID")
        lines = sse_lines(conversation.stream(query), relay=relay, last_event_id=last_event_id)
        start_response(f"{lines.status} Whatever", list(lines.headers.items()))
        return lines

    return app


def _flask(conversation: SyncConversationHandle, relay: SyncRelay) -> Any:
    from flask import Flask, Response, request

    app = Flask(__name__)

    @app.get("/")
    def chat() -> Response:
        last_event_id = request.headers.get("Last-Event-ID")
        lines = sse_lines(conversation.stream(request.args["query"]), relay=relay, last_event_id=last_event_id)
        return Response(lines, status=lines.status, headers=lines.headers)

    return app


def _django(conversation: SyncConversationHandle, relay: SyncRelay) -> Any:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpRequest, StreamingHttpResponse
    from django.urls import path

    def chat(request: HttpRequest) -> StreamingHttpResponse:
        last_event_id = request.headers.get("Last-Event-ID")
        lines = sse_lines(conversation.stream(request.GET["query"]), relay=relay, last_event_id=last_event_id)
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
def test_lost_connections_continue(conversation: SyncConversationHandle, make: Make) -> None:
    """The browser loses its connection, comes back, and has the answer and its sources once; then there is no more."""
    relay, page = SyncRelay(RelayOptions(grace_s=20)), Page()
    with _serving(make(conversation, relay)) as base_url:
        address = f"{base_url}/?{httpx.QueryParams(query=QUESTION)}"
        with connected(address, page) as parts:
            while len(page.text) < 40:
                next(parts)
        assert not page.ended
        with connected(address, page) as parts:
            list(parts)
        headers = {"Last-Event-ID": page.last_event_id}
        assert httpx.get(address, headers=headers, trust_env=False).status_code == 204
    assert page.text == conversation.ask(QUESTION).message_content
    assert (page.is_complete, bool(page.sources)) == (True, True)
