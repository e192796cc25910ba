"""Observers: whoever wants to know what a client does, and what they are told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.options import check_headers
from gpo_client.limits import LimitReason
from gpo_client.models.answer import ChatResponse
from gpo_client.models.stream import StreamedResponse

#: How a call can end. Cancelled: nobody wanted the rest, because a task was cancelled or a stream was left early.
Outcome = Literal["complete", "failed", "cancelled"]


@attrs.frozen(kw_only=True)
class CallDetails:
    """A call that is about to be sent.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        method: ``GET``, ``POST`` …
        base_url: The address of the API.
        path: The path below it, without parameters: they may hold what a user has typed.
        path_template: The path as the OpenAPI document has it, such as ``"/api/Chat/{conversation_id}/message"``.
        is_stream: Whether the answer is streamed.
        request_id: The ``X-Request-ID``.
        conversation_id: The conversation that a question belongs to; None when it names none, and of other calls.
        question: The text of a question; None of other calls. Not in ``repr``, and not for logs.
    """

    operation: str
    method: str
    base_url: str
    path: str
    path_template: str
    is_stream: bool
    request_id: str
    conversation_id: str | None = None
    question: str | None = attrs.field(default=None, repr=False)


@attrs.frozen(kw_only=True)
class AttemptDetails:
    """A request that got a response, or none.

    Attributes:
        number: Which request of the call it is, from 1.
        duration: Seconds from sending it to the head of the response, or to the failure.
        status_code: The HTTP status; None when there was no response.
        failure: Why there was none, in a few fixed words such as ``"connection refused"``; None when there was one.
        request_id: The ``X-Request-ID`` of the response, else that of the request.
    """

    number: int
    duration: float
    status_code: int | None
    failure: str | None
    request_id: str


@attrs.frozen(kw_only=True)
class WaitDetails:
    """A call that had to wait for its turn, before one of its requests was sent.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        seconds: How long it waited.
        reason: What for: ``"max_concurrency"`` or ``"requests_per_second"``, the settings; ``"retry_after"``, which the
            service had asked for; ``"adaptive"``, what the service was found to take.
    """

    operation: str
    seconds: float
    reason: LimitReason


@attrs.frozen(kw_only=True)
class RetryDetails:
    """A request that failed and is about to be sent again.

    Attributes:
        operation: The operationId, such as ``"chat"``.
        attempt: How many requests have been sent.
        delay: Seconds until the next one.
        reason: What went wrong, in a sentence.
        status_code: The HTTP status, when a response arrived.
        request_id: The ``X-Request-ID``.
        elapsed: Seconds since the call began.
    """

    operation: str
    attempt: int
    delay: float
    reason: str
    status_code: int | None
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class ResumeDetails:
    """A stream that broke and is about to be continued on a new connection.

    Attributes:
        last_event_id: The event after which it goes on; None when none had arrived.
        resume_count: Which resume of this stream it is, from 1.
        delay: Seconds until the request.
        reason: What went wrong, in a few words.
        chunk_count: How many chunks have arrived.
        request_id: The ``X-Request-ID`` of the connection that broke.
        elapsed: Seconds since the stream began.
    """

    last_event_id: str | None
    resume_count: int
    delay: float
    reason: str
    chunk_count: int
    request_id: str | None
    elapsed: float


@attrs.frozen(kw_only=True)
class CallResult:
    """A call that is over.

    Attributes:
        outcome: ``"complete"``, ``"failed"``, or ``"cancelled"``: nobody wanted the rest.
        elapsed: Seconds since it began.
        attempts: How many requests were sent.
        error: Why it failed; None when it did not. Not in ``repr``: its message may quote the service.
        chunk_count: How many chunks of a stream have arrived.
        resume_count: How often a stream was continued on a new connection.
        time_to_first_chunk: Seconds from the request to the first chunk of a stream; None when none arrived.
        message_id: The id of the answer to a question, when the service told it.
        model: The model that wrote it, when the service told it.
        answer: The answer to a question, or what had arrived of it; None of other calls. Not in ``repr``, and not for
            logs.
    """

    outcome: Outcome
    elapsed: float
    attempts: int
    error: BaseException | None = attrs.field(default=None, repr=False)
    chunk_count: int = 0
    resume_count: int = 0
    time_to_first_chunk: float | None = None
    message_id: str | None = None
    model: str | None = None
    answer: ChatResponse | StreamedResponse | None = attrs.field(default=None, repr=False)


_log = logging.getLogger("gpo_client.observers")


class CallObserver:
    """Is told of one call, from its first request to its end. Override what you want to know.

    The methods are called where the call is made: in the caller's task or thread, or in that of ``stream.buffered()``
    and the like. They must not wait. An exception in one of them is logged, and the observer is told no more of that
    call, which goes on.

    Thread and task safety: it belongs to one call; its methods are called one after the other, perhaps not all of them
    by one thread.
    """

    def request_headers(self) -> Mapping[str, str]:
        """Header fields to send with each request, such as ``traceparent``. The library's own and the user's win."""
        return {}

    def attempt_started(self, number: int) -> None:
        """Take note that a request is about to be sent.

        Args:
            number: Which of the call it is, from 1: retries and resumes are further ones.
        """

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        """Take note of the head of a response, whose body is still to be read, or of a failure."""

    def waited(self, wait: WaitDetails) -> None:
        """Take note that the call has waited for its turn, because of the client's own limits."""

    def retrying(self, retry: RetryDetails) -> None:
        """Take note that the call failed and is about to be tried again."""

    def resuming(self, resume: ResumeDetails) -> None:
        """Take note that the stream broke and is about to be continued on a new connection."""

    def first_chunk(self, seconds: float) -> None:
        """Take note of the stream's first chunk. Nothing is told of the others, so that they cost nothing.

        Args:
            seconds: Since the call began.
        """

    def call_ended(self, result: CallResult) -> None:
        """Take note that the call is over; told exactly once, also when a stream is left, cancelled or forgotten."""


class Observer:
    """Is told of the calls of a client. Override :meth:`call_started`.

    Thread and task safety: one observer may serve any number of clients, tasks and threads, which call it at once::

        class Slow(CallObserver):
            def call_ended(self, result):
                if result.elapsed > 10:
                    print("slow:", result)

        class Watcher(Observer):
            def call_started(self, call, parent):
                return Slow()

        client = GPOCoreClient(observers=[Watcher()])
    """

    @property
    def is_active(self) -> bool:
        """Whether it wants to know of a call that begins now. Asked before anything is put together to be told."""
        return True

    def call_started(self, call: CallDetails, parent: CallObserver | None) -> CallObserver | None:  # noqa: ARG002
        """Say whom to tell of a call that begins. A stream begins when it is opened.

        Args:
            call: What is about to be sent.
            parent: What this observer returned for the call within which this one is made: the renewal of a token,
                or a stream's fallback. None of ordinary calls.

        Returns:
            Whom to tell of it; None: nobody.
        """
        return None


@attrs.frozen(kw_only=True)
class Hooks:
    """Whom a client tells what it does."""

    # Called before a request is sent again. What it raises ends the call
    on_retry: Callable[[RetryDetails], object] | None = None
    # Called before a stream is continued. What it raises ends the stream
    on_resume: Callable[[ResumeDetails], object] | None = None
    observers: tuple[Observer, ...] = ()  # told of every call from beginning to end. What they raise ends nothing


def checked_observers(observers: Iterable[Observer]) -> tuple[Observer, ...]:
    """Observers as given, if that is what they are. Raises InvalidArgumentError: they are no collection, or one is no
    Observer, the class of one for example.
    """
    try:
        given = tuple(observers)
    except TypeError as error:
        message = f"observers must be a list of observers, not {observers!r}"
        raise InvalidArgumentError(message, field="observers") from error
    for observer in given:
        if not isinstance(observer, Observer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgumentError(
                f"observers: {observer!r} is not a gpo_client.observers.Observer", field="observers"
            )
    return given


class CallObservers:
    """The observers of one call. One that fails is told no more of it; the call and the others go on."""

    def __init__(self) -> None:
        self._told: list[tuple[Observer, CallObserver]] = []

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self._told)

    def start(self, observers: Sequence[Observer], call: CallDetails, within: CallObservers | None) -> None:
        """Ask observers whom to tell of a call, made within that of others or within none."""
        for observer in observers:
            with _Guard(self, observer):
                told = observer.call_started(call, within.of(observer) if within is not None else None)
                if told is not None:
                    self._told.append((observer, told))

    def of(self, observer: Observer) -> CallObserver | None:
        """Whom this observer wants to be told."""
        return next((told for known, told in self._told if known is observer), None)

    def notify(self, news: Callable[[CallObserver], object]) -> None:
        """Tell everybody."""
        for observer, told in tuple(self._told):  # a copy, as one that fails is dropped on the way
            with _Guard(self, observer):
                news(told)

    def headers(self) -> dict[str, str]:
        """Return the header fields that they want to be sent."""
        fields: dict[str, str] = {}
        self.notify(lambda told: fields.update(check_headers(told.request_headers(), type(told).__name__)))
        return fields

    def clear(self) -> None:
        """There is nothing more to tell."""
        self._told = []

    def drop(self, observer: Observer) -> None:
        """Tell this one no more."""
        # Replaced, not changed: another thread may be telling those that were there before.
        self._told = [(known, told) for known, told in self._told if known is not observer]


class _Guard:
    """Lets no exception of an observer out."""

    __slots__ = ("_observer", "_observers")

    def __init__(self, observers: CallObservers, observer: Observer) -> None:
        self._observers = observers
        self._observer = observer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, Exception):  # Ctrl-C and cancellations are the caller's, wherever they come up
            return False
        self._observers.drop(self._observer)
        _complain(self._observer, error)
        return True


def interested(observers: Sequence[Observer]) -> list[Observer]:
    """Those that want to know of a call that begins now."""
    return [observer for observer in observers if _is_active(observer)]


def _is_active(observer: Observer) -> bool:
    try:
        return observer.is_active
    except Exception as error:  # noqa: BLE001 - logged
        _complain(observer, error)
        return False


def _complain(observer: Observer, error: Exception) -> None:
    _log.error("%s failed and is told no more of this call", type(observer).__name__, exc_info=error)
