"""The runtime of a client, with the time and the chance of this machine, and its transport, made when it is needed."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Generic, TypeVar, cast
from weakref import WeakSet
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gpo_client.config import GPOConfig
from gpo_client.config.keys import asker, is_provider
from gpo_client.drivers.requests import Run, client_closed
from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.active_call import Runtime
from gpo_client.flows.credentials import KeySource, KnownSecrets, TokenStore
from gpo_client.flows.observers import Hooks
from gpo_client.flows.options import WindowOptions, check_names
from gpo_client.http import processes
from gpo_client.http.aio import AsyncHttpClient
from gpo_client.http.given import library_of
from gpo_client.http.sync import HttpClient
from gpo_client.limits import Limiter, Signal
from gpo_client.logs.observer import log_observer
from gpo_client.models.secret import Secret
from gpo_client.operations.filters import DateReader
from gpo_client.sse.retry import RetryPolicy


def make_runtime(
    config: GPOConfig, hooks: Hooks, make_lock: Callable[[], Any], make_signal: Callable[[], Signal]
) -> Runtime:
    """Return the runtime of a client, with locks and signals of asyncio and trio, or of threads."""
    tokens = TokenStore(make_lock, _utc_now, config.token_renewal_buffer)
    processes.register(tokens)
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
        tokens=tokens,
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


def date_reader(options: WindowOptions) -> DateReader:
    """Return what reads dates now, by the options of a call: those of the window, which it takes out of them. Raises
    InvalidArgumentError: there is no such time zone, or an option does not exist.
    """
    check_names(options, WindowOptions)
    time_zone, window = options.pop("time_zone", None), options.pop("window", None)
    if time_zone is None:
        return DateReader(datetime.now(UTC), within=window)
    try:
        return DateReader(datetime.now(UTC), ZoneInfo(time_zone), window)
    except (ZoneInfoNotFoundError, ValueError, TypeError, AttributeError, OSError) as error:
        message = f"time_zone must be a name of the IANA database, such as 'America/Mexico_City', not {time_zone!r}"
        raise InvalidArgumentError(message, field="time_zone") from error


T = TypeVar("T")


class TransportHandle(Generic[T]):
    """Makes a transport when it is first needed, once, whichever thread comes first.

    ``is_given`` says whether it is over an HTTP client that was handed in.
    """

    def __init__(self, make: Callable[[], T], *, is_given: bool = False) -> None:
        self._make = make
        self._transport: T | None = None
        self.is_given = is_given
        self._closed = False
        self._lock = Lock()
        self._runs: WeakSet[Run] = WeakSet()
        processes.register(self)

    @property
    def is_closed(self) -> bool:
        """Whether it serves nobody any more."""
        return self._closed

    def check(self) -> None:
        """Find out early. Raises UsageError if the client has been closed."""
        if self._closed:
            raise client_closed()

    def get(self) -> T:
        """Return the transport. Raises UsageError if the client has been closed."""
        if (made := self._transport) is not None:
            return made
        with self._lock:
            self.check()
            if self._transport is None:
                self._transport = self._make()
            return self._transport

    def note(self, run: Run) -> None:
        """Remember a run: it is to end when the transport is closed, whatever it waits for."""
        with self._lock:
            self._runs.add(run)

    def take(self) -> T | None:
        """Stop all runs and return the transport, to be closed.

        None when there is none to close (any more). Nobody gets it afterwards.
        """
        with self._lock:
            self._closed = True
            transport, self._transport = self._transport, None
            runs = tuple(self._runs)
        for run in runs:
            run.stop()
        return transport

    def after_fork(self) -> None:
        """In a child: what the parent uses is left to it, and a thread that held the lock cannot give it back."""
        self._lock = Lock()
        if not self.is_given:
            processes.leave(self._transport)
            self._transport = None


def sync_given_client(given: object) -> HttpClient | None:
    """Return the ``http_client`` of a blocking client; InvalidArgumentError for all but a ``Client`` of httpx or
    httpx2.
    """
    return cast("HttpClient | None", _checked(given, "Client", "AsyncClient", "GPOCoreClient"))


def async_given_client(given: object) -> AsyncHttpClient | None:
    """Return the ``http_client`` of an asynchronous client, likewise an ``AsyncClient``."""
    return cast("AsyncHttpClient | None", _checked(given, "AsyncClient", "Client", "SyncGPOCoreClient"))


def _checked(given: object, wanted: str, other: str, for_other: str) -> Any:
    library = library_of(given)
    if given is None or isinstance(given, getattr(library, wanted, ())):
        return given
    named = f"{library.__name__ if library else 'httpx'}.{wanted}"
    if isinstance(given, type):
        what = f"the class {given.__name__}: make one first, {named}()"
    else:
        is_other = isinstance(given, getattr(library, other, ()))
        what = _name(type(given)) + (f", which {for_other} takes" if is_other else "")
    raise InvalidArgumentError(f"http_client must be an {named}, not {what}", field="http_client")


def _name(kind: type) -> str:
    # httpx and requests say that their classes are at home where users import them from.
    home = kind.__module__.partition(".")[0]
    return kind.__qualname__ if home == "builtins" else f"{home}.{kind.__qualname__}"
