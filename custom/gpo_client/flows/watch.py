"""One call under observation: everybody who wants to know is told, once and in order."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from gpo_client.flows.call_details import AttemptDetails, CallDetails, CallResult, Outcome, ResumeDetails, RetryDetails
from gpo_client.flows.effects import Failure, Flow, Opened
from gpo_client.flows.observers import CallObserver, Observer
from gpo_client.flows.options import check_headers
from gpo_client.models.answer import ChatResponse
from gpo_client.models.secret import Secret
from gpo_client.models.stream import StreamedResponse

if TYPE_CHECKING:
    from gpo_client.flows.engine import Engine
    from gpo_client.streaming.record import StreamRecord

T = TypeVar("T")

_log = logging.getLogger("gpo_client.observers")

# What ids are made of. A server that puts anything else in their place shall not get it into logs and traces.
_ID = re.compile(r"[\w.:/@=+~-]{1,200}", re.ASCII)
_NO_ID = "(not an id)"
# Models have names that people give them.
_NAME = re.compile(r"[\w.:/@=+~() -]{1,100}", re.ASCII)


class Watch:
    """Tells the observers of one call what becomes of it. Without observers it does nothing.

    What it tells holds no token: ids come from the server, and a hostile one might send back what it was sent.

    Args:
        engine: The client's engine.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._told: list[tuple[Observer, CallObserver]] = []
        self._started = 0.0
        self._attempts = 0
        self._attempt_started = 0.0
        self._record: StreamRecord | None = None

    @property
    def is_on(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self._told)

    def begin(self, call: Callable[[], CallDetails], record: StreamRecord | None, within: Watch | None) -> None:
        """The call begins.

        Args:
            call: Tells what is about to be sent, if anybody wants to know.
            record: The progress of a stream; None of other calls.
            within: The call within which this one is made.
        """
        active = [observer for observer in self._engine.observers if observer.is_active]
        if not active:
            return
        self._started, self._record, details = self._engine.clock(), record, call()
        for observer in active:
            parent = within.of(observer) if within is not None else None
            with _Guard(self, observer):
                if (told := observer.call_started(details, parent)) is not None:
                    self._told.append((observer, told))

    def of(self, observer: Observer) -> CallObserver | None:
        """Whom this observer wants to be told of this call."""
        return next((told for known, told in self._told if known is observer), None)

    def headers(self, token: Secret) -> dict[str, str]:
        """A request is about to be sent under that token: tell so, and give the header fields to send with it."""
        if not self._told:
            return {}
        self._engine.secrets.note(token)
        self._attempts += 1
        self._attempt_started = self._engine.clock()
        fields: dict[str, str] = {}
        for observer, told in tuple(self._told):
            with _Guard(self, observer):
                told.attempt_started(self._attempts)
                fields |= check_headers(told.request_headers(), f"{type(told).__name__}.request_headers()")
        return fields

    def answered(self, head: Opened | Failure, request_id: str) -> None:
        """The request was answered, or got no answer."""
        if not self._told:
            return
        given = head.headers.get("x-request-id") if isinstance(head, Opened) else None
        attempt = AttemptDetails(
            number=self._attempts,
            duration=self._engine.clock() - self._attempt_started,
            status_code=head.status if isinstance(head, Opened) else None,
            failure=head.kind.value if isinstance(head, Failure) else None,
            request_id=self._id(given or request_id) or _NO_ID,
        )
        self._tell(lambda told: told.attempt_ended(attempt))

    def retrying(self, retry: RetryDetails) -> None:
        """The call is about to be tried again. The user's own callback comes last: what it raises ends the call."""
        if self._told:
            known = attrs.evolve(
                retry, request_id=self._id(retry.request_id), reason=self._engine.secrets.masked(retry.reason)
            )
            self._tell(lambda told: told.retrying(known))
        if self._engine.hooks.on_retry is not None:
            self._engine.hooks.on_retry(retry)

    def resuming(self, resume: ResumeDetails) -> None:
        """The stream is about to be continued."""
        if self._told:
            known = attrs.evolve(
                resume,
                last_event_id=self._id(resume.last_event_id),
                request_id=self._id(resume.request_id),
                reason=self._engine.secrets.masked(resume.reason),
            )
            self._tell(lambda told: told.resuming(known))
        if self._engine.hooks.on_resume is not None:
            self._engine.hooks.on_resume(resume)

    def first_chunk(self) -> None:
        """The first chunk has arrived."""
        seconds = self._engine.clock() - self._started
        self._tell(lambda told: told.first_chunk(seconds))

    def end(self, outcome: Outcome, error: BaseException | None = None, answer: object = None) -> None:
        """The call is over. What comes after the first time is not told: that was the end."""
        if not self._told:
            return
        result = self._result(outcome, error, answer)
        self._tell(lambda told: told.call_ended(result))
        self._told = []

    def drop(self, observer: Observer) -> None:
        """An observer has failed: it is told no more."""
        self._told = [(known, told) for known, told in self._told if known is not observer]

    def _tell(self, news: Callable[[CallObserver], object]) -> None:
        for observer, told in tuple(self._told):
            with _Guard(self, observer):
                news(told)

    def _result(self, outcome: Outcome, error: BaseException | None, answer: object) -> CallResult:
        known: dict[str, Any] = {"outcome": outcome, "error": error, "attempts": self._attempts}
        if self._record is not None:
            partial = answer = self._record.partial
            known |= {"chunk_count": partial.chunk_count, "resume_count": partial.resume_count}
            known["time_to_first_chunk"] = partial.time_to_first_chunk
        if isinstance(answer, ChatResponse | StreamedResponse):
            known |= {
                "answer": answer,
                "message_id": self._id(answer.message_id),
                "model": self._id(_model(answer), _NAME),
            }
        return CallResult(elapsed=self._engine.clock() - self._started, **known)

    def _id(self, value: object, shape: re.Pattern[str] = _ID) -> str | None:
        if value is None:
            return None
        return self._engine.secrets.masked(value) if isinstance(value, str) and shape.fullmatch(value) else _NO_ID


def watched(watch: Watch, flow: Flow[T]) -> Flow[T]:
    """A flow whose end is told, whichever it is. Unless somebody wants to know, that is the flow itself."""
    return _until_the_end(watch, flow) if watch.is_on else flow


def _until_the_end(watch: Watch, flow: Flow[T]) -> Flow[T]:
    try:
        result = yield from flow
    except Exception as error:
        watch.end("failed", error)
        raise
    except BaseException:  # the driver was cancelled, or its user has left the stream, or forgotten it
        watch.end("cancelled")
        raise
    watch.end("complete", answer=result)
    return result


def _model(answer: ChatResponse | StreamedResponse) -> object:
    return answer.model_used if isinstance(answer, ChatResponse) else answer.metadata.get("model_used")


class _Guard:
    """Whoever watches must not be able to break what it watches."""

    __slots__ = ("_observer", "_watch")

    def __init__(self, watch: Watch, observer: Observer) -> None:
        self._watch = watch
        self._observer = observer

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, Exception):
            return False
        self._watch.drop(self._observer)
        _log.error("%s failed and is told no more of this call", type(self._observer).__name__, exc_info=error)
        return True
