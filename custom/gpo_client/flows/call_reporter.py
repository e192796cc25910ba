"""The reporter of a call: tells its observers what becomes of it, once and in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from gpo_client.flows.effects import Failure, Flow, Opened
from gpo_client.flows.observers import (
    AttemptDetails,
    CallDetails,
    CallObservers,
    CallResult,
    Outcome,
    ResumeDetails,
    RetryDetails,
    WaitDetails,
    interested,
)
from gpo_client.models.answer import ChatResponse, model_of
from gpo_client.models.secret import Secret
from gpo_client.models.stream import StreamedResponse

if TYPE_CHECKING:
    from gpo_client.flows.active_call import Runtime
    from gpo_client.operations.call import Call
    from gpo_client.text.record import StreamRecord

T = TypeVar("T")

# What ids are made of. A server that puts anything else in their place shall not get it into logs and traces.
_ID = re.compile(r"[\w.:/@=+~-]{1,200}", re.ASCII)
_NO_ID = "(not an id)"
# Models have names that people give them.
_NAME = re.compile(r"[\w.:/@=+~() -]{1,100}", re.ASCII)


class CallReporter:
    """Tells the observers of one call what becomes of it. Without observers it does nothing.

    What it tells holds no token: ids come from the server, and a hostile one might send back what it was sent.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._observers = CallObservers()
        self._started = 0.0
        self._attempts = 0
        self._attempt_started = 0.0
        self._record: StreamRecord | None = None

    @property
    def is_on(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self._observers)

    def over(
        self, flow: Flow[T], call: Call[Any], request_id: str, record: StreamRecord | None, within: CallReporter | None
    ) -> Flow[T]:
        """Return a call's flow, of which nothing has been done, its beginning and end told.

        It is the flow itself unless somebody wants to know. ``record`` has the progress of a stream; ``within`` is the
        call that this one is made for.
        """
        observers = interested(self._runtime.observers)
        if not observers:  # the usual case: no generator around the call, and no look at the clock
            return flow
        self._started, self._record = self._runtime.clock(), record
        details = _details(call, self._runtime.config.base_url, request_id, is_stream=record is not None)
        self._observers.start(observers, details, within._observers if within is not None else None)
        return self._until_the_end(flow) if self.is_on else flow

    def attempt(self, token: Secret) -> dict[str, str]:
        """Return a request is about to be sent under that token; the header fields to send with it."""
        self._runtime.secrets.note(token)
        if not self.is_on:
            return {}
        self._attempts += 1
        self._attempt_started = self._runtime.clock()
        self._observers.notify(lambda told: told.attempt_started(self._attempts))
        return self._observers.headers()

    def responded(self, head: Opened | Failure, request_id: str) -> None:
        """Tell of the response to an attempt, or of its failure."""
        if not self.is_on:
            return
        given = head.headers.get("x-request-id") if isinstance(head, Opened) else None
        attempt = AttemptDetails(
            number=self._attempts,
            duration=self._runtime.clock() - self._attempt_started,
            status_code=head.status if isinstance(head, Opened) else None,
            failure=head.kind.value if isinstance(head, Failure) else None,
            request_id=self._id(given or request_id) or _NO_ID,
        )
        self._observers.notify(lambda told: told.attempt_ended(attempt))

    def waited(self, wait: WaitDetails) -> None:
        """Tell that the call has waited for the client's own limits."""
        if self.is_on:
            self._observers.notify(lambda told: told.waited(wait))

    def retrying(self, retry: RetryDetails) -> None:
        """Tell that the call is about to be tried again.

        The user's own callback comes last: what it raises ends the call.
        """
        # The reason quotes the service, which may quote the token that it was sent.
        retry = attrs.evolve(retry, reason=self._runtime.secrets.masked(retry.reason))
        if self.is_on:
            known = attrs.evolve(retry, request_id=self._id(retry.request_id))
            self._observers.notify(lambda told: told.retrying(known))
        if self._runtime.hooks.on_retry is not None:
            self._runtime.hooks.on_retry(retry)

    def resuming(self, resume: ResumeDetails) -> None:
        """Tell that the stream is about to be continued. The user's own callback comes last here too."""
        resume = attrs.evolve(resume, reason=self._runtime.secrets.masked(resume.reason))
        if self.is_on:
            known = attrs.evolve(
                resume,
                last_event_id=self._id(resume.last_event_id),
                request_id=self._id(resume.request_id),
            )
            self._observers.notify(lambda told: told.resuming(known))
        if self._runtime.hooks.on_resume is not None:
            self._runtime.hooks.on_resume(resume)

    def first_chunk(self) -> None:
        """Tell that the first chunk has arrived."""
        if self.is_on:
            seconds = self._runtime.clock() - self._started
            self._observers.notify(lambda told: told.first_chunk(seconds))

    def end(self, outcome: Outcome, error: BaseException | None = None, answer: object = None) -> None:
        """Tell that the call is over, once: what comes after the first time is not told."""
        if self.is_on:
            result = self._result(outcome, error, answer)
            self._observers.notify(lambda told: told.call_ended(result))
            self._observers.clear()  # the final chunk ends a call, and the flow's own end comes after it

    def _until_the_end(self, flow: Flow[T]) -> Flow[T]:
        try:
            result = yield from flow
        except Exception as error:
            self.end("failed", error)
            raise
        except BaseException:  # the driver was cancelled, or its user has left the stream, or forgotten it
            self.end("cancelled")
            raise
        self.end("complete", answer=result)
        return result

    def _result(self, outcome: Outcome, error: BaseException | None, answer: object) -> CallResult:
        known: dict[str, Any] = {"outcome": outcome, "error": error, "attempts": self._attempts}
        if self._record is not None:
            partial = answer = self._record.partial
            known |= {"chunk_count": partial.chunk_count, "resume_count": partial.resume_count}
            known["time_to_first_chunk"] = partial.time_to_first_chunk
        if isinstance(answer, ChatResponse | StreamedResponse):
            known |= {"answer": answer, "message_id": self._id(answer.message_id)}
            known["model"] = self._id(model_of(answer), _NAME)
        return CallResult(elapsed=self._runtime.clock() - self._started, **known)

    def _id(self, value: object, shape: re.Pattern[str] = _ID) -> str | None:
        if value is None:
            return None
        return self._runtime.secrets.masked(value) if isinstance(value, str) and shape.fullmatch(value) else _NO_ID


def _details(call: Call[Any], base_url: str, request_id: str, *, is_stream: bool) -> CallDetails:
    return CallDetails(
        operation=call.operation,
        method=call.request.method,
        base_url=base_url,
        path=call.request.url,
        path_template=call.request.template or call.request.url,
        is_stream=is_stream,
        request_id=request_id,
        conversation_id=call.conversation_id,
        question=call.question,
    )
