"""Whoever wants to know what a client does: logs, traces, metrics, tests."""

from __future__ import annotations

from collections.abc import Mapping

from gpo_client.flows.call_details import (
    AttemptDetails,
    CallDetails,
    CallResult,
    ResumeDetails,
    RetryDetails,
    WaitDetails,
)


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
        """Return a call begins. A stream begins when it is opened.

        Args:
            call: What is about to be sent.
            parent: What this observer returned for the call within which this one is made: the renewal of a token,
                or a stream's fallback. None of ordinary calls.

        Returns:
            Whom to tell of it; None: nobody.
        """
        return None
