"""Faults: what can go wrong and for which requests it does, and how that is written: `drop-after=3,times=2`."""

import enum
import math
import re
from collections.abc import Callable
from typing import Any

import attrs


class Ending(enum.Enum):
    """How a stream goes wrong for good; the values are the names in the text of a fault."""

    DROP = "drop-after"
    END = "end-after"
    STALL = "stall-after"
    HEARTBEATS = "heartbeats-after"
    ERROR = "error-after"


@attrs.frozen(kw_only=True)
class Rejection:
    """Requests that are answered with an error: so many of the same key, or all of them (infinity)."""

    status: int
    times: float = 1
    retry_after_s: int | None = None


@attrs.frozen(kw_only=True)
class StreamFault:
    """What is wrong with a stream, for so many requests of a key, or all (infinity). Events are counted on their
    connection, from 1: `duplicate` is sent twice, `skip` left out, `malformed` no JSON; an `ending` may follow `after`
    some.
    """

    ending: Ending | None = None
    after: int | None = None
    slow_s: float = 0.0
    duplicate: int | None = None
    skip: int | None = None
    malformed: int | None = None
    times: float = 1

    def copies(self, position: int) -> int:
        """Tell how often the event at a position is sent."""
        if position == self.skip:
            return 0
        return 2 if position == self.duplicate else 1

    def damaged(self, position: int, data: str) -> str:
        """Return the data that the event at a position is sent with."""
        return data[: len(data) // 2] if position == self.malformed else data


@attrs.frozen
class Fault:
    """Everything that one text asks for: first the requests that are refused, then the streams that go wrong."""

    rejection: Rejection | None = None
    stream: StreamFault | None = None

    def due(self, earlier: int) -> Rejection | StreamFault | None:
        """Return what happens to a request, before which so many with the same key came."""
        refused = self.rejection.times if self.rejection else 0
        if earlier < refused:
            return self.rejection
        if self.stream is not None and earlier < refused + self.stream.times:
            return self.stream
        return None


_COUNT = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,4}(\.[0-9]{1,9})?")
_STATUS = re.compile(r"(?P<status>[45][0-9]{2})(\*(?P<times>[0-9a-z]+))?")
_LONGEST_S = 3600


class FaultError(ValueError):
    """The text describes no fault; the message says what it must be."""


def parse_fault(text: str) -> Fault:
    """Read the text of a fault: `name=value`, several of them separated by commas.

    Raises FaultError: a name is unknown or given twice, a value cannot be read, or the parts do not go together.
    """
    given: dict[str, Any] = {}
    for part in text.split(","):
        name, _, value = (piece.strip() for piece in part.partition("="))
        if name not in _READERS:
            raise FaultError(f"{name!r} is not among the names of faults, which are {', '.join(FAULT_NAMES)}")
        if name in given:
            raise FaultError(f"{name} must be given only once")
        given[name] = _READERS[name](name, value)
    return Fault(_rejection(given), _stream(given))


def _rejection(given: dict[str, Any]) -> Rejection | None:
    if "status" in given:
        status, times = given["status"]
        return Rejection(status=status, times=times, retry_after_s=given.get("retry-after"))
    if "retry-after" in given:
        raise FaultError("retry-after must come with a status")
    return None


def _stream(given: dict[str, Any]) -> StreamFault | None:
    wrong = {name: value for name, value in given.items() if name not in {"status", "retry-after", "times"}}
    if not wrong:
        if "times" in given:
            raise FaultError("times must come with a fault of the stream; a status has its own, as in status=503*all")
        return None
    endings = [ending for ending in Ending if ending.value in wrong]
    if len(endings) > 1:
        raise FaultError(f"{' and '.join(ending.value for ending in endings)} must not come together")
    ending = endings[0] if endings else None
    return StreamFault(
        ending=ending,
        after=wrong[ending.value] if ending else None,
        slow_s=wrong.get("slow", 0.0),
        duplicate=wrong.get("duplicate"),
        skip=wrong.get("skip"),
        malformed=wrong.get("malformed"),
        times=given.get("times", 1),
    )


def _count(name: str, value: str) -> int:
    if not _COUNT.fullmatch(value):
        raise FaultError(f"{name} must be a whole number")
    return int(value)


def _position(name: str, value: str) -> int:
    position = _count(name, value)
    if position == 0:
        raise FaultError(f"{name} must be at least 1")
    return position


def _times(name: str, value: str) -> float:
    if value == "all":
        return math.inf
    if not _COUNT.fullmatch(value) or int(value) == 0:
        raise FaultError(f"{name} must be a whole number from 1, or all")
    return int(value)


def _pause(name: str, value: str) -> float:
    if not _SECONDS.fullmatch(value) or float(value) > _LONGEST_S:
        raise FaultError(f"{name} must be a number of seconds from 0 to {_LONGEST_S}")
    return float(value)


def _status(name: str, value: str) -> tuple[int, float]:
    found = _STATUS.fullmatch(value)
    if found is None:
        raise FaultError(f"{name} must be a status from 400 to 599, and how often, as in 503*2")
    return int(found["status"]), _times(f"the number of times after {name}", found["times"] or "1")


_READERS: dict[str, Callable[[str, str], Any]] = {
    **dict.fromkeys((ending.value for ending in Ending), _count),
    "status": _status,
    "retry-after": _count,
    "slow": _pause,
    "duplicate": _position,
    "skip": _position,
    "malformed": _position,
    "times": _times,
}

#: Every name that the text of a fault may have.
FAULT_NAMES = tuple(_READERS)
