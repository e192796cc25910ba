"""The runtime that all flows of a client share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import attrs

from gpo_client.config import GPOConfig
from gpo_client.flows.credentials import KeySource, KnownSecrets, TokenStore
from gpo_client.flows.deadlines import Clock
from gpo_client.flows.observers import Hooks, Observer
from gpo_client.limits.limiter import Limiter
from gpo_client.sse.retry import RetryPolicy


@attrs.frozen
class Runtime:
    """The settings of a client, and what its flows must not fetch for themselves: time, chance and memory.

    Attributes:
        config: The settings.
        clock: Seconds on a monotonic clock.
        now: The time (UTC), for what servers give as a date.
        random: A random number from 0 to 1.
        new_id: An identifier that nobody else has.
        hooks: The client's callbacks.
        observers: Whom to tell of every call: the client's own log, and those that the client was given.
        limiters: What calls have to wait for, besides the service.
        limit_patience: Seconds that a call waits for these, if it says nothing else; None: no limit, whatever it says.
        secrets: What observers must not be told.
        keys: Where the API key comes from, if it is asked for.
        tokens: The sessions that the client has opened.
        retry: When to try a call again.
        resume: When to continue a broken stream; each new chunk lets it count from the beginning.
    """

    config: GPOConfig
    clock: Clock
    now: Callable[[], datetime]
    random: Callable[[], float]
    new_id: Callable[[], str]
    hooks: Hooks
    observers: tuple[Observer, ...]
    limiters: tuple[Limiter, ...]
    limit_patience: float | None
    secrets: KnownSecrets
    keys: KeySource | None
    tokens: TokenStore
    retry: RetryPolicy
    resume: RetryPolicy
