"""An answer on its way: from the GPO API into its log, and through the log to each browser."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

from gpo_client.concurrency.waiting import AsyncSignal, async_shielded
from gpo_client.exceptions import GPOClientError
from gpo_client.models.stream import StreamingChunk
from gpo_client.relay.aio.log import RelayLog
from gpo_client.relay.machines.entries import AnswerWriter, Entry, ProblemCode, PublicProblem
from gpo_client.relay.machines.following import Following, Window
from gpo_client.relay.machines.logbook import LogFull, LogUnavailable
from gpo_client.relay.options import RelayOptions
from gpo_client.streams.aio.chat_stream import ChatStream

_LOG = logging.getLogger("gpo_client.relay")

# How long the end of an answer, or the goodbye of a reader, may take to be written, in seconds.
_LAST_WORDS_S = 5.0


class RunningAnswer:
    """One answer that is being written into its log.

    Two things go on at the same time: ``write`` reads the stream, and ``keep`` looks after the readers. A log that
    cannot be reached ends the answer; there would be no way to deliver it. The stream is closed at the end; answers may
    go on until ``runs_until``, on the clock of ``time.monotonic``.
    """

    def __init__(
        self,
        stream: ChatStream,
        log: RelayLog,
        answer_id: str,
        options: RelayOptions,
        *,
        runs_until: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._stream = stream
        self._log = log
        self.answer_id = answer_id
        self._options = options
        self._runs_until = runs_until
        self._writer = AnswerWriter(options.metadata_fields)
        self._window = Window(options.window)
        self._changed = AsyncSignal()
        self._is_closed = False
        # What has been read and not written yet; and how often the writing was handed over to another.
        self._chunks: Sequence[StreamingChunk] = ()
        self._turn = 0
        #: Given what has been written, after the log: the way to a browser that keeps up with it.
        self.passed_on: Callable[[Sequence[Entry]], Awaitable[None]] | None = None
        #: Whether everything has been written.
        self.ended = False

    @property
    def written(self) -> int:
        """How many entries there are."""
        return self._writer.written

    async def write(self) -> None:
        """Write the answer to its end, or until nobody wants it any more, or it is handed over: what a read brings in
        one piece, as far as the readers' window allows.
        """
        turn = self._turn
        failure: BaseException | ProblemCode = ProblemCode.INTERRUPTED
        try:
            while turn == self._turn:
                count = self._changed.count
                if self._writer.ended or self._is_closed or self._window.is_abandoned:
                    break
                if (room := self._window.end - self._writer.written) <= 0:
                    await self._changed.wait(count, None)
                    continue
                chunks = self._chunks or await self._stream.next_chunks()
                entries = self._writer.chunks(chunks[:room]) if chunks else self._writer.finish()
                self._chunks = chunks[room:]
                if entries:
                    await self._log.append(self.answer_id, entries)
                    if self.passed_on is not None:
                        await self.passed_on(entries)
        except LogFull as full:
            self._writer.take_back(full.position)
            failure = ProblemCode.TOO_LONG
        except Exception as error:  # noqa: BLE001 - whatever it is, the browser is told that the answer has ended
            failure = error
        finally:
            if turn == self._turn:
                async with async_shielded(_LAST_WORDS_S):
                    await self._end(failure)

    def hand_over(self) -> None:
        """Let another ``write`` go on; the one under way ends when what it passes on has been taken."""
        self._turn += 1

    async def keep(self) -> None:
        """Take note of the readers, until the answer has ended or nobody wants it any more."""
        try:
            while not self.ended and not self._window.is_abandoned:
                beyond, wait_s = self._window.position, self._options.acknowledge_s
                self._window.note(await self._log.reader_state(self.answer_id, beyond, wait_s))
                self._changed.notify_all()
                if monotonic() >= self._runs_until():
                    return await self.close()
        except Exception:  # noqa: BLE001 - whatever keeps the log from being reached
            _LOG.exception("answer %s: its log cannot be reached", self.answer_id)
            self._window.is_abandoned = True
            self._changed.notify_all()
        return None

    async def close(self) -> None:
        """Let go of the GPO API, and so end the answer."""
        self._is_closed = True
        self._changed.notify_all()
        await self._stream.aclose()

    async def _end(self, failure: BaseException | ProblemCode) -> None:
        self.passed_on = None
        if not self._writer.ended:
            problem = PublicProblem.of(self._reason(failure), self._options.problem_texts)
            try:
                await self._log.append(self.answer_id, self._writer.fail(problem))
            except Exception:  # noqa: BLE001 - as above
                _LOG.exception("answer %s: its end cannot be written", self.answer_id)
        self.ended = True
        self._changed.notify_all()
        await self._stream.aclose()

    def _reason(self, failure: BaseException | ProblemCode) -> BaseException | ProblemCode:
        if self._window.is_abandoned:
            # Closing the stream under its reader looks like a failure, but is our own doing.
            return ProblemCode.STOPPED
        if self._is_closed:
            return ProblemCode.INTERRUPTED
        if isinstance(failure, GPOClientError):
            # What an operator needs; the message may hold more than belongs into a log.
            name, found = type(failure).__name__, (failure.code, failure.status_code, failure.request_id)
            _LOG.warning("answer %s: %s (code %s, status %s, request %s)", self.answer_id, name, *found)
        elif isinstance(failure, Exception):
            _LOG.error("answer %s failed", self.answer_id, exc_info=failure)
        elif failure is ProblemCode.TOO_LONG:
            _LOG.warning("answer %s is longer than its log takes (max_answer_bytes, max_bytes)", self.answer_id)
        return failure


class Subscriber:
    """Reads the log of an answer for one browser, which has it up to a position already."""

    def __init__(
        self, log: RelayLog, answer_id: str, after: int, options: RelayOptions, *, is_draining: Callable[[], bool]
    ) -> None:
        self._log = log
        self.answer_id = answer_id
        self._options = options
        self._is_draining = is_draining
        #: How far the browser is, and what it is to be sent when.
        self.following = Following(
            after,
            heartbeat_s=options.heartbeat_s,
            acknowledge_s=options.acknowledge_s,
            acknowledge_entries=options.acknowledge_entries,
            now=monotonic(),
            sentences=options.problem_texts,
        )

    async def advance(self) -> Sequence[Entry] | None:
        """Return the entries to send next; none of them for a heartbeat.

        None at the end, and when the browser had better come back: the service is shutting down, or the log cannot be
        reached.
        """
        try:
            await self.sent()
            while not self.following.ended and not self._is_draining():
                wait_s = self.following.wait_s(monotonic())
                page = await self._log.read(self.answer_id, self.following.position, wait_s)
                now = monotonic()
                if entries := self.following.take(page, now):
                    return entries
                await self.sent()
                if self.following.is_silent(now):
                    return ()
        except (LogUnavailable, LogFull):
            pass
        return None

    async def sent(self) -> None:
        """Note that what ``advance`` gave has been sent. The log is told now and then, as a writer needs no more."""
        if self.following.sent(monotonic()):
            await self.acknowledge()

    def wake(self) -> None:
        """Have ``advance`` look whether the service is shutting down."""
        self._log.wake_readers(self.answer_id)

    def patience_s(self) -> float:
        """How long the browser may yet take nothing of what is being sent to it, in seconds."""
        return self._options.stuck_s - self.following.stuck_s(monotonic())

    async def acknowledge(self) -> None:
        """Tell the log that the browser is there, and how far it is."""
        await self._log.acknowledge(self.answer_id, self.following.position, self._options.wanted_s)

    async def leave(self) -> None:
        """Tell the log that the browser has gone; where it cannot come back, nobody waits for it."""
        is_over = self._is_draining() and not self._log.is_shared
        async with async_shielded(_LAST_WORDS_S):
            await self._log.leave(self.answer_id, 0.0 if is_over else self._options.grace_s)
