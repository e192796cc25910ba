"""The page of the example in Chromium: a service that refuses, one that is gone, and tabs that share one stream."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any

import attrs
import pytest
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from tests.conftest import PATIENCE_MS
from tests.doors.foreign.node import ROOT
from tests.relay.service import running
from tests.support.cable import Cable
from tests.support.events import answer_events, stream_answer
from tests.support.wire import Answer, End

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TEXTS = ["Mexico ", "taxes ", "companies."]
WHOLE = stream_answer(*answer_events(*TEXTS))
HALF = stream_answer(answer_events(*TEXTS)[0], end=End.STALL)
#: What the page waits for a service that is gone, and a second more.
GIVEN_UP_MS = 31_000


@attrs.define
class Site:
    """The example's page and its service, which can be made to refuse, behind a network that can be cut."""

    browser: Any
    cable: Cable
    asked: list[Any]
    refuses: bool = False

    def tab(self) -> Any:
        tab = self.browser.new_page()
        tab.set_default_timeout(PATIENCE_MS)
        tab.goto(f"{self.cable.base_url}/")
        return tab


@contextmanager
def site(chromium: Any, *script: Answer) -> Generator[Site]:
    with ExitStack() as stack:
        service = stack.enter_context(running(*script, retry_ms=50, grace_s=0.5))
        cable = stack.enter_context(Cable(int(service.base_url.rpartition(":")[2])))
        browser = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
        stack.callback(browser.close)
        found = Site(browser, cable, service.upstream.requests)

        async def page(_: Request) -> Response:
            return FileResponse(ROOT / "examples" / "fastapi_service" / "page.html")

        async def answer(request: Request) -> Response:
            return Response(status_code=502) if found.refuses else await service.sse(request)

        service.app.router.routes += [Route("/", page), Route("/api/chat/stream-http", answer)]
        yield found


def shows(tab: Any, name: str, text: str) -> None:
    """Wait until an element of the page shows a text."""
    from playwright.sync_api import expect

    expect(tab.locator(f"#{name}")).to_contain_text(text)


def seconds_left(tab: Any) -> int:
    """The seconds that the page counts down."""
    return int(tab.locator("#status").text_content().partition("(")[2].partition(" ")[0])


def ask(tab: Any) -> None:
    tab.get_by_label("Question").fill("What is PTU?")
    tab.keyboard.press("Enter")


def test_a_refusal_is_said_and_one_may_ask_again(chromium: Any) -> None:
    """EventSource does not come back from a proxy's 502: the page says so, and Enter asks again."""
    with site(chromium, WHOLE) as found:
        tab = found.tab()
        found.refuses = True
        ask(tab)
        shows(tab, "status", "The service does not answer. Please ask again.")
        found.refuses = False
        ask(tab)
        shows(tab, "answer", "".join(TEXTS))
        assert tab.locator("#status").text_content() == ""


def test_a_service_that_is_gone(chromium: Any) -> None:
    """The page counts the seconds down, gives up, and Enter asks again."""
    with site(chromium, HALF, WHOLE) as found:
        tab = found.tab()
        tab.clock.install()
        ask(tab)
        shows(tab, "answer", TEXTS[0])
        found.cable.cut()
        shows(tab, "status", "Connection lost, coming back … (")
        before = seconds_left(tab)
        tab.clock.run_for(5_000)
        assert seconds_left(tab) <= before - 5
        tab.clock.run_for(GIVEN_UP_MS)
        shows(tab, "status", "The service cannot be reached. Please ask again.")
        found.cable.mend()
        ask(tab)
        shows(tab, "answer", "".join(TEXTS))
        assert len(found.asked) == 2


def test_tabs_share_one_stream(chromium: Any) -> None:
    """A tab in which nothing was asked shows the answer too; one with an answer of its own keeps it. Copy copies it."""
    with site(chromium, WHOLE, stream_answer(*answer_events("Another."))) as found:
        asking, idle = found.tab(), found.tab()
        ask(asking)
        for tab in asking, idle:
            shows(tab, "answer", "".join(TEXTS))
            shows(tab, "sources", "RESICO")
        assert len(found.asked) == 1
        asking.get_by_role("button", name="Copy").click()
        assert asking.evaluate("() => navigator.clipboard.readText()") == "".join(TEXTS)
        ask(idle)
        shows(idle, "answer", "Another.")
        assert asking.locator("#answer").text_content() == "".join(TEXTS)
