"""A call under way, and the runtime that all flows of a client share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from gpo_client.config import GPOConfig
from gpo_client.config.header_fields import joined
from gpo_client.exceptions import (
    AuthenticationError,
    GPOClientError,
    InvalidArgumentError,
    InvalidResponseError,
    TokenExpiredError,
)
from gpo_client.flows.call_reporter import CallReporter
from gpo_client.flows.credentials import KeySource, KnownSecrets, TokenStore, is_long
from gpo_client.flows.deadlines import Clock, Deadline, Permits
from gpo_client.flows.effects import Compute, Failure, FailureKind, Flow, Open, Opened, Sleep
from gpo_client.flows.error_mapping import ErrorContext, limit_error
from gpo_client.flows.observers import Hooks, Observer, WaitDetails
from gpo_client.flows.options import CallOptions, check_headers, check_options
from gpo_client.flows.response import parse_retry_after, request_id
from gpo_client.limits import Limiter
from gpo_client.models.portable import Origin
from gpo_client.models.secret import Secret
from gpo_client.sse.compression import ACCEPTED
from gpo_client.sse.retry import RetryPolicy

if TYPE_CHECKING:
    from gpo_client.operations.call import Call
    from gpo_client.text.record import StreamRecord


@attrs.frozen
class Runtime:
    """The settings of a client, and what its flows must not fetch for themselves: time, chance and memory."""

    config: GPOConfig
    clock: Clock  # seconds on a monotonic clock
    now: Callable[[], datetime]  # the time (UTC), for what servers give as a date
    random: Callable[[], float]  # a random number from 0 to 1
    new_id: Callable[[], str]  # an identifier that nobody else has
    hooks: Hooks  # the client's callbacks
    # Whom to tell of every call: the client's own log, and those that the client was given
    observers: tuple[Observer, ...]
    limiters: tuple[Limiter, ...]  # what calls have to wait for, besides the service
    # Seconds that a call waits for these, if it says nothing else; None: no limit, whatever it says
    limit_patience: float | None
    secrets: KnownSecrets  # what observers must not be told
    keys: KeySource | None  # where the API key comes from, if it is asked for
    tokens: TokenStore  # the sessions that the client has opened
    retry: RetryPolicy  # when to try a call again
    resume: RetryPolicy  # when to continue a broken stream; each new chunk lets it count from the beginning


T = TypeVar("T")

# What a service says, and does, that has too much to do.
_OVERLOADED = frozenset({429, 503, 529})
_TOO_SLOW = frozenset({FailureKind.TIMEOUT, FailureKind.CONNECT_TIMEOUT})


class ActiveCall:
    """One call on its way: what it sends, under which token, and what an error about it would tell."""

    def __init__(
        self, runtime: Runtime, call: Call[Any], options: CallOptions, *, accept: str, encodings: str = ACCEPTED
    ) -> None:
        check_options(options, creates=call.creates)
        self.runtime = runtime
        self.call = call
        self.started = runtime.clock()
        self.attempts = 0
        #: Who is told of it.
        self.reporter = CallReporter(runtime)
        #: Its permissions to be under way.
        self.permits = Permits(runtime.limiters, runtime.clock)
        #: Seconds that it has waited for these.
        self.waited = 0.0
        self._patience = options.get("timeout", runtime.limit_patience) if runtime.limit_patience is not None else None
        self._lease = runtime.tokens.find(call.token)
        #: Where the key comes from, if this call goes under a key that is asked for.
        self._keys = runtime.keys if call.token is None else None
        key = runtime.config.api_key
        self._key = key if isinstance(key, Secret) else None
        self._was_renewed = False
        self._used = Secret()
        self._headers = {
            "Accept": accept,
            "Accept-Encoding": encodings,
            "User-Agent": runtime.config.user_agent,
            "X-Request-ID": runtime.new_id(),
            **_idempotency(runtime, call, options),
        }
        #: When to try this call again.
        self.retry = runtime.retry
        if "max_retries" in options:
            self.retry = attrs.evolve(runtime.retry, max_retries=options["max_retries"])
        #: The header fields that the caller gave, and those of the settings.
        self.users_headers = _with_settings(runtime, check_headers(options.get("headers", {}), "headers"))

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self.runtime.clock() - self.started

    @property
    def request_id(self) -> str:
        """The ``X-Request-ID`` of all its requests."""
        return self.users_headers.get("X-Request-ID") or self._headers["X-Request-ID"]

    @property
    def idempotency_key(self) -> str | None:
        """The ``Idempotency-Key`` of all its requests, if it creates something."""
        return self._headers.get("Idempotency-Key")

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return self.call.request.is_repeatable or self.idempotency_key is not None

    def watched(self, flow: Flow[T], record: StreamRecord | None = None, within: CallReporter | None = None) -> Flow[T]:
        """Return the call's flow, of which nothing has been done, begun and ended before whoever wants to know.

        ``record`` has the progress of a stream; ``within`` is the call that this one is made for.
        """
        return self.reporter.over(self._kept_secret(flow), self.call, self.request_id, record, within)

    def _kept_secret(self, flow: Flow[T]) -> Flow[T]:
        """Return the flow, whose errors show no token.

        A server may send back what it was sent, in any place and spelling.
        """
        try:
            return (yield from flow)
        except GPOClientError as error:
            error.waited = self.waited
            hide = partial(self.runtime.secrets.hide_in, error)
            if is_long(error):  # it may be all tokens, in all spellings
                yield from Compute(hide, may_be_left=False)
            else:
                hide()
            raise
        finally:
            self.permits.release()

    def deadline(self, seconds: float | None) -> Deadline:
        """Return the deadline that many seconds from now."""
        return Deadline.after(self.runtime.clock, seconds)

    def prepare(self) -> Flow[None]:
        """Before an attempt: renew a token that is about to end, ask for the key, and wait for the call's turn. Raises
        CredentialError: there is no key; GPOTimeoutError: the turn does not come in time.
        """
        if self._lease is not None and self.runtime.config.auto_renew_token and self.runtime.tokens.is_due(self._lease):
            yield from self.runtime.tokens.renew(self._lease, self._lease.session.token, self.reporter)
        if self._keys is not None and self._key is None:
            self._key = yield from self._keys.key()
        if self.runtime.limiters:
            yield from self._admit()

    def renew(self, error: GPOClientError) -> Flow[bool]:
        """After an attempt with a token or a key that is not accepted any more: renew it, once.

        Whether it makes sense to try again.
        """
        is_expired = isinstance(error, TokenExpiredError) and self.runtime.config.auto_renew_token
        lease = self._lease if is_expired else None
        keys = self._keys if isinstance(error, AuthenticationError) else None
        if self._was_renewed or (lease is None and keys is None):
            return False
        self._was_renewed = True  # a service that refuses a new token too is not asked for ever
        self.permits.release()  # whoever waits for something else keeps nobody waiting
        if lease is not None:
            yield from self.runtime.tokens.renew(lease, self._used, self.reporter)
        elif keys is not None:
            self._key = yield from keys.key(self._used)
            return self._key != self._used
        return True

    def sleep(self, seconds: float) -> Flow[None]:
        """Wait before another attempt, while others may have their turn."""
        self.permits.release()
        yield from Sleep(seconds)

    def send(self, read_timeout: float | None, headers: Mapping[str, str] | None = None) -> Flow[Opened | Failure]:
        """Make one attempt, with header fields of its own: send the request and wait for the head of the response."""
        self.attempts += 1
        connect_timeout = self.runtime.config.connect_timeout
        if read_timeout is not None:
            connect_timeout = min(connect_timeout or read_timeout, read_timeout)
        ours = {**self._headers, **self._authorization(), **(headers or {})}
        # Of two with one name the later counts: observers' (traceparent …), then ours, then the user's own.
        fields = {**self.reporter.attempt(self._used), **ours, **self.users_headers}
        request = self.call.request.addressed(self.runtime.config.base_url, fields)
        # A key of a gateway in headers= may come back in an error as well as the bearer.
        for value in self.users_headers.values():
            if isinstance(value, Secret):
                self.runtime.secrets.note(Secret(value.rpartition(" ")[2]))
        head = yield from Open(request, connect_timeout, read_timeout)
        self.reporter.responded(head, self.request_id)
        if self.runtime.limiters:
            self._tell_limiters(head)
        if isinstance(head, Failure) and head.kind is FailureKind.CONNECT_TIMEOUT:
            setting = "connect_timeout" if connect_timeout == self.runtime.config.connect_timeout else None
            return attrs.evolve(head, detail=setting)
        return head

    def invalid(self, head: Opened, message: str, *, path: str | None = None) -> InvalidResponseError:
        """Return the exception for a response that breaks the contract."""
        return InvalidResponseError(
            message,
            path=path,
            status_code=head.status,
            request_id=request_id(head) or self.request_id,
            attempts=self.attempts,
            elapsed=self.elapsed,
        )

    def origin(self, head: Opened) -> Origin:
        """Return what a response remembers of its head."""
        return Origin.of(request_id(head) or self.request_id, head.headers)

    @property
    def error_context(self) -> ErrorContext:
        """The context of an error about it."""
        return ErrorContext(
            base_url=self.runtime.config.base_url,
            request_id=self.request_id,
            attempts=self.attempts,
            elapsed=self.elapsed,
            secret=self._used,
            now=self.runtime.now(),
        )

    def _admit(self) -> Flow[None]:
        wait = yield from self.permits.acquire(self._patience)
        if wait is None:
            return
        self.waited += wait.seconds
        self.reporter.waited(WaitDetails(operation=self.call.operation, seconds=wait.seconds, reason=wait.reason))
        if wait.in_vain:
            raise limit_error(wait, self.error_context)

    def _tell_limiters(self, head: Opened | Failure) -> None:
        """Tell how the service took the request."""
        if isinstance(head, Failure):
            if head.kind in _TOO_SLOW:
                self.permits.overloaded(None)
        elif head.status in _OVERLOADED:
            asked = parse_retry_after(head.headers, self.runtime.now())
            # A call that is asked to wait for longer gives up, and there is nothing for the others to wait for.
            self.permits.overloaded(asked if asked is not None and asked <= self.runtime.retry.max_delay else None)
        else:
            self.permits.accepted()

    def _authorization(self) -> dict[str, str]:
        token = self._lease.session.token if self._lease is not None else self.call.token
        self._used = token or self._key or Secret()
        return check_headers({"Authorization": Secret("Bearer " + self._used)}, "token") if self._used else {}


def _with_settings(runtime: Runtime, given: dict[str, str]) -> dict[str, str]:
    """Return the header fields of a call and those of the settings; of two with one name, in any case, the call's."""
    return dict(joined(runtime.config.headers, given)) if runtime.config.headers else given


_NEW = object()


def _idempotency(runtime: Runtime, call: Call[Any], options: CallOptions) -> dict[str, str]:
    if not call.creates:
        return {}
    if (key := options.get("idempotency_key", _NEW)) is _NEW:
        return {"Idempotency-Key": runtime.new_id()}
    if not isinstance(key, str):
        raise InvalidArgumentError("idempotency_key must be a text", field="idempotency_key")
    return check_headers({"Idempotency-Key": key}, "idempotency_key")
