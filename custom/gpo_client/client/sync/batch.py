# Derived from custom/gpo_client/client/aio/batch.py by `make sync`: edit that file, not this one.
"""Many questions at once: how they are asked side by side, in which sessions, and how their results are taken."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

import attrs

from gpo_client.concurrency.background import SyncBackground
from gpo_client.concurrency.waiting import SyncCondition, SyncLock
from gpo_client.drivers.requests import Owner
from gpo_client.drivers.sync import SyncRun
from gpo_client.exceptions import APIStatusError, ConfigurationError, GPOClientError, UsageError
from gpo_client.flows.active_call import Runtime
from gpo_client.flows.batch import BatchOptions, BatchPlan, QuestionNote
from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import Flow
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.flows.stream import stream_flow
from gpo_client.http.sync import SyncTransport
from gpo_client.models.answer import BatchProgress, BatchResult, ChatResponse
from gpo_client.models.plain import json_text
from gpo_client.models.session import ChatContext, Session
from gpo_client.models.stream import StreamedResponse
from gpo_client.operations import chat
from gpo_client.operations.context import read_context
from gpo_client.streams.sync.chat_stream import SyncChatStream
from gpo_client.streams.wrong_use import SyncOnly, silent_end
from gpo_client.text.record import StreamRecord

T = TypeVar("T")


@attrs.frozen
class BatchCalls(Generic[T]):
    """How a question is asked."""

    runtime: Runtime  # with the limits of the batch
    owner: Owner[SyncTransport]  # has the transport to use
    sessions: BatchSessions[T]  # on whose behalf
    request: Callable[[T], Any] | None  # what to send for a question; None: the question itself
    key: Callable[[T], str] | None  # the idempotency key of a question; None: any
    stream: bool  # whether to have the answer streamed
    options: CallOptions  # what the caller said for each of them

    def request_of(self, question: T) -> Any:
        """Return what to send for a question."""
        request: Any = question if self.request is None else self.request(question)
        return {"query": request} if isinstance(request, str) else request

    def options_of(self, question: T) -> CreateOptions:
        """Return the options to send it with."""
        options = cast("CreateOptions", {**self.options})
        if self.key is not None:
            options["idempotency_key"] = self.key(question)
        return options


class BatchWork(Generic[T]):
    """The questions that are being asked, each worker one at a time. It knows nothing of who takes the results."""

    def __init__(self, questions: Iterator[T], calls: BatchCalls[T], batch: BatchOptions) -> None:
        self._questions = questions
        self._calls = calls
        self._limiter = calls.runtime.limiters[0]
        self._most = batch.max_concurrency
        self._plan = BatchPlan[T](batch)
        self._condition = SyncCondition()
        self._pulling = SyncLock()
        self._is_closed = False
        self._workers: list[SyncBackground] = []
        self._under_way: set[SyncRun[Any] | SyncChatStream] = set()

    @property
    def progress(self) -> BatchProgress:
        """How far it has come."""
        plan, limiter = self._plan, self._limiter
        return BatchProgress(
            answered=plan.answered,
            failed=plan.failed,
            in_progress=plan.in_progress,
            throttled=plan.throttled,
            allowed=limiter.allowed,
            rate=limiter.rate,
        )

    def take(self) -> BatchResult[T] | None:
        """Return the next result; None at the end."""
        if not self._workers:
            self._calls.sessions.open()
            self._grow()
        self._workers[0].check_process("the batch")
        with self._condition:
            while (result := self._plan.take()) is None and not self._plan.is_over:
                self._condition.wait()
            self._condition.notify_all()  # there may be room for a question
        return result

    def stop(self, reason: Exception) -> None:
        """Ask no more, and give up what is under way."""
        if self._is_elsewhere:
            return  # the parent goes on
        self._is_closed = True
        self._stop(reason)
        for call in tuple(self._under_way):
            call.close()
        for worker in tuple(self._workers):
            worker.stop()

    def stop_soon(self, reason: Exception) -> None:
        """Stop likewise, asked from a destructor."""
        if self._workers and not self._is_elsewhere:
            self._workers[0].soon(lambda: self.stop(reason))

    @property
    def _is_elsewhere(self) -> bool:
        """Whether it is that of the process from which this one was forked."""
        return bool(self._workers) and self._workers[0].is_elsewhere

    def _grow(self) -> None:
        """Have one more worker, while the limits let it do anything."""
        if len(self._workers) < self._most and not self._limiter.waiting:
            self._workers.append(SyncBackground())
            self._workers[-1].start(self._work)

    def _work(self) -> None:
        """Ask one question after the other."""
        try:
            while (taken := self._pull()) is not None:
                self._grow()
                result = self._result(*taken)
                if self._is_closed:
                    return
                with self._condition:
                    self._plan.finish(result)
                    self._condition.notify_all()
                del taken, result  # they are not to be held while the next question is waited for
        except Exception as error:  # noqa: BLE001 - raised where the results are taken
            self._stop(error)
        except BaseException:
            # A cancellation must not come up in another thread than the one that it was meant for.
            self._stop(UsageError("the batch was stopped from elsewhere"))
            raise

    def _stop(self, reason: Exception) -> None:
        with self._condition:
            self._plan.stop(reason)
            self._condition.notify_all()

    def _pull(self) -> tuple[int, T] | None:
        """Return the next question with its number, once there is room for it; None when there is none."""
        with self._pulling:
            with self._condition:
                while not self._plan.may_begin:
                    if self._plan.is_stopped:
                        return None
                    self._condition.wait()
            try:
                question = next(self._questions)
            except StopIteration:
                with self._condition:
                    self._plan.exhaust()
                    self._condition.notify_all()
                return None
            with self._condition:
                return self._plan.begin(), question

    def _result(self, number: int, question: T) -> BatchResult[T]:
        note, clock = QuestionNote(), self._calls.runtime.clock
        began = clock()
        answer = error = None
        try:
            answer = self._answer(question, note)
        except (ConfigurationError, UsageError):
            self._plan.abandon()
            raise  # no question's fault: the client is closed, for one
        except GPOClientError as failure:
            error = failure
        except BaseException:
            self._plan.abandon()
            raise
        return BatchResult(
            number=number,
            question=question,
            answer=answer,
            error=error,
            attempts=note.attempts,
            throttled=note.throttled,
            duration=clock() - began,
            waited=note.seconds_waited,
            time_to_first_chunk=note.time_to_first_chunk,
        )

    def _answer(self, question: T, note: QuestionNote) -> ChatResponse | StreamedResponse:
        calls, runtime = self._calls, self._calls.runtime
        request, options = calls.request_of(question), calls.options_of(question)
        context = calls.sessions.context(question)
        runtime = attrs.evolve(runtime, observers=(*runtime.observers, note))
        whole = chat.chat(context, request, names_session=not calls.sessions.are_ours)
        if not calls.stream:
            return self._whole(call_flow(runtime, whole, options))
        call = chat.chat(context, request, stream=True, names_session=not calls.sessions.are_ours)
        config = runtime.config
        record = StreamRecord(runtime.clock, config.max_sources, config.max_source_bytes, config.base_url)
        flow = stream_flow(runtime, call, record, options, whole)
        try:
            return self._streamed(SyncChatStream(SyncRun(calls.owner, flow), record))
        except APIStatusError as error:
            if error.code != "stream_expired":
                raise
        # It was asked under its key before, so long ago that the service has the whole answer only.
        return self._whole(call_flow(runtime, whole, options))

    def _whole(self, flow: Flow[ChatResponse]) -> ChatResponse:
        run = SyncRun(self._calls.owner, flow)
        try:
            self._note(run)
            return run.finish()
        finally:
            self._under_way.discard(run)

    def _streamed(self, stream: SyncChatStream) -> StreamedResponse:
        try:
            self._note(stream)
            return stream.collect()
        finally:
            self._under_way.discard(stream)

    def _note(self, call: SyncRun[Any] | SyncChatStream) -> None:
        """Note that a call is under way, for ``stop`` to end; as that may have looked already, one of both sees it."""
        self._under_way.add(call)
        if self._is_closed:
            call.close()


class SyncBatch(Iterator[BatchResult[T]], SyncOnly, Generic[T]):
    """The results of many questions, in the order in which they are answered, or in that of the questions.

    ``client.batch`` makes one. Nothing is asked before the first result is wanted. Questions are taken from what was
    given as there is room for them, and no further than the results are taken: memory does not grow with their number.
    A question without an answer ends nothing: its result has the error.

    If you may leave the loop early, use ``with``: what is under way is given up then.

    Thread and task safety: it is read by one thread at a time.

    Raises, while it is iterated:
        GPOClientError: The session cannot be opened, or the client was closed.
        BatchStoppedError: More questions had no answer than ``stop_after`` allows.
    """

    def __init__(self, work: BatchWork[T]) -> None:
        self._work = work
        self._has_ended = False

    def __repr__(self) -> str:
        """How far it has come."""
        progress = self.progress
        return f"<{type(self).__name__}: {progress.answered} answered, {progress.failed} failed>"

    @property
    def progress(self) -> BatchProgress:
        """How far it has come."""
        return self._work.progress

    def __iter__(self) -> Self:
        """Itself."""
        return self

    def __next__(self) -> BatchResult[T]:
        """Return the next result."""
        if not self._has_ended:
            try:
                result = self._work.take()
            except StopIteration as error:
                raise silent_end(error) from error
            if result is not None:
                return result
            self._has_ended = True
        raise StopIteration

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Ask no more, and give up what is under way. Closing twice is allowed."""
        self._has_ended = True
        self._work.stop(UsageError("the batch is closed"))

    def __del__(self) -> None:
        if not self._has_ended:
            self._work.stop_soon(UsageError("the batch was dropped"))


# Of users who have asked; those whose last question is longest ago are forgotten, and have another one later.
_MOST_SESSIONS = 1_000


class BatchSessions(Generic[T]):
    """Opens sessions as they are needed, each once: for ``session``, or for what ``of`` says of a question.

    ``key`` is what their idempotency keys are made from; None: each is a new session.
    """

    def __init__(
        self,
        open_session: Callable[..., Session],
        session: Any,
        of: Callable[[T], Any] | None,
        key: str | None,
    ) -> None:
        self._open_session = open_session
        self._session = session
        self._of = of
        self._key = key
        self._given = read_context(session) if of is None and _is_open(session) else None
        self._opened: OrderedDict[str, _Opening] = OrderedDict()

    @property
    def are_ours(self) -> bool:
        """Whether they are opened here."""
        return self._given is None

    def open(self) -> None:
        """Open the session that is the same for all questions, if it is. Raises GPOClientError if that fails."""
        if self._given is None and self._of is None:
            self._context(self._session)

    def context(self, question: T) -> ChatContext:
        """Return the context to ask a question in. Raises GPOClientError if its session cannot be opened."""
        if self._given is not None:
            return self._given
        return self._context(self._session if self._of is None else self._of(question))

    def _context(self, who: Any) -> ChatContext:
        if _is_open(who):
            return read_context(who)
        name = json_text(who)
        opening = self._opened.setdefault(name, _Opening())
        with opening.lock:
            if opening.context is None:
                opening.context = (self._open_session(who, **self._options(name))).chat_context()
                while len(self._opened) > _MOST_SESSIONS:
                    self._opened.popitem(last=False)
        return opening.context

    def _options(self, name: str) -> Any:
        if self._key is None:
            return {}
        return {"idempotency_key": sha256(f"{self._key}\n{name}".encode()).hexdigest()}


class _Opening:
    def __init__(self) -> None:
        self.lock = SyncLock()
        self.context: ChatContext | None = None


def _is_open(session: Any) -> bool:
    is_mapping = isinstance(session, Mapping)
    return isinstance(session, ChatContext | Session) or (is_mapping and "token" in session)
