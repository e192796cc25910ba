"""Callers: who may come through a door and how much each may ask, and refusals: what is said instead of an answer."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from contextlib import contextmanager
from enum import Enum
from time import monotonic
from typing import Any

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.relay import LogFull, LogUnavailable, ProblemCode, PublicProblem

_LOG = logging.getLogger("gpo_client.doors")

#: Checks a key: returns the caller's name, or None for a key that is not valid.
KeyCheck = Callable[[str], str | Awaitable[str | None] | None]


class _Anyone(Enum):
    ANYONE = "anyone"


#: Stands for keys where none are asked for.
ANYONE = _Anyone.ANYONE

#: Who may come in.
Keys = Collection[str] | Mapping[str, str] | KeyCheck | _Anyone

# What can be sent as it stands (RFC 6750), and is long enough to be a secret.
_KEY = re.compile(r"[!-~]{8,}")
_MINUTE_S = 60.0
# Callers that a callable names are known to nobody beforehand: this many are remembered.
_MOST_CALLERS = 10_000


class Callers:
    """Who may call, and how much.

    Thread and task safety: it may be shared by any number of tasks of one event loop.

    Args:
        keys: The valid keys, each of at least 8 characters; or a mapping of keys to the callers' names; or a function
            that gives the caller's name for a key, None for an invalid one, and may be a coroutine function; or
            ``ANYONE``.
        max_running: How many answers a caller may have at the same time.
        per_minute: How many questions a caller may ask in a minute.

    Raises:
        InvalidArgumentError: There is no key, one is too short to be a secret, or a limit is below 1.
    """

    def __init__(self, keys: Keys, *, max_running: int = 8, per_minute: int = 60) -> None:
        limits: dict[str, object] = {"max_running": max_running, "per_minute": per_minute}
        for name, limit in limits.items():
            if not isinstance(limit, int) or limit < 1:
                raise InvalidArgumentError(f"{name} must be a whole number from 1 on, not {limit!r}", field=name)
        self._check = _check_of(keys)
        self._limits = CallerLimits(max_running, per_minute)

    async def find(self, authorization: str | None) -> str:
        """Return the name of the caller who sends an ``Authorization`` header (RFC 6750).

        Raises RefusalError: the key is missing or not valid, or cannot be checked.
        """
        if self._check is None:
            return "anyone"
        scheme, _, key = (authorization or "").partition(" ")
        name = await _name_of(key.strip(), self._check) if scheme.lower() == "bearer" and key.strip() else None
        if not name:
            message = "This service wants a key, and no valid one was sent (Authorization: Bearer …)."
            raise RefusalError(401, message, None, "invalid_api_key")
        return name

    @contextmanager
    def asking(self, caller: str) -> Generator[None]:
        """Count a question for as long as it is being answered. Raises RefusalError if the caller asks too much."""
        self._limits.enter(caller, monotonic())
        try:
            yield
        finally:
            self._limits.leave(caller)


@attrs.define
class _Account:
    tokens: float
    at: float
    running: int = 0


class CallerLimits:
    """A bucket of questions for each caller, and how many are being answered. Sans-I/O.

    >>> limits = CallerLimits(max_running=1, per_minute=60)
    >>> limits.enter("a", now=0.0)
    >>> limits.enter("a", now=0.0)
    Traceback (most recent call last):
    gpo_client.doors.callers.RefusalError: (429, 'Too many questions: please wait.', ...)
    """

    def __init__(self, max_running: int, per_minute: int) -> None:
        self._max_running = max_running
        self._per_minute = per_minute
        # In the order in which they asked last.
        self._accounts: dict[str, _Account] = {}

    def enter(self, caller: str, now: float) -> None:
        """Take a question. Raises RefusalError if it would be one too many."""
        account = self._accounts.pop(caller, None) or _Account(self._per_minute, now)
        self._accounts[caller] = account
        refilled = account.tokens + (now - account.at) * self._per_minute / _MINUTE_S
        account.tokens, account.at = min(self._per_minute, refilled), now
        if account.running >= self._max_running:
            raise _too_much(1.0)
        if account.tokens < 1:
            raise _too_much((1 - account.tokens) * _MINUTE_S / self._per_minute)
        account.tokens -= 1
        account.running += 1
        self._forget()

    def leave(self, caller: str) -> None:
        """Note that a question has been answered."""
        if (account := self._accounts.get(caller)) is not None:
            account.running -= 1

    def _forget(self) -> None:
        idle = (name for name, account in self._accounts.items() if not account.running)
        while len(self._accounts) > _MOST_CALLERS and (name := next(idle, None)) is not None:
            del self._accounts[name]
            idle = (name for name, account in self._accounts.items() if not account.running)


def _too_much(retry_after: float) -> RefusalError:
    return RefusalError(429, "Too many questions: please wait.", None, "rate_limited", retry_after)


def _check_of(keys: Keys) -> KeyCheck | None:
    if keys is ANYONE:
        return None
    if callable(keys):
        return keys
    given: Any = keys
    try:
        named: dict[str, str | None] = dict(given) if hasattr(given, "keys") else dict.fromkeys(given)
    except TypeError:
        named = {}
    if not named or not all(_is_key(key, name) for key, name in named.items()):
        message = (
            "keys must be a list of keys, a mapping of keys to names, or a function; a key has at least 8 characters, "
            "all of ASCII and none a space; gpo_client.doors.ANYONE lets everybody in"
        )
        raise InvalidArgumentError(message, field="keys")
    # Compared as digests and all of them, so that the time it takes tells nothing of a key.
    names = {_digest(key): name or f"key-{_digest(key).hex()[:12]}" for key, name in named.items()}

    def check(key: str) -> str | None:
        given = _digest(key)
        found: str | None = None
        for digest, name in names.items():
            if hmac.compare_digest(digest, given):
                found = name
        return found

    return check


def _is_key(key: object, name: object) -> bool:
    return isinstance(key, str) and bool(_KEY.fullmatch(key)) and isinstance(name, str | None)


async def _name_of(key: str, check: KeyCheck) -> str | None:
    """Return what the operator's check says of a key; whatever it raises is for the log alone."""
    try:
        found: Any = check(key)
        name: Any = await found if inspect.isawaitable(found) else found
        if not isinstance(name, str | None):
            raise TypeError(f"keys gave {type(name).__name__} for a key: it must give the caller's name, or None")
    except Exception:  # noqa: BLE001 - it is the operator's
        _LOG.exception("a caller is turned away: its key cannot be checked")
        message = "Keys cannot be checked at the moment. Please try again later."
        raise RefusalError(503, message, None, ProblemCode.UNAVAILABLE.value) from None
    return name


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def problem_of(error: BaseException, sentences: Mapping[str, str] | None = None) -> PublicProblem:
    """Return what a caller is told of an error: nothing that is the service's own. Without its log it is busy."""
    return PublicProblem.of(ProblemCode.BUSY if isinstance(error, LogUnavailable | LogFull) else error, sentences)


_STATUSES = {
    ProblemCode.INVALID_QUESTION: 400,
    # It is the operator's own key that the service refuses, not the caller's.
    ProblemCode.NOT_AUTHORIZED: 502,
    ProblemCode.NOT_FOUND: 404,
    ProblemCode.CONFLICT: 409,
    ProblemCode.RATE_LIMITED: 429,
    ProblemCode.BUSY: 503,
    ProblemCode.UNAVAILABLE: 503,
    ProblemCode.TIMEOUT: 504,
    ProblemCode.INTERRUPTED: 502,
}


@attrs.frozen
class RefusalError(Exception):
    """A request that gets no answer, or not the whole of it.

    >>> RefusalError.of(PublicProblem("busy", "Please wait.")).is_repeatable
    True
    """

    status: int
    message: str
    param: str | None = None  # the field of the request that it is about
    code: str | None = None  # for programs
    retry_after: float | None = None  # seconds until another try is welcome; None: not known

    @classmethod
    def of(cls, problem: PublicProblem) -> RefusalError:
        """Return the refusal for a problem of the relay."""
        return cls(_STATUSES.get(ProblemCode(problem.code), 500), problem.error, None, problem.code)

    @property
    def is_repeatable(self) -> bool:
        """Whether nothing was asked yet, so that another try asks once."""
        return self.status in (429, 503)

    @property
    def headers(self) -> dict[str, str]:
        """Fields of the response's head (RFC 9110)."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {} if self.retry_after is None else {"Retry-After": str(max(1, round(self.retry_after)))}
