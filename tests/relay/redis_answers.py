"""An answer in a log in Redis, and its readers in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable

from gpo_client import SyncChatStream
from gpo_client.relay import Entry, SyncRedisRelayLog, SyncRelay, sse_lines
from tests.relay.browser import PATIENCE_S, Page

ANSWER = "answer-0000000000"
#: The text of an answer of nine.
WHOLE = "".join(f"{number} ¿?" for number in range(1, 10))


class Unasked(SyncChatStream):
    """A stream that must not be opened."""

    def __init__(self) -> None:
        pass

    def close(self) -> None:
        pass


def eventually(found: Callable[[], bool]) -> None:
    """Look until it is so; a log says nothing of what it has exchanged."""
    until = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < until
        time.sleep(0.005)


def entries(count: int) -> list[Entry]:
    """A whole answer."""
    return [Entry(number, f'{{"content":"{number} ¿?"}}', number == count) for number in range(1, count + 1)]


def read(log: SyncRedisRelayLog, after: int = 0) -> list[Entry]:
    """An answer from a position to its end, as a reader gets it."""
    found: list[Entry] = []
    assert log.owner(ANSWER) is not None
    while not (found and found[-1].is_last):
        position = found[-1].position if found else after
        page = log.read(ANSWER, position, PATIENCE_S)
        assert not page.is_lost
        assert page.is_alive
        found += page.entries
        log.acknowledge(ANSWER, position, 30)
    return found


def visit(page: Page, relay: SyncRelay, after_each: Callable[[], object] = lambda: None) -> None:
    """A page comes back, and reads until the response ends."""
    page.connect()
    page.retry = None
    for line in sse_lines(Unasked(), relay=relay, last_event_id=page.last_event_id):
        page.feed(line)
        after_each()


def visit_until_the_end(page: Page, relay: SyncRelay) -> None:
    """A page comes back as often as it takes."""
    until = time.monotonic() + PATIENCE_S
    while not page.last_event_id.endswith(":end"):
        assert time.monotonic() < until, page.__dict__
        visit(page, relay)
