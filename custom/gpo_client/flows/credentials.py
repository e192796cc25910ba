"""Credentials: tokens that renew themselves, and API keys that are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from gpo_client.config import rules
from gpo_client.config.key_providers import key_of
from gpo_client.exceptions import ConfigurationError, CredentialError, GPOClientError
from gpo_client.flows.call_reporter import CallReporter
from gpo_client.flows.effects import Acquire, Ask, Flow, Release
from gpo_client.models.secret import Secret
from gpo_client.models.session import Session

# Enough for every session that a service has open at a time; beyond it the oldest are forgotten.
_MOST_LEASES = 10_000


class Lease:
    """One session, through all the tokens it has had.

    Args:
        reopen: Opens the session again, within the call that is watched.
        session: What it is now.
        lock: Held by whoever renews it.
    """

    def __init__(self, reopen: Callable[[CallReporter], Flow[Session]], session: Session, lock: Any) -> None:
        self.reopen = reopen
        self.session = session
        self.lock = lock


class TokenStore:
    """The sessions that a client has opened and may open again.

    Whoever holds a context holds the token it was made with, so the book finds a session by any token it ever had.

    Args:
        make_lock: Makes a lock of the client's world.
        now: The time (UTC).
        buffer: Seconds before its end at which a token is renewed.
    """

    def __init__(self, make_lock: Callable[[], Any], now: Callable[[], datetime], buffer: float) -> None:
        self._make_lock = make_lock
        self._now = now
        self._buffer = timedelta(seconds=buffer)
        self._leases: OrderedDict[Secret, Lease] = OrderedDict()

    def remember(self, session: Session, reopen: Callable[[CallReporter], Flow[Session]]) -> None:
        """Note a session that was opened, and how to open it again."""
        self.put(session.token, Lease(reopen, session, self._make_lock()))

    def forget(self, token: Secret) -> None:
        """Forget a session that was ended: it shall not be opened again."""
        ended = self._leases.get(token)
        for known in [known for known, lease in list(self._leases.items()) if lease is ended]:
            self._leases.pop(known, None)

    def find(self, token: Secret | None) -> Lease | None:
        """Return the session that has or had this token; None when it was not opened here."""
        return self._leases.get(token) if token is not None else None

    def is_due(self, lease: Lease) -> bool:
        """Whether the session's token is so near its end that it should not be used any more.

        A token of which nobody knows the end is used until the service refuses it.
        """
        end = lease.session.expires_at
        return end is not None and end <= self._now() + self._buffer

    def renew(self, lease: Lease, used: Secret, within: CallReporter) -> Flow[None]:
        """Open a session again, unless somebody else has done so since its token ``used`` was sent.

        However many calls find the token expired, the first one renews it and the others wait for that.

        Args:
            lease: The session.
            used: The token that was sent.
            within: The call that found it expired.

        Raises:
            GPOClientError: The session cannot be opened again.
        """
        yield from Acquire(lease.lock)
        try:
            if lease.session.token == used:
                lease.session = yield from lease.reopen(within)
                self.put(lease.session.token, lease)
        except GPOClientError:
            yield from Release(lease.lock)  # the flow may go on without a new token
            raise
        yield from Release(lease.lock)

    def put(self, token: Secret, lease: Lease) -> None:
        """Keep a lease; of more than can be kept, the one that was used longest ago goes."""
        self._leases[token] = lease
        self._leases.move_to_end(token)
        while len(self._leases) > _MOST_LEASES:
            self._leases.popitem(last=False)


class KeySource:
    """Asks for the key. Calls that want it at the same time share one asking, and its failure.

    Args:
        ask: Gives the key, perhaps awaited.
        make_lock: Makes a lock of the client's concurrency.
        timeout: Seconds that a response may take; None: no limit.
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
