"""A browser's way through the log of an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from gpo_client.concurrency.waiting import async_shielded
from gpo_client.relay.aio.log import RelayLog
from gpo_client.relay.machines.entries import Entry
from gpo_client.relay.machines.following import Following
from gpo_client.relay.machines.logbook import LogUnavailable
from gpo_client.relay.options import RelayOptions

# How long saying goodbye to a log may take, in seconds.
_GOODBYE_S = 5.0


class Subscriber:
    """Reads the log of an answer for one browser.

    Args:
        log: The log.
        answer_id: Which answer.
        after: The position that the browser has already.
        options: The relay's settings.
        is_draining: Whether the service is shutting down.
    """

    def __init__(
        self, log: RelayLog, answer_id: str, after: int, options: RelayOptions, *, is_draining: Callable[[], bool]
    ) -> None:
        self._log = log
        self.answer_id = answer_id
        self._options = options
        self._is_draining = is_draining
        self._following = Following(
            after,
            heartbeat_s=options.heartbeat_s,
            acknowledge_s=options.acknowledge_s,
            acknowledge_entries=options.acknowledge_entries,
            now=monotonic(),
            sentences=options.problem_texts,
        )

    @property
    def ended(self) -> bool:
        """Whether the browser has been given everything."""
        return self._following.ended

    async def advance(self) -> Sequence[Entry] | None:
        """Return the entries to send next; none of them for a heartbeat.

        Returns:
            None at the end, and when the browser had better come back: the service is shutting down, or the log cannot
            be reached.
        """
        self._following.sent()
        try:
            while not self.ended and not self._is_draining():
                wait_s = self._following.wait_s(monotonic())
                page = await self._log.read(self.answer_id, self._following.position, wait_s)
                now = monotonic()
                self._following.sending(now)
                if entries := self._following.take(page, now):
                    return entries
                await self.sent()
                if self._following.is_silent(now):
                    return ()
        except LogUnavailable:
            pass
        return None

    async def sent(self) -> None:
        """Note that what ``advance`` gave has been sent. The log is told now and then, as a writer needs no more."""
        self._following.sent()
        if self._following.acknowledges(monotonic()):
            await self.acknowledge()

    def is_stuck(self) -> bool:
        """Whether the browser has taken nothing for too long of what is being sent to it."""
        return self._following.stuck_s(monotonic()) >= self._options.stuck_s

    async def acknowledge(self) -> None:
        """Tell the log that the browser is there, and how far it is."""
        await self._log.acknowledge(self.answer_id, self._following.position, self._options.wanted_s)

    async def leave(self) -> None:
        """Tell the log that the browser has gone."""
        async with async_shielded(_GOODBYE_S):
            await self._log.leave(self.answer_id, self._options.grace_s)
