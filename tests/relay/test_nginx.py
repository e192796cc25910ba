"""A relay behind a real nginx: with the block of docs/relay.md over TLS and HTTP/2, and as nginx is often set up."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme
import websockets.sync.client as websockets
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute

from tests.conftest import PATIENCE_MS
from tests.relay.browser import PATIENCE_S, Page
from tests.relay.service import Service
from tests.relay.service import running as serving
from tests.support.events import answer_events, stream_answer
from tests.support.programs import free_ports, running
from tests.support.wire import Answer

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).parents[2] / "docs" / "relay.md"
TEXTS = ["Mexico ", "taxes ", "companies."]
FRAME = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {block}
}}
"""
PLAIN = "server { listen 443; location / { proxy_pass http://127.0.0.1:8000; HOST } }"
#: What the proxy is told of the page's host.
HOSTS = {
    "nothing": "",
    "without its port": "proxy_set_header Host $host;",
    "with the default port": "proxy_set_header Host $host:443;",
    "all of it": "proxy_set_header Host $http_host;",
}


def documented() -> str:
    """The block of the document."""
    (block,) = re.findall(r"```nginx\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    return str(block)


@contextmanager
def proxied(folder: Path, block: str, *script: Answer) -> Generator[tuple[Service, int]]:
    """A service with both endpoints, and the port of an nginx before it."""
    with ExitStack() as stack:
        service = stack.enter_context(serving(*script))
        routes = [Route("/api/chat/sse", service.sse), WebSocketRoute("/api/chat/ws", service.chat)]
        service.app.router.routes += routes
        (port,) = free_ports(1)
        behind = service.base_url.rpartition(":")[2]
        block = block.replace("443 ssl", f"127.0.0.1:{port} ssl").replace("listen 443", f"listen 127.0.0.1:{port}")
        block = block.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
        (folder / "nginx.conf").write_text(FRAME.format(folder=folder, block=block))
        command: list[str | Path] = ["nginx", "-p", folder, "-c", folder / "nginx.conf"]
        stack.enter_context(running(command, port, folder / "nginx.log"))
        yield service, port


def test_as_documented(tmp_path: Path) -> None:
    """Over HTTP/2 more streams than six are open at once on one connection, events come as they are written, and
    WebSockets pass."""
    authority, gate = trustme.CA(), threading.Event()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "chat.pem")
    certificate.private_key_pem.write_to_path(tmp_path / "chat.key")
    trusting = [ssl.create_default_context() for _ in range(2)]  # httpx makes the one it has one for HTTP/2
    for context in trusting:
        authority.configure_trust(context)
    first, *others = answer_events(*TEXTS)
    script = [stream_answer(first, gate, *others)] * 9
    with ExitStack() as stack:
        service, port = stack.enter_context(proxied(tmp_path, documented(), *script))
        limits = httpx.Limits(max_connections=1)
        client = stack.enter_context(
            httpx.Client(http2=True, verify=trusting[0], trust_env=False, limits=limits, timeout=PATIENCE_S)
        )
        address = f"https://127.0.0.1:{port}/api/chat/sse"
        open_ = [stack.enter_context(client.stream("GET", address)) for _ in range(8)]
        pages = [Page() for _ in open_]
        parts = [response.iter_raw() for response in open_]
        for page, received in zip(pages, parts, strict=True):
            while page.text != TEXTS[0]:
                page.feed(next(received))
        gate.set()
        for page, received in zip(pages, parts, strict=True):
            for part in received:
                page.feed(part)
        assert [(page.text, page.is_complete) for page in pages] == [("".join(TEXTS), True)] * 8
        assert {response.http_version for response in open_} == {"HTTP/2"}
        with websockets.connect(
            address.replace("https", "wss").replace("sse", "ws"), ssl=trusting[1], proxy=None
        ) as ws:
            ws.send('{"query": "?"}')
            assert "".join(map(str, ws)).count('"content"') == len(TEXTS)
        assert len(service.upstream.requests) == 9


@pytest.mark.parametrize("told", HOSTS)
def test_the_page_of_the_service_itself(told: str, tmp_path: Path) -> None:
    """It is served whatever the proxy makes of its host, as the browser says that it is the same; others are not."""
    block = PLAIN.replace("HOST", HOSTS[told])
    answer = stream_answer(*answer_events(*TEXTS))
    with proxied(tmp_path, block, answer) as (_, port), httpx.Client(trust_env=False, timeout=PATIENCE_S) as client:
        address = f"http://127.0.0.1:{port}"
        own = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
        other = {"Origin": "https://other.example.com", "Sec-Fetch-Site": "cross-site"}
        assert client.get(f"{address}/sse", headers=other).status_code == 403
        page = Page()
        page.feed(client.get(f"{address}/sse", headers=own).raise_for_status().content)
        assert page.text == "".join(TEXTS)


_ASKING = """<!doctype html><title></title><script>
const read = async method => (await fetch("/sse", { method })).text();
Promise.all(["GET", "POST"].map(read)).then(texts => { window.texts = texts });
</script>"""


@pytest.mark.browser
@pytest.mark.parametrize("told", HOSTS)
def test_the_page_of_the_service_itself_in_chromium(told: str, chromium: Any, tmp_path: Path) -> None:
    """The browser says itself whose page it is, and of a POST its origin too."""
    answers = [stream_answer(*answer_events(*TEXTS)) for _ in range(2)]

    async def page(_: Request) -> Response:
        return HTMLResponse(_ASKING)

    with proxied(tmp_path, PLAIN.replace("HOST", HOSTS[told]), *answers) as (service, port):
        service.app.router.routes[:0] = [Route("/sse", service.sse, methods=["GET", "POST"]), Route("/page", page)]
        tab = chromium.new_page()
        try:
            tab.goto(f"http://127.0.0.1:{port}/page")
            tab.wait_for_function("() => window.texts", timeout=PATIENCE_MS)
            texts = tab.evaluate("() => window.texts")
        finally:
            tab.close()
        assert [text.count('"content"') for text in texts] == [len(TEXTS)] * 2
