"""Generating answers into their logs, at the pace that was set, for as long as somebody is interested."""

import asyncio
import enum
from collections.abc import AsyncGenerator

import attrs

from gpo_sandbox.store.answers import Answers, LoggedEvent
from gpo_sandbox.store.planned import PlannedAnswer
from gpo_sandbox.stream.generation import Generation


class Interlude(enum.Enum):
    """What a follower is told that is no event of the log."""

    SILENCE = "nothing has happened for a while"
    FAILED = "generating the answer failed"


@attrs.define
class Generations:
    """All answers that are being generated in this process.

    Args:
        answers: The logs.
        chunk_delay_s: Pause before each event, in seconds; 0 writes the whole answer at once.
        heartbeat_interval_s: Longest silence towards a follower, in seconds.
        resume_grace_s: How long to go on without a follower, in seconds.
    """

    _answers: Answers
    _chunk_delay_s: float
    _heartbeat_interval_s: float
    _resume_grace_s: float
    _running: dict[str, Generation] = attrs.field(factory=dict[str, Generation], init=False)
    _closed: bool = attrs.field(default=False, init=False)

    async def follow(self, answer: PlannedAnswer, after: int) -> AsyncGenerator[LoggedEvent | Interlude, None]:
        """Yield the events of an answer as they come into its log, generating what is not there yet.

        It ends after the last event, or early when the answer is not to be completed for now: the sandbox is
        shutting down, the conversation was deleted, or (after `Interlude.FAILED`) something went wrong.

        Args:
            answer: Which answer.
            after: Sequence number of the last event that the follower has.
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
