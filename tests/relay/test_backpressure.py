"""A slow browser slows the GPO API; nothing is read that nobody reads."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from gpo_client.relay import MemoryRelayLog, SyncMemoryRelayLog
from gpo_client.relay.machines.entries import Entry
from tests.relay.conftest import Visiting
from tests.support.events import TEXT_EVENT_STREAM, chunk, final, numbered, sse, stream_answer
from tests.support.wire import Answer

WINDOW = 8


class Ahead:
    """How far the writing of the one answer in a log ever was ahead of the reading."""

    def __init__(self) -> None:
        self.most = 0
        self.left = 0
        self._read = 0

    def wrote(self, entries: Sequence[Entry]) -> None:
        self.most = max(self.most, entries[-1].position - self._read)

    def read(self, position: int) -> None:
        self._read = max(self._read, position)


class WatchedLog(MemoryRelayLog):
    def __init__(self) -> None:
        super().__init__()
        self.ahead = Ahead()

    async def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        self.ahead.wrote(entries)
        await super().append(answer_id, entries)

    async def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        self.ahead.read(position)
        await super().acknowledge(answer_id, position, wanted_s)

    async def leave(self, answer_id: str, grace_s: float) -> None:
        self.ahead.left += 1
        await super().leave(answer_id, grace_s)


class WatchedSyncLog(SyncMemoryRelayLog):
    def __init__(self) -> None:
        super().__init__()
        self.ahead = Ahead()

    def append(self, answer_id: str, entries: Sequence[Entry]) -> None:
        self.ahead.wrote(entries)
        super().append(answer_id, entries)

    def acknowledge(self, answer_id: str, position: int, wanted_s: float) -> None:
        self.ahead.read(position)
        super().acknowledge(answer_id, position, wanted_s)

    def leave(self, answer_id: str, grace_s: float) -> None:
        self.ahead.left += 1
        super().leave(answer_id, grace_s)


def _log(world: str) -> Any:
    return WatchedSyncLog() if world == "sync" else WatchedLog()


async def test_writing_stays_within_the_window(visiting: Visiting, world: str) -> None:
    """However fast the GPO API writes, it is never read further than the window ahead of the browser."""
    texts = [f"word-{number} " for number in range(300)]
    log, events = _log(world), b"".join(numbered([*map(chunk, texts), final()]))
    async with visiting(stream_answer(events), log=log, window=WINDOW) as (browser, ask, _):
        visit = await browser.visit(ask())
        await visit.rest()
        assert visit.page.text == "".join(texts)
    assert 1 < log.ahead.most <= WINDOW


async def test_endless_answers_wait_for_their_reader(visiting: Visiting, world: str) -> None:
    """A browser that reads nothing: the server can send only what the buffers on the way hold, until it is closed."""
    log, endless = _log(world), (sse(chunk("x" * 10_000), id=f"msg_01:{number}") for number in itertools.count(1))
    async with visiting(Answer(headers=TEXT_EVENT_STREAM, pieces=endless), log=log, window=WINDOW, grace_s=0.1) as (
        browser,
        ask,
        server,
    ):
        visit = await browser.visit(ask())
        await visit.until("x")
        await visit.leave()
        await server.closed(0)
    assert log.ahead.most <= WINDOW + 1  # the last one says that the answer was stopped
    assert log.ahead.left == 1
