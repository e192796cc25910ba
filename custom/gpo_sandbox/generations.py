"""Answers being generated into their logs, at the pace that was set, for as long as somebody is interested."""

import asyncio
import enum
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine

import attrs

from gpo_sandbox.store.answers import Answers, LoggedEvent, PlannedAnswer

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


class Interlude(enum.Enum):
    """What a follower is told that is no event of the log."""

    SILENCE = "nothing has happened for a while"
    FAILED = "generating the answer failed"


@attrs.define
class Generations:
    """All answers that are being generated in this process."""

    _answers: Answers
    _chunk_delay_s: float
    _heartbeat_interval_s: float
    _resume_grace_s: float
    _running: dict[str, Generation] = attrs.field(factory=dict[str, Generation], init=False)
    _closed: bool = attrs.field(default=False, init=False)

    async def follow(self, answer: PlannedAnswer, after: int) -> AsyncGenerator[LoggedEvent | Interlude, None]:
        """Yield the events of an answer as they come into its log, generating what is not there yet.

        It ends after the last event, or early when the answer is not to be completed for now: the sandbox is shutting
        down, the conversation was deleted, or (after `Interlude.FAILED`) something went wrong.
        """
        generation = self._join(answer)
        try:
            while after < answer.event_count:
                # Both are taken before reading, so that nothing written in between is missed or slept through.
                stopped = generation is None or generation.stopped
                changed = None if generation is None else generation.changed()
                events = self._answers.events(answer.message_id, after)
                for event in events:
                    yield event
                    after = event.sequence
                if events:
                    continue
                if stopped or changed is None:
                    break
                if not await self._happened(changed):
                    yield Interlude.SILENCE
            if generation is not None and generation.failed:
                yield Interlude.FAILED
        finally:
            if generation is not None:
                generation.left(self._resume_grace_s)

    def finish(self, answer: PlannedAnswer) -> PlannedAnswer:
        """Complete an answer at once, for whoever does not want to wait, and return it; followers get the rest."""
        complete = self._answers.finish(answer)
        running = self._running.get(answer.message_id)
        if running is not None:
            running.cancel()
            running.progressed()
        return complete

    async def close(self) -> None:
        """Stop generating and let all followers go; what is in the logs stays."""
        self._closed = True
        running = list(self._running.values())
        for generation in running:
            generation.cancel()
        for generation in running:
            await generation.ended()

    def _join(self, answer: PlannedAnswer) -> Generation | None:
        """Return the generation to follow; None when the log will not grow any more."""
        if self._closed or self._answers.written(answer.message_id) == answer.event_count:
            return None
        generation = self._running.get(answer.message_id)
        if generation is None or generation.stopping:
            generation = self._start(answer)
        generation.joined()
        return generation

    def _start(self, answer: PlannedAnswer) -> Generation:
        generation = self._running[answer.message_id] = Generation(answer)
        generation.start(self._generate(generation), self._forget)
        return generation

    def _forget(self, generation: Generation) -> None:
        # Whoever came back while this one was being stopped has started another one.
        if self._running.get(generation.answer.message_id) is generation:
            del self._running[generation.answer.message_id]

    async def _generate(self, generation: Generation) -> None:
        answer = generation.answer
        if self._chunk_delay_s == 0:
            self._answers.finish(answer)
            return
        for sequence in range(self._answers.written(answer.message_id) + 1, answer.event_count + 1):
            await asyncio.sleep(self._chunk_delay_s)
            if not self._answers.write(answer, sequence):
                return
            generation.progressed()

    async def _happened(self, changed: asyncio.Event) -> bool:
        """Wait until an event is set; False when that takes longer than the longest silence."""
        try:
            async with asyncio.timeout(self._heartbeat_interval_s):
                await changed.wait()
        except TimeoutError:
            return False
        return True
