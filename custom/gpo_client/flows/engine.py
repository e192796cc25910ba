"""What all flows of a client share, and the state of one call on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs

from gpo_client.exceptions import InvalidArgumentError, InvalidResponseError
from gpo_client.flows.deadline import Clock, Deadline
from gpo_client.flows.options import CallOptions, check_headers
from gpo_client.flows.verdicts import Circumstances, request_id
from gpo_client.streaming.compression import ACCEPTED

if TYPE_CHECKING:
    from gpo_client.config import GPOConfig
    from gpo_client.flows.call import Call
    from gpo_client.flows.effects import Opened
    from gpo_client.flows.request import Request


@attrs.frozen
class Engine:
    """The settings of a client, and the clock and chance that its flows must not fetch for themselves.

    Attributes:
        config: The settings.
        clock: Seconds on a monotonic clock.
        new_id: Makes an identifier that nobody else has.
    """

    config: GPOConfig
    clock: Clock
    new_id: Callable[[], str]


class Journey:
    """One call on its way: what it sends, and what an error about it would tell."""

    def __init__(
        self, engine: Engine, call: Call[Any], options: CallOptions, *, accept: str, encodings: str = ACCEPTED
    ):
        self.engine = engine
        self.started = engine.clock()
        self.attempts = 0
        self.request: Request = call.request.addressed(
            engine.config.base_url,
            {
                "Accept": accept,
                "Accept-Encoding": encodings,
                "User-Agent": engine.config.user_agent,
                "X-Request-ID": engine.new_id(),
                **_authorization(engine, call),
                **_idempotency(engine, call, options),
                **check_headers(options.get("headers", {}), "headers"),
            },
        )

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self.engine.clock() - self.started

    def deadline(self, seconds: float | None) -> Deadline:
        """The deadline that many seconds from now."""
        return Deadline.after(self.engine.clock, seconds)

    def invalid(self, head: Opened, message: str, *, path: str | None = None) -> InvalidResponseError:
        """The exception for an answer that breaks the contract."""
        return InvalidResponseError(
            message,
            path=path,
            status_code=head.status,
            request_id=request_id(head) or self.request.headers["X-Request-ID"],
            attempts=self.attempts,
            elapsed=self.elapsed,
        )

    @property
    def circumstances(self) -> Circumstances:
        """What an error tells besides its cause."""
        return Circumstances(
            base_url=self.engine.config.base_url,
            request_id=self.request.headers["X-Request-ID"],
            attempts=self.attempts,
            elapsed=self.elapsed,
        )


def _authorization(engine: Engine, call: Call[Any]) -> dict[str, str]:
    token = call.token or engine.config.api_key
    return dict(check_headers({"Authorization": f"Bearer {token}"}, "token")) if token else {}


def _idempotency(engine: Engine, call: Call[Any], options: CallOptions) -> dict[str, str]:
    if not call.creates:
        return {}
    key = options.get("idempotency_key") or engine.new_id()
    if not isinstance(key, str):
        raise InvalidArgumentError("idempotency_key must be a text", field="idempotency_key")
    return dict(check_headers({"Idempotency-Key": key}, "idempotency_key"))
