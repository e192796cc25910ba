"""What becomes of answers whose task is cancelled. Threads cannot be."""

from __future__ import annotations

import pytest

from gpo_client.relay import MemoryRelayLog
from tests.relay.browser import PATIENCE_S, AsyncVisit
from tests.relay.conftest import Visiting
from tests.support.events import answer_events, stream_answer
from tests.support.wire import End

TEXTS = ["Mexico ", "taxes "]


@pytest.fixture(params=["asyncio", "trio"])
def runtime(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def test_a_server_that_loses_its_patience(visiting: Visiting) -> None:
    """A server that cancels what is still running when it stops: the browser gets the hint, and the log an end."""
    log = MemoryRelayLog()
    async with visiting(stream_answer(answer_events(*TEXTS)[0], end=End.STALL), log=log) as (browser, ask, server):
        visit = await browser.visit(ask())
        await visit.until(TEXTS[0])
        assert isinstance(visit, AsyncVisit)
        visit.page.retry = 0
        visit.cancel()
        await visit.rest()
        assert visit.page.retry == 1000
        await server.closed(0)
        answer_id, position = visit.page.last_event_id.split(":")
        (last,) = (await log.read(answer_id, int(position), PATIENCE_S)).entries
        assert (last.is_last, '"code":"interrupted"' in last.data) == (True, True)
