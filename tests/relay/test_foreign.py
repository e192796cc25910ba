"""Clients that nobody here wrote, in Node and in Chromium, and the pages of the documents: at a relay, over a network
that breaks in the middle of the answer."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from tests.doors.foreign.node import PACKAGES, ROOT, SCRIPTS, npm_packages, printed, start
from tests.relay.browser import Page
from tests.relay.service import Service, running
from tests.support.cable import Cable
from tests.support.events import answer_events, stream_answer
from tests.support.services import connected

pytestmark = pytest.mark.slow

TEXTS = ["Mexico ", "taxes ", "¿compañías? ", "𝄞."]
CLIENTS = ["native", "eventsource", "eventsource-parser", "fetch-event-source"]
_PATIENCE_MS = 20_000


@contextmanager
def relaying(**options: Any) -> Generator[tuple[Service, Cable, threading.Event]]:
    """A relay behind a cable, whose answer goes on after its first piece when the event is set."""
    gate, (first, *others) = threading.Event(), answer_events(*TEXTS)
    with (
        running(stream_answer(first, gate, *others), retry_ms=50, **options) as service,
        Cable(int(service.base_url.rpartition(":")[2])) as cable,
    ):
        yield service, cable, gate


def _breaks(cable: Cable, gate: threading.Event) -> None:
    """Lose the connection; the answer ends before it is there again."""
    cable.cut()
    gate.set()
    cable.mend()


def _is_whole(found: dict[str, Any], service: Service) -> None:
    assert (found["text"], found["complete"], found["errors"]) == ("".join(TEXTS), True, [])
    assert found["sources"] == ["RESICO"]
    assert len(service.upstream.requests) == 1


@pytest.mark.parametrize("client", CLIENTS[1:])
def test_in_node(client: str) -> None:
    """Each comes back by its own rules, and has everything once."""
    with relaying() as (service, cable, gate):
        process = start("event_sources.mjs", f"{cable.base_url}/sse", client)
        assert process.stdout is not None
        assert process.stdout.readline() == f"{TEXTS[0]}\n"
        _breaks(cable, gate)
        _is_whole(printed(process), service)


def test_a_development_proxy() -> None:
    """Vite's passes events on as they are written."""
    with relaying() as (service, _, gate):
        process, page = start("vite_proxy.mjs", service.base_url), Page()
        try:
            assert process.stdout is not None
            with connected(f"{process.stdout.readline().strip()}sse", page) as parts:
                while not page.text:
                    next(parts)
                gate.set()
                list(parts)
            assert (page.text, page.is_complete) == ("".join(TEXTS), True)
        finally:
            process.kill()
            process.communicate()


def _with_page(service: Service, page: Callable[[Request], Any]) -> None:
    """Serve a page beside the relay, and the npm packages below it."""
    service.app.router.routes.append(Route("/page", page))
    if (PACKAGES / "node_modules").is_dir():
        service.app.router.routes.append(Mount("/npm", StaticFiles(directory=PACKAGES / "node_modules")))


_ESM = "/npm/@microsoft/fetch-event-source/lib/esm"
IMPORTS = {
    "eventsource": "/npm/eventsource/dist/index.js",
    "eventsource-parser": "/npm/eventsource-parser/dist/index.js",
    "eventsource-parser/stream": "/npm/eventsource-parser/dist/stream.js",
    "@microsoft/fetch-event-source": f"{_ESM}/index.js",
    # what it imports without saying that it ends in .js
    **{f"{_ESM}/{name}": f"{_ESM}/{name}.js" for name in ("fetch", "parse")},
}
PAGE = f"""<!doctype html><script type="importmap">{json.dumps({"imports": IMPORTS})}</script><script type="module">
import {{ read }} from "/event_sources.mjs";
const started = text => {{ window.text = text }};
window.begin = (client, address) => {{
  read(client, address, started).then(found => {{ window.found = found }}, () => {{ window.failed = true }});
}};
</script>"""


@contextmanager
def page_of_clients(chromium: Any, service: Service, site: str, client: str, address: str) -> Generator[Any]:
    """A tab with a page of some site, in which a client reads an address."""
    npm_packages()

    async def page(_: Request) -> Response:
        return HTMLResponse(PAGE)

    async def script(_: Request) -> Response:
        return FileResponse(SCRIPTS / "event_sources.mjs", media_type="text/javascript")

    _with_page(service, page)
    service.app.router.routes.append(Route("/event_sources.mjs", script))
    tab = chromium.new_page()
    try:
        tab.goto(f"{site}/page")
        tab.wait_for_function("() => window.begin", timeout=_PATIENCE_MS)
        tab.evaluate("([client, address]) => window.begin(client, address)", [client, address])
        yield tab
    finally:
        tab.close()


def _reads_all(tab: Any, service: Service, cable: Cable, gate: threading.Event) -> None:
    """The page has the answer once, though its connection breaks."""
    tab.wait_for_function("() => window.text", timeout=_PATIENCE_MS)
    _breaks(cable, gate)
    tab.wait_for_function("() => window.found", timeout=_PATIENCE_MS)
    _is_whole(tab.evaluate("() => window.found"), service)


@pytest.mark.browser
@pytest.mark.parametrize("client", CLIENTS)
def test_in_chromium(client: str, chromium: Any) -> None:
    """The same in a page, and the browser's own EventSource."""
    with (
        relaying() as (service, cable, gate),
        page_of_clients(chromium, service, cable.base_url, client, "/sse") as tab,
    ):
        _reads_all(tab, service, cable, gate)


@pytest.mark.browser
@pytest.mark.parametrize("client", CLIENTS)
def test_pages_of_other_sites(client: str, chromium: Any) -> None:
    """One setting lets them in, with the preflights of those that come back with a header; others ask nothing."""
    with relaying() as (service, cable, gate):
        site, address = service.base_url, f"{cable.base_url}/named"
        service.app.router.routes.append(Route("/named", service.sse, methods=["GET", "OPTIONS"]))
        if client == "native":
            with page_of_clients(chromium, service, site, client, address) as tab:
                tab.wait_for_function("() => window.failed", timeout=_PATIENCE_MS)
            assert not service.upstream.requests
        service.relay.options = attrs.evolve(service.relay.options, allowed_origins=[site])
        with page_of_clients(chromium, service, site, client, address) as tab:
            _reads_all(tab, service, cable, gate)


#: The user's own document, whose page is tried where it can be found: STREAMING_DOCUMENT=streaming.md
DOCUMENT = os.environ.get("STREAMING_DOCUMENT", "")
_IDS = ("answer", "list", "response", "sources", "status", "error")
_BODY = "".join(f'<p id="{name}"></p>' for name in _IDS)
_GIVEN = """<script>
const query = "What is PTU?";
const complain = text => { document.getElementById("error").textContent = text };
const show = sources => list.append(...sources.map(source => source.title));
</script>"""


def _script(path: Path, language: str, holding: str) -> str:
    """The script of a page's block that holds something."""
    blocks = re.findall(rf"```{language}\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    (found,) = [str(block) for block in blocks if holding in block]
    return found if "<script>" in found else f"<script>{found}</script>"


def _pages() -> list[Any]:
    docs = ROOT / "docs"
    missing = pytest.mark.skipif(not DOCUMENT, reason="STREAMING_DOCUMENT does not say where the user's document is")
    return [
        pytest.param(docs / "relay.md", "html", "EventSource(", ("answer", "list"), id="EventSource"),
        pytest.param(docs / "streaming.md", "html", "WebSocket(", ("answer", "list"), id="WebSocket"),
        pytest.param(Path(DOCUMENT), "javascript", "WebSocket(", ("response", "sources"), id="document", marks=missing),
    ]


@pytest.mark.browser
@pytest.mark.parametrize(("path", "language", "holding", "shown"), _pages())
def test_pages_of_the_documents(path: Path, language: str, holding: str, shown: tuple[str, str], chromium: Any) -> None:
    """Each shows the answer and its sources as they stand in the documents."""
    script, (text, sources) = _script(path, language, holding), shown

    async def page(request: Request) -> Response:
        here = script.replace("localhost:8000", request.url.netloc)
        return HTMLResponse(f"<!doctype html>{_BODY}{_GIVEN}{here}")

    with relaying() as (service, cable, gate):
        _with_page(service, page)
        service.app.router.routes.append(Route("/api/chat/stream-http", service.sse))
        service.app.router.routes.append(WebSocketRoute("/api/chat/stream", service.chat))
        tab = chromium.new_page()
        try:
            tab.goto(f"{cable.base_url}/page")
            tab.wait_for_function("id => document.getElementById(id).textContent", arg=text, timeout=_PATIENCE_MS)
            if holding == "EventSource(":  # the others do not come back
                _breaks(cable, gate)
            gate.set()
            tab.wait_for_function("id => document.getElementById(id).textContent", arg=sources, timeout=_PATIENCE_MS)
            assert tab.locator(f"#{text}").text_content() == "".join(TEXTS)
            assert tab.locator(f"#{sources}").text_content().startswith("RESICO")
            assert tab.locator("#error").text_content() == ""
        finally:
            tab.close()


@pytest.mark.browser
def test_the_page_of_the_document_and_a_refusal(chromium: Any) -> None:
    """EventSource does not come back from a proxy's 502: the page says so."""

    async def page(_: Request) -> Response:
        script = _script(ROOT / "docs" / "relay.md", "html", "EventSource(")
        return HTMLResponse(f"<!doctype html>{_BODY}{_GIVEN}{script}")

    async def refuse(_: Request) -> Response:
        return Response(status_code=502)

    with running() as service:
        _with_page(service, page)
        service.app.router.routes.append(Route("/api/chat/stream-http", refuse))
        tab = chromium.new_page()
        try:
            tab.goto(f"{service.base_url}/page")
            tab.wait_for_function("() => document.getElementById('error').textContent", timeout=_PATIENCE_MS)
            assert tab.locator("#error").text_content() == "The service does not answer. Please ask again."
        finally:
            tab.close()
