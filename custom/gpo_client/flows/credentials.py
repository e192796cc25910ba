"""Credentials: tokens that renew themselves, API keys that are asked for, and both kept out of texts and errors."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar, cast

import attrs

from gpo_client.config import rules
from gpo_client.config.keys import key_of
from gpo_client.exceptions import ConfigurationError, CredentialError, GPOClientError
from gpo_client.flows.effects import Acquire, Ask, Flow, Release
from gpo_client.models.secret import Secret
from gpo_client.models.session import Session
from gpo_client.models.spellings import without_secrets

# Enough for every session that a service has open at a time; beyond it the oldest are forgotten.
_MOST_LEASES = 10_000


Parent = TypeVar("Parent")


class Lease(Generic[Parent]):
    """One session, through all the tokens it has had. ``reopen`` opens it again, for the reporter of a call."""

    def __init__(self, reopen: Callable[[Parent], Flow[Session]], session: Session, lock: Any) -> None:
        self.reopen = reopen
        self.session = session
        self.lock = lock


class TokenStore:
    """The sessions that a client has opened and may open again.

    Whoever holds a context holds the token it was made with, so the book finds a session by any token it ever had.
    ``buffer`` is how many seconds before its end a token is renewed.
    """

    def __init__(self, make_lock: Callable[[], Any], now: Callable[[], datetime], buffer: float) -> None:
        self._make_lock = make_lock
        self._now = now
        self._buffer = timedelta(seconds=buffer)
        self._leases: OrderedDict[Secret, Lease[Any]] = OrderedDict()

    def remember(self, session: Session, reopen: Callable[[Any], Flow[Session]]) -> None:
        """Note a session that was opened, and how to open it again."""
        self.put(session.token, Lease(reopen, session, self._make_lock()))

    def forget(self, token: Secret) -> None:
        """Forget a session that was ended: it shall not be opened again."""
        ended = self._leases.get(token)
        for known in [known for known, lease in list(self._leases.items()) if lease is ended]:
            self._leases.pop(known, None)

    def find(self, token: Secret | None) -> Lease[Any] | None:
        """Return the session that has or had this token; None when it was not opened here."""
        return self._leases.get(token) if token is not None else None

    def is_due(self, lease: Lease[Any]) -> bool:
        """Whether the session's token is so near its end that it should not be used any more.

        A token of which nobody knows the end is used until the service refuses it.
        """
        end = lease.session.expires_at
        return end is not None and end <= self._now() + self._buffer

    def renew(self, lease: Lease[Parent], used: Secret, within: Parent) -> Flow[None]:
        """Open a session again, unless somebody else has done so since its token ``used`` was sent.

        However many calls find the token expired, the first one renews it and the others wait for that. Raises
        GPOClientError: the session cannot be opened again.
        """
        yield from Acquire(lease.lock)
        try:
            if lease.session.token == used:  # else somebody has renewed it while this call waited for the lock
                lease.session = yield from lease.reopen(within)
                self.put(lease.session.token, lease)
        except GPOClientError:
            yield from Release(lease.lock)  # the flow may go on without a new token
            raise
        yield from Release(lease.lock)

    def after_fork(self) -> None:
        """In a child: a thread that was renewing a token is not there to give its lock back."""
        for lease in self._leases.values():
            lease.lock = self._make_lock()

    def put(self, token: Secret, lease: Lease[Any]) -> None:
        """Keep a lease; of more than can be kept, the one that was used longest ago goes."""
        self._leases[token] = lease
        self._leases.move_to_end(token)
        while len(self._leases) > _MOST_LEASES:
            self._leases.popitem(last=False)


class KeySource:
    """Asks for the key. Calls that want it at the same time share one asking, and its failure."""

    def __init__(self, ask: Callable[[], Any], make_lock: Callable[[], Any], timeout: float | None) -> None:
        self._ask = ask
        self._make_lock = make_lock
        self._timeout = timeout
        self._lock = make_lock()
        self._times = 0
        self._outcome: Secret | BaseException = Secret()

    def key(self, used: Secret | None = None) -> Flow[Secret]:
        """Return the key, another than the ``used`` one, which was not accepted; CredentialError if there is none."""
        times = self._times  # before the lock: whoever asks while this one waits for it has asked for this one too
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


# Of the last so many. A service has more sessions, but each text is searched for each of these.
_MOST_SECRETS = 100

# A token of fewer characters may be a word, or part of one, in any message of ours.
_SHORTEST = 6

# Messages show no more than the beginning of what is long, and may end amid a token.
_hidden = partial(without_secrets, may_be_cut=True)


class KnownSecrets:
    """Takes tokens and keys out of texts that come from the server.

    >>> secrets = KnownSecrets()
    >>> secrets.note(Secret("s3cr3t"))
    >>> secrets.masked("request s3cr3t-1")
    'request **********-1'
    """

    def __init__(self, key: Secret | None = None) -> None:
        self._key = key or Secret()
        # Replaced as a whole, so that several threads may do so: at worst one of two that are new is forgotten.
        self._known: tuple[Secret, ...] = ()

    def note(self, secret: Secret) -> None:
        """One that is being sent."""
        if secret and secret not in self._known:
            self._known = (secret, *self._known)[:_MOST_SECRETS]

    def masked(self, text: str) -> str:
        """Return the text without any of them, in whatever spelling."""
        return _hidden(text, (self._key, *self._known))

    def hide_in(self, error: GPOClientError) -> None:
        """Take them out of an error and its causes; those that are too short to be told from words stay."""
        hide_secrets(error, [secret for secret in (self._key, *self._known) if len(secret) >= _SHORTEST])


# Texts of so many characters are searched in some milliseconds, for whatever they hold.
_LONG = 4096


def is_long(error: GPOClientError) -> bool:
    """Return whether there is so much text in an error and its causes that to search it keeps others waiting."""
    return any(len(text) > _LONG for one in _chain(error) for text in _texts(one))


def _texts(error: BaseException) -> Iterator[str]:
    if not isinstance(error, GPOClientError):
        yield str(error)
    elif (problem := vars(error).get("problem")) is not None:
        yield from (value for value in attrs.asdict(problem).values() if isinstance(value, str))


def hide_secrets(error: GPOClientError, secrets: Iterable[str]) -> None:
    """Take secrets out of an error and its causes, where it is. What the service answered (``partial``) stays."""
    known = tuple(secrets)
    for one in _chain(error):
        if isinstance(one, GPOClientError):
            _mask_attributes(one, known)
        one.args = tuple(_hidden(arg, known) if isinstance(arg, str) else arg for arg in one.args)
        for name in ("__cause__", "__context__"):
            behind = cast("BaseException | None", getattr(one, name))
            if behind is not None and not isinstance(behind, GPOClientError):
                setattr(one, name, _printable(behind, known))


def _mask_attributes(error: GPOClientError, known: tuple[str, ...]) -> None:
    for name, value in vars(error).items():
        if isinstance(value, str) and name != "last_event_id":  # which the stream is continued with
            vars(error)[name] = _hidden(value, known)
    problem: Any = vars(error).get("problem")
    if problem is not None:
        fields = {name: _hidden(text, known) for name, text in attrs.asdict(problem).items() if isinstance(text, str)}
        vars(error)["problem"] = attrs.evolve(problem, **fields)


def _printable(cause: BaseException, known: tuple[str, ...]) -> BaseException:
    """Return a cause that shows no secret: itself, or what can be said of it, with its own causes."""
    shown = f"{cause!s} {cause!r}"
    if _hidden(shown, known) == shown:
        return cause
    kind = type(cause)
    clean = Exception(_hidden(f"{kind.__module__}.{kind.__qualname__}: {cause}", known))
    clean.__cause__, clean.__context__ = cause.__cause__, cause.__context__
    clean.__suppress_context__ = cause.__suppress_context__
    return clean


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return the error and what is behind it, each once; what is behind is looked at after it was handed out."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__]
