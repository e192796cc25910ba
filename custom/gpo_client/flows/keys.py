"""The API key, where it is asked for: when a session is opened, and again after a 401."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpo_client.config import rules
from gpo_client.config.key_providers import key_of
from gpo_client.exceptions import ConfigurationError, CredentialError
from gpo_client.flows.effects import Acquire, Ask, Flow, Release
from gpo_client.models.secret import Secret


class KeySource:
    """Asks for the key. Calls that want it at the same time share one asking, and its failure.

    Args:
        ask: Gives the key, perhaps awaited.
        make_lock: Makes a lock of the client's concurrency.
        timeout: Seconds that an answer may take; None: no limit.
    """

    def __init__(self, ask: Callable[[], Any], make_lock: Callable[[], Any], timeout: float | None) -> None:
        self._ask = ask
        self._make_lock = make_lock
        self._timeout = timeout
        self._lock = make_lock()
        self._times = 0
        self._outcome: Secret | BaseException = Secret()

    def key(self, used: Secret | None = None) -> Flow[Secret]:
        """Return the key.

        Args:
            used: The one that was not accepted; None: none was sent yet.

        Raises:
            CredentialError: There is none.
        """
        times = self._times
        yield from Acquire(self._lock)
        # Somebody else may have asked meanwhile, or since the one that was not accepted was given.
        is_known = isinstance(self._outcome, Secret) and used not in (None, self._outcome)
        if self._times == times and not is_known:
            self._outcome = _checked((yield from Ask(self._ask, self._timeout)))
            self._times += 1
        outcome = self._outcome
        yield from Release(self._lock)
        if isinstance(outcome, Secret):
            return outcome
        raise CredentialError(f"the API key was asked for in vain: {outcome}") from outcome

    def after_fork(self) -> None:
        """In a child: a thread that held the lock is not there to give it back."""
        self._lock = self._make_lock()


def _checked(given: Any) -> Secret | BaseException:
    if isinstance(given, BaseException):
        # Without its traceback: the frames of what asks hold the secrets that it asks with.
        return given.with_traceback(None)
    key = key_of(given)
    try:
        rules.SECRET.check("api_key", key, "what it was asked of")
    except ConfigurationError as error:
        return error.with_traceback(None)
    if key is None:
        return TypeError(f"what was asked gave a {type(given).__name__}, not a text or an object with a token")
    return Secret(key)
