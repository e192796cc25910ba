"""Faults, applied: which requests one concerns, how often it happened, and what it does to a stream."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NoReturn

import attrs
import msgspec

from gpo_sandbox.faults import Ending, Fault, FaultError, Rejection, StreamFault, parse_fault
from gpo_sandbox.generations import Interlude
from gpo_sandbox.responses import Problem
from gpo_sandbox.store.answers import LoggedEvent
from gpo_sandbox.store.database import now
from gpo_sandbox.streaming import ConnectionCut

FAULT_HEADER = "X-GPO-Fault"

# Far more than the requests that any test has under way; the oldest counts are forgotten first.
_MOST_COUNTS = 10_000
# And longer than a client goes on trying.
_KEPT_S = 3600.0


@attrs.define
class Faults:
    """The faults of one sandbox, counted in memory: a standing one, and those that requests ask for."""

    _standing: Fault | None
    _on_request: bool
    # How often, and when for the last time; by a hash, so that nobody decides how much is remembered.
    _seen: dict[bytes, tuple[int, float]] = attrs.field(factory=dict[bytes, tuple[int, float]], init=False)
    _trusted: dict[str, None] = attrs.field(factory=dict[str, None], init=False)

    @classmethod
    def of(cls, standing: str | None, *, on_request: bool) -> "Faults":
        """Make them from settings. Raises FaultError if `standing` describes no fault."""
        return cls(None if standing is None else parse_fault(standing), on_request)

    def due(self, header: str | None, sender: str, key: str | None) -> StreamFault | None:
        """Return what is to be wrong with the stream that answers a request, and count the request.

        Its Idempotency-Key belongs to its sender; without one it is the first of its kind. Raises Problem: the request
        is to be refused, or what it asks for is no fault.
        """
        fault = self._wanted(header, sender)
        if fault is None:
            return None
        due = fault.due(0 if key is None else self._count(sender, key, fault))
        return _reject(due) if isinstance(due, Rejection) else due

    def refuse(self, header: str | None, sender: str, call: str | None) -> None:
        """Refuse a request to an operation that does not stream, if it asks for that, and count it.

        Args:
            header: What the request asks for. A standing fault is for chat alone.
            sender: Who sent it.
            call: Its Idempotency-Key or X-Request-ID. Without either it is the first of its kind.

        Raises:
            Problem: The request is to be refused, or what it asks for is no fault.
        """
        if header is not None and self._on_request:
            self.due(header, sender, call)

    def trust(self, sender: str) -> None:
        """Let a user ask for faults whatever the settings are; for a service in the same process."""
        self._trusted[sender] = None
        if len(self._trusted) > _MOST_COUNTS:
            del self._trusted[next(iter(self._trusted))]

    def _wanted(self, header: str | None, sender: str) -> Fault | None:
        if header is None or not (self._on_request or sender in self._trusted):
            return self._standing
        try:
            return parse_fault(header)
        except FaultError as error:
            raise Problem("invalid_header", f"{error}, but the header is {header!r}.", field=FAULT_HEADER) from None

    def _count(self, sender: str, key: str, fault: Fault) -> int:
        """Count one more such request and return how many came before."""
        request = hashlib.sha256(msgspec.json.encode([sender, key, repr(fault)])).digest()
        earlier, _ = self._seen.pop(request, (0, 0.0))
        self._seen[request] = (earlier + 1, now())
        while len(self._seen) > _MOST_COUNTS or self._oldest() < now() - _KEPT_S:
            del self._seen[next(iter(self._seen))]
        return earlier

    def _oldest(self) -> float:
        return next(iter(self._seen.values()))[1]


def _reject(rejection: Rejection) -> NoReturn:
    wait = rejection.retry_after_s
    headers = {} if wait is None else {"Retry-After": str(wait)}
    raise Problem("injected_fault", "This was asked for as a fault.", status=rejection.status, headers=headers)


async def faulty(
    events: AsyncGenerator[LoggedEvent | Interlude, None], fault: StreamFault, heartbeat_interval_s: float
) -> AsyncGenerator[LoggedEvent | Interlude, None]:
    """Yield the events of an answer, with what is wrong with them; they are closed at the end.

    Where only heartbeats are left, there is a pause of so many seconds before each. Raises ConnectionCut: the
    connection is to be cut here.
    """
    position = 0
    async with aclosing(events):
        while position != fault.after:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            if isinstance(event, Interlude):
                yield event
                continue
            position += 1
            await asyncio.sleep(fault.slow_s)
            for _ in range(fault.copies(position)):
                yield LoggedEvent(event.sequence, fault.damaged(position, event.data))
        if fault.ending is Ending.ERROR:
            yield Interlude.FAILED
        # The answer is still being listened to, as it is by a server that does not know what is wrong with it.
        while await _goes_on(fault.ending, heartbeat_interval_s):
            yield Interlude.SILENCE


async def _goes_on(ending: Ending | None, heartbeat_interval_s: float) -> bool:
    """Tell whether another heartbeat is due; for a stalled stream that is decided by whoever cancels it."""
    if ending is Ending.DROP:
        raise ConnectionCut
    if ending is Ending.STALL:
        await asyncio.Event().wait()
    if ending is Ending.HEARTBEATS:
        await asyncio.sleep(heartbeat_interval_s)
    return ending is Ending.HEARTBEATS
