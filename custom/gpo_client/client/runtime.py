"""The flows' runtime, with the time and the chance of this machine."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gpo_client.config import GPOConfig
from gpo_client.config.keys import asker, is_provider
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.credentials import KeySource, KnownSecrets, TokenStore
from gpo_client.flows.observers import Hooks
from gpo_client.flows.runtime import Runtime
from gpo_client.http import processes
from gpo_client.limits.limiter import Limiter, Signal
from gpo_client.logs.observer import log_observer
from gpo_client.models.secret import Secret
from gpo_client.operations.filters import DateReader, DateWindow
from gpo_client.sse.retry import RetryPolicy


def make_runtime(
    config: GPOConfig, hooks: Hooks, make_lock: Callable[[], Any], make_signal: Callable[[], Signal]
) -> Runtime:
    """Return the runtime of a client.

    Args:
        config: The client's settings.
        hooks: The client's callbacks and observers.
        make_lock: Makes a lock: of asyncio and trio, or of threads.
        make_signal: Makes what is waited on, likewise.
    """
    return Runtime(
        config=config,
        limiters=_limiters(config, make_signal),
        limit_patience=config.timeout,
        secrets=KnownSecrets(_fixed_key(config)),
        keys=_keys(config, make_lock),
        observers=(log_observer(trace=config.trace_requests), *hooks.observers),
        clock=time.monotonic,
        now=_utc_now,
        random=random.random,
        new_id=lambda: str(uuid.uuid4()),
        hooks=hooks,
        tokens=TokenStore(make_lock, _utc_now, config.token_renewal_buffer),
        retry=RetryPolicy(
            max_retries=config.max_retries,
            backoff_factor=config.retry_backoff_factor,
            max_delay=config.retry_max_delay,
            max_elapsed=config.retry_max_elapsed,
        ),
        resume=RetryPolicy(
            max_retries=config.max_resumes,
            backoff_factor=config.retry_backoff_factor,
            max_delay=config.retry_max_delay,
            max_elapsed=None,
        ),
    )


def make_limiter(
    max_concurrency: int | None, requests_per_second: float | None, *, adaptive: bool, make_signal: Callable[[], Signal]
) -> Limiter:
    """Return a limiter with the time and the chance of this machine; see :class:`Limiter`."""
    limiter = Limiter(
        max_concurrency,
        requests_per_second,
        is_adaptive=adaptive,
        clock=time.monotonic,
        random=random.random,
        make_signal=make_signal,
        lock=threading.RLock,
    )
    processes.register(limiter)
    return limiter


def same_limits(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their limits."""
    return _limits(one) == _limits(other)


def _limits(config: GPOConfig) -> tuple[int | None, float | None, bool]:
    return config.max_concurrency, config.requests_per_second, config.adaptive


def _limiters(config: GPOConfig, make_signal: Callable[[], Signal]) -> tuple[Limiter, ...]:
    most, rate, adaptive = limits = _limits(config)
    if limits == (None, None, False):
        return ()
    return (make_limiter(most, rate, adaptive=adaptive, make_signal=make_signal),)


def _fixed_key(config: GPOConfig) -> Secret | None:
    return config.api_key if isinstance(config.api_key, Secret) else None


def _keys(config: GPOConfig, make_lock: Callable[[], Any]) -> KeySource | None:
    if not is_provider(config.api_key):
        return None
    keys = KeySource(asker(config.api_key, config.api_key_scope), make_lock, config.timeout)
    processes.register(keys)
    return keys


def _utc_now() -> datetime:
    return datetime.now(UTC)


def date_reader(time_zone: str | None = None, window: DateWindow | None = None) -> DateReader:
    """Return what reads dates now.

    Args:
        time_zone: The IANA name of the time zone that dates mean where they name none; None: this machine's.
        window: The window of time that a request is about, as the user gave it.

    Raises:
        InvalidArgumentError: There is no such time zone.
    """
    if time_zone is None:
        return DateReader(datetime.now(UTC), within=window)
    try:
        return DateReader(datetime.now(UTC), ZoneInfo(time_zone), window)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError) as error:
        message = f"time_zone must be a name of the IANA database, such as 'America/Mexico_City', not {time_zone!r}"
        raise InvalidArgumentError(message, field="time_zone") from error
