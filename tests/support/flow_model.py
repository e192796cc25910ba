"""What the contract makes of a schedule, told without flows: the measure for :mod:`tests.engine.test_flow_properties`.

Deadlines are ample here, except that a silence ends a connection.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from gpo_client.config import GPOConfig
from gpo_client.exceptions import (
    GPOClientError,
    GPOConnectionError,
    NotFoundError,
    ServiceUnavailableError,
    StreamError,
    StreamInterruptedError,
    StreamProtocolError,
    StreamTimeoutError,
)
from gpo_client.flows.effects import FailureKind
from tests.support.flow_script import Generation, Stop, Turn

_TRANSIENT = (
    FailureKind.CONNECTION_REFUSED,
    FailureKind.UNREACHABLE,
    FailureKind.RESET,
    FailureKind.CUT,
    FailureKind.CONNECT_TIMEOUT,
    FailureKind.PROXY_FAILED,
    FailureKind.LOCAL_LIMIT,
)


@attrs.define
class Expected:
    """What a schedule leads to.

    Attributes:
        delivered: How many events.
        generation: The answer that they are of; None when none arrived.
        error: The class of the error; None: the answer is whole.
        sleeps: The waits between requests.
        asked: The number of the last event when each request is made; None: none has been delivered.
    """

    delivered: int = 0
    generation: Generation | None = None
    error: type[GPOClientError] | None = None
    sleeps: list[float] = attrs.field(factory=list[float])
    asked: list[int | None] = attrs.field(factory=list[int | None])


class Model:
    """Plays a schedule.

    Args:
        answers: The texts that the service generates, in order.
        config: The client's settings.
        random: Its random number.
    """

    def __init__(self, answers: Sequence[Sequence[str]], config: GPOConfig, random: float) -> None:
        self._answers = answers
        self._config = config
        self._random = random
        self._generations = 0
        self._log: Generation | None = None
        self._retry_ms: int | None = None
        self._failures = 0
        self._began = False
        self.expected = Expected()

    def play(self, turns: Sequence[Turn]) -> Expected:
        """What it leads to; when the schedule is over, the service is well."""
        expected = self.expected
        for turn in [*turns, Turn()]:
            expected.asked.append(expected.delivered or None)
            if turn.restart:
                self._log = None
            error, asked = self._request(turn)
            if error is None:
                return expected
            if isinstance(error, _Final):
                expected.error = error.kind if not self._began or issubclass(error.kind, StreamError) else _LOST
                return expected
            self._failures += 1
            wait = self._wait(asked)
            if wait is None:
                expected.error = error if not self._began or issubclass(error, StreamError) else _LOST
                return expected
            expected.sleeps.append(wait)
        raise AssertionError("a well service must end the stream")

    def _request(self, turn: Turn) -> tuple[type[GPOClientError] | _Final | None, float | None]:
        """None when the answer is whole; else the error it would be, final or not, and the wait that was asked for."""
        if turn.failure in (FailureKind.TIMEOUT, FailureKind.NO_FREE_CONNECTION):
            return (StreamTimeoutError if self._began else _Final(StreamTimeoutError)), None
        if turn.failure in _TRANSIENT:
            slow = turn.failure is FailureKind.CONNECT_TIMEOUT
            return (StreamTimeoutError if slow and not self._began else GPOConnectionError), None
        if turn.failure is not None:
            return _Final(GPOConnectionError), None
        if turn.status == 503:
            return ServiceUnavailableError, turn.retry_after
        if turn.status != 200:
            return _Final(NotFoundError if turn.status == 404 else GPOClientError), None
        return self._stream(turn), None

    def _stream(self, turn: Turn) -> type[GPOClientError] | _Final | None:
        expected = self.expected
        if self._log is None and expected.delivered:
            return _Final(StreamInterruptedError)  # the log is lost
        if self._log is None:
            self._log = Generation(self._generations + 1, self._answers[min(self._generations, len(self._answers) - 1)])
            self._generations += 1
        if not self._began:
            self._began, self._failures = True, 0
        for number in self._read(self._log, turn):
            if number > expected.delivered + 1:
                return _Final(StreamProtocolError)
            if number == expected.delivered + 1:
                expected.delivered, expected.generation, self._failures = number, self._log, 0
            if expected.delivered == self._log.size:
                return None
        match turn.stop:
            case Stop.HEARTBEATS:
                return _Final(StreamTimeoutError)
            case Stop.STALL:
                return StreamTimeoutError
            case _:
                return StreamInterruptedError

    def _read(self, log: Generation, turn: Turn) -> list[int]:
        """The numbers of the events that can be read of a turn's body."""
        numbers: list[int] = []
        position = 0
        for number, part in log.parts(self.expected.delivered, turn):
            # An event is whole when its blank line has ended; of CRLF that is the CR.
            end = position + len(part) - len(turn.eol) + 1
            if turn.keep is not None and end > turn.keep:
                self._read_cut(number, part, turn, turn.keep - position)
                return numbers
            position += len(part)
            if number:
                numbers.append(number)
            elif turn.retry_ms is not None:
                self._retry_ms = turn.retry_ms
        return numbers

    def _read_cut(self, number: int, part: bytes, turn: Turn, kept: int) -> None:
        """Of a part that was cut off the ``retry`` field counts, as soon as its line has ended.

        An event does not, without its blank line, even if its JSON is whole: it has an id, and will come again.
        """
        if not number and part.startswith(b"retry") and kept > len(part) - 2 * len(turn.eol):
            self._retry_ms = turn.retry_ms

    def _wait(self, asked: float | None) -> float | None:
        config = self._config
        most = config.max_resumes if self._began else config.max_retries
        if self._failures > most or (asked is not None and asked > config.retry_max_delay):
            return None
        ceiling = min(config.retry_max_delay, config.retry_backoff_factor * 2.0 ** (self._failures - 1))
        wait = self._random * ceiling if asked is None else asked
        if self._began and self._retry_ms is not None:
            wait = max(wait, min(self._retry_ms / 1000, config.retry_max_delay))
        return wait


@attrs.frozen
class _Final:
    """An error that trying again would not help."""

    kind: type[GPOClientError]


_LOST = StreamInterruptedError
