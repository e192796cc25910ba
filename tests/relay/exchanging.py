"""An exchange with Redis, without one: what it says, word for word, and what it is answered."""

from __future__ import annotations

from typing import Any

from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.exchange import RedisExchange
from gpo_client.relay.machines.logbook import AnswerLog, LogBook, LogLimits
from gpo_client.relay.machines.redis_commands import Command

ANSWER = "answer-0000000000"
EVENTS, HEAD, WRITER, READER = (f"gpo:{{{ANSWER}}}:{part}" for part in ("events", "head", "writer", "reader"))


class Process:
    """An exchange, the answers that it is about, and what its Redis says to a command unless told otherwise."""

    def __init__(self, *, is_cluster: bool = False, max_events: int = 50, retention_s: float = 60) -> None:
        self.book = LogBook(LogLimits(max_events=max_events, retention_s=retention_s))
        self.exchange = RedisExchange(self.book, "gpo:", retry_s=10, is_cluster=is_cluster)
        self._pieces = 0

    def log(self, answer_id: str = ANSWER) -> AnswerLog:
        found = self.book.find(answer_id, 0.0)
        assert found is not None
        return found

    def writes(self, wanted_s: float = 1000.0) -> list[Command]:
        self.book.begin(ANSWER, "ana", wanted_s, now=0.0)
        return self.exchange.begin(ANSWER, "ana")

    def reads(self, answer_id: str = ANSWER) -> None:
        self.exchange.mirror(answer_id, "ana", 0.0)
        self.book.acknowledge(answer_id, 0, 1000, 0.0)

    def adds(self, *positions: int, last: int = 0, now: float = 0.0) -> None:
        """Entries whose data is a letter each."""
        self.book.append(ANSWER, [Entry(each, chr(96 + each), each == last) for each in positions], now)
        self.exchange.wrote(ANSWER, now)

    def replies(self, sent: list[Command], **replies: Any) -> list[Any]:
        """What Redis says to commands: it has what it was given, unless told otherwise."""
        for name, *_ in sent:
            self._pieces = 0 if name == "DEL" else self._pieces + (name == "XADD")
        known = {"HSET": 0, "XLEN": self._pieces, "EXISTS": 1, **replies}
        return [known.get(name) for name, *_ in sent]

    def exchanges(self, now: float, **replies: Any) -> list[Command]:
        """Do so once: what goes out."""
        sent = self.exchange.commands(now)
        self.exchange.take(self.replies(sent, **replies), now)
        return sent


def added(last: int, data: str, *, is_last: int = 0, most: int = 50) -> Command:
    return ("XADD", EVENTS, "MAXLEN", most, f"0-{last}", "data", data, "last", is_last)


def piece(last: int, *data: str, is_last: bool = False) -> tuple[bytes, dict[bytes, bytes]]:
    return f"0-{last}".encode(), {b"data": "\n".join(data).encode(), b"last": b"1" if is_last else b"0"}


SIGN: list[Command] = [
    ("HSET", HEAD, "owner", "ana"), ("PEXPIRE", HEAD, 60_000), ("SET", WRITER, 1, "PX", 5_000),
]  # fmt: skip
KEPT: list[Command] = [("PEXPIRE", EVENTS, 60_000), ("XLEN", EVENTS)]
ASKED: list[Command] = [("HGET", HEAD, "stopped"), ("GET", READER)]
