"""The rules of the exchange with Redis, without one: what goes out, and what the replies mean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.exchange import RedisExchange
from gpo_client.relay.machines.logbook import LogBook, LogLimits
from gpo_client.relay.machines.redis_commands import Command, entries_of, milliseconds, without_gap

ANSWER = "answer-0000000000"


@pytest.mark.parametrize("returns_after_s", [2.0, 4.0, None])
def test_a_writer_whose_sign_is_missing(returns_after_s: float | None) -> None:
    """A Redis that was restarted knows of no writer: it has five seconds to say that it lives."""
    book = LogBook(LogLimits())
    exchange = RedisExchange(book, "", retry_s=60, is_cluster=False)
    exchange.mirror(ANSWER, "", 0.0)
    log = book.find(ANSWER, 0.0)
    assert log is not None
    book.acknowledge(ANSWER, 0, 1000, 0.0)
    alive_at = []
    for now in map(float, range(20)):
        is_there = returns_after_s is not None and now >= returns_after_s
        replies = [int(is_there) if name == "EXISTS" else None for name, *_ in exchange.commands(now)]
        exchange.take(replies, now)
        if log.is_alive:
            alive_at.append(now)
    assert alive_at == [float(now) for now in range(20 if returns_after_s else 5)]


def test_what_nobody_reads_elsewhere_may_wait() -> None:
    """Ten exchanges a second are enough then; while another process reads an answer of this one there are fifty."""
    book, waits = LogBook(LogLimits()), []
    exchange = RedisExchange(book, "", retry_s=60, is_cluster=False)
    book.begin(ANSWER, "", wanted_s=1000, now=0.0)
    exchange.begin(ANSWER, "")
    for number, reader in enumerate([None, 1, 2, None], 1):
        now = 2.0 * number  # its sign of life is due, with which it asks for readers
        exchange.lives(ANSWER)
        for _ in range(2):
            known = {"HSET": 0, "XLEN": 100, "GET": reader}
            exchange.take([known.get(name) for name, *_ in exchange.commands(now)], now)
        book.append(ANSWER, [Entry(number, "{}")], now)
        exchange.wrote(ANSWER, now)
        waits.append(round(exchange.wait_s(now), 3))
    assert waits == [0.1, 0.02, 0.02, 0.1]


def test_readers_elsewhere_are_looked_after() -> None:
    """Once one is known, the writer asks with every exchange how far it is, until it has everything."""
    book, asked = LogBook(LogLimits()), []
    exchange = RedisExchange(book, "", retry_s=60, is_cluster=False)
    book.begin(ANSWER, "", wanted_s=1000, now=0.0)
    exchange.begin(ANSWER, "")
    for number, reader in enumerate([None, 0, 0, 1, 1]):
        if number == 2:
            book.append(ANSWER, [Entry(1, "{}")], 1.5)
            exchange.wrote(ANSWER, 1.5)
        now = number if number < 2 else 1.5 + number / 50  # two signs of life, and then what is due between them
        commands = exchange.commands(now)
        asked.append(any(name == "GET" for name, *_ in commands))
        exchange.take([{"HSET": 0, "XLEN": 100, "GET": reader}.get(name) for name, *_ in commands], now)
    assert asked == [True, True, True, True, False]


@pytest.mark.parametrize(
    ("times", "is_said_to_live", "is_given_up"),
    [
        ([*range(1, 8)], True, False),
        ([*range(1, 9)], False, False),
        ([1, 2, *range(60, 64)], True, False),
        ([*range(1, 13)], False, False),
        ([*range(1, 14)], False, True),
    ],
)
def test_a_writer_that_is_gone(times: list[float], is_said_to_live: bool, is_given_up: bool) -> None:
    """It is said to live for five seconds after it was seen, of which those in which the whole process stood still do
    not count; for as long as ends are kept it may be back.
    """
    book = LogBook(LogLimits())
    exchange = RedisExchange(book, "", retry_s=10, is_cluster=False)
    book.begin(ANSWER, "", wanted_s=1000, now=0.0)
    exchange.begin(ANSWER, "")
    sent: list[list[Any]] = []
    for now in times:
        sent.append([name for name, *_ in exchange.commands(now)])
        exchange.take([{"HSET": 0, "XLEN": 0}.get(name) for name in sent[-1]], now)
        if now <= 2:
            exchange.lives(ANSWER)
    assert ("SET" in sent[-1]) is is_said_to_live
    book.append(ANSWER, [Entry(1, "{}")], times[-1])
    exchange.wrote(ANSWER, times[-1])
    assert exchange.is_written is is_given_up  # nobody writes what was given up
    exchange.lives(ANSWER)
    assert any(name == "SET" for name, *_ in exchange.commands(times[-1] + 1)) is not is_given_up


class Server:
    """The few commands of Redis that writing takes."""

    def __init__(self) -> None:
        self.events: dict[int, dict[bytes, bytes]] = {}
        self.has_owner = False

    def execute(self, command: Command) -> Any:
        name = command[0]
        if name == "DEL":
            self.events.clear()
        elif name == "XADD":
            *_, event_id, _, data, _, last = command
            position = int(event_id.partition("-")[2])
            if position <= max(self.events, default=0):
                return ValueError("The ID specified in XADD is equal or smaller than the target stream top item")
            self.events[position] = {b"data": data.encode(), b"last": str(last).encode()}
        elif name == "XLEN":
            return len(self.events)
        elif name == "HSET":
            is_new, self.has_owner = not self.has_owner, True
            return int(is_new)
        return None

    def lose(self, count: int) -> None:
        """The last so many pieces; with all of them, everything else too."""
        for position in sorted(self.events)[-count:]:
            del self.events[position]
        self.has_owner = self.has_owner and bool(self.events)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 3))))
def test_whatever_is_lost_is_written_again(steps: list[tuple[int, bool, int]]) -> None:
    """Replies, and the last pieces that Redis had: after two signs of life it has everything, and each event once."""
    book, server = LogBook(LogLimits()), Server()
    exchange = RedisExchange(book, "", retry_s=60, is_cluster=False)
    log = book.begin(ANSWER, "", wanted_s=1000, now=0.0)
    exchange.begin(ANSWER, "")
    now, settled = 0.0, [(0, False, 0)] * 4
    for added, loses_reply, lost in [*steps, *settled]:
        book.append(ANSWER, [Entry(log.written + number, "{}") for number in range(1, added + 1)], now)
        if added:
            exchange.wrote(ANSWER, now)
        exchange.lives(ANSWER)
        now += 0.5
        replies = [server.execute(command) for command in exchange.commands(now)]
        exchange.failed(OSError(), now) if loses_reply else exchange.take(replies, now)
        server.lose(lost) if lost else None
    found = entries_of([(f"0-{position}", server.events[position]) for position in sorted(server.events)])
    assert [entry.position for entry in found] == [*range(1, log.written + 1)]


def test_what_events_hold() -> None:
    """Entries of whatever data, as connections that decode give them and others; up to the first gap, each once."""
    data = [f'{{"content":"{text}"}}' for text in ("a b", "\t", "")]
    for event_id, fields in (
        ("0-4", {"data": "\n".join(data), "last": "1"}),
        (b"0-4", {b"data": "\n".join(data).encode(), b"last": b"1"}),
    ):
        assert [*entries_of([(event_id, fields)])] == [Entry(2 + at, each, at == 2) for at, each in enumerate(data)]
    entries = [Entry(position, "{}") for position in (3, 4, 4, 3, 5, 7, 8)]
    assert [entry.position for entry in without_gap(entries)] == [3, 4, 5]


def test_times_as_redis_takes_them() -> None:
    """Never 0, which would mean "now" or "for ever"."""
    assert [milliseconds(seconds) for seconds in (0.0, 0.0012, 1.5)] == [1, 1, 1500]
