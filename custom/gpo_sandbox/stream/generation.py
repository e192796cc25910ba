"""One answer being generated: its task, and how those who follow it hear that there is more to read."""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from gpo_sandbox.store.planned import PlannedAnswer

_LOG = logging.getLogger("gpo_client.sandbox")


class Generation:
    """One answer on its way into the log.

    Followers read the log, not the generation: it only tells them that there is more to read. So a slow reader
    holds up nobody and needs no buffer.
    """

    def __init__(self, answer: PlannedAnswer) -> None:
        self.answer = answer
        self.followers = 0
        self.stopping = False
        self.stopped = False
        self.failed = False
        self._changed = asyncio.Event()
        self._grace: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, work: Coroutine[None, None, None], ended: Callable[["Generation"], None]) -> None:
        """Begin to generate; `ended` is called once it has stopped for whatever reason."""
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(lambda task: self._stop(task, ended))

    def progressed(self) -> None:
        """Wake all followers: the log has grown."""
        self._changed.set()
        self._changed = asyncio.Event()

    def changed(self) -> asyncio.Event:
        """Return the event that is set when the log grows or the generation stops."""
        return self._changed

    def joined(self) -> None:
        """Count one more follower."""
        self.followers += 1
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None

    def left(self, grace_s: float) -> None:
        """Count one follower less; after the last one, stop unless somebody comes back within the grace time."""
        self.followers -= 1
        if self.followers == 0 and not self.stopped:
            self._grace = asyncio.get_running_loop().call_later(grace_s, self.cancel)

    def cancel(self) -> None:
        """Stop generating; the log stays."""
        self.stopping = True
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Wait until it has stopped."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def _stop(self, task: "asyncio.Task[None]", ended: Callable[["Generation"], None]) -> None:
        self.stopped = True
        if self._grace is not None:
            self._grace.cancel()
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed = True
            _LOG.error("generating %s failed", self.answer.message_id, exc_info=error)
        ended(self)
        self.progressed()
