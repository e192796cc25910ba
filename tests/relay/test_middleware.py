"""Services with middleware around the endpoints, which is where streams usually suffer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from threading import Event

import pytest
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response

from tests.relay.browser import Page
from tests.relay.service import running
from tests.support.events import answer_events, stream_answer
from tests.support.services import connected
from tests.support.wire import End

TEXTS = ["Mexico ", "taxes ", "companies."]


@pytest.fixture
def runtime() -> str:
    return "asyncio"


async def _with_a_header(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["X-Served-By"] = "test"
    return response


STACKS = {
    "none": [],
    "function": [Middleware(BaseHTTPMiddleware, dispatch=_with_a_header)],
    "gzip": [Middleware(GZipMiddleware, minimum_size=0)],
}


@pytest.mark.parametrize("stack", STACKS)
def test_streams_stay_streams(stack: str) -> None:
    """Pieces arrive before the next are written, and a browser that comes back continues."""
    gate, events = Event(), answer_events(*TEXTS)
    with running(stream_answer(events[0], gate, *events[1:]), middleware=STACKS[stack]) as service:
        page = Page()
        with connected(f"{service.base_url}/sse", page) as parts:
            while not page.text:
                next(parts)
        assert page.text == TEXTS[0]
        gate.set()
        with connected(f"{service.base_url}/sse", page) as parts:
            list(parts)
        assert (page.text, page.is_complete, len(service.upstream.requests)) == ("".join(TEXTS), True, 1)


@pytest.mark.parametrize("stack", STACKS)
def test_going_away_is_noticed(stack: str) -> None:
    """The request to the GPO API is closed when the browser does not come back."""
    first = answer_events(*TEXTS)[0]
    with running(stream_answer(first, end=End.STALL), middleware=STACKS[stack], grace_s=0.05) as service:
        page = Page()
        with connected(f"{service.base_url}/sse", page) as parts:
            while not page.text:
                next(parts)
        service.upstream.wait_closed(0)
