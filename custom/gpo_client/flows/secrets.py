"""Secrets that a client has sent, taken out of texts and errors that come from the server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import attrs

from gpo_client.exceptions import GPOClientError
from gpo_client.models.secret import Secret
from gpo_client.models.spellings import without_secrets

# Of the last so many. A service has more sessions, but each text is searched for each of these.
_MOST = 100

# A token of fewer characters may be a word, or part of one, in any message of ours.
_SHORTEST = 6


class KnownSecrets:
    """Takes tokens and keys out of texts that come from the server.

    Args:
        key: The API key, if there is one.

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
            self._known = (secret, *self._known)[:_MOST]

    def masked(self, text: str) -> str:
        """Return the text without any of them, in whatever spelling."""
        return without_secrets(text, (self._key, *self._known))

    def hide_in(self, error: GPOClientError) -> None:
        """Take them out of an error and its causes; those that are too short to be told from words stay."""
        hide_secrets(error, [secret for secret in (self._key, *self._known) if len(secret) >= _SHORTEST])


def hide_secrets(error: GPOClientError, secrets: Iterable[str]) -> None:
    """Take secrets out of an error and its causes, where it is.

    Args:
        error: The error. What the service answered (``partial``) stays as it is.
        secrets: What is not to be shown.
    """
    known = tuple(secrets)
    for one in _chain(error):
        if isinstance(one, GPOClientError):
            _mask_attributes(one, known)
        one.args = tuple(without_secrets(arg, known) if isinstance(arg, str) else arg for arg in one.args)
        for name in ("__cause__", "__context__"):
            behind = cast("BaseException | None", getattr(one, name))
            if behind is not None and not isinstance(behind, GPOClientError):
                setattr(one, name, _printable(behind, known))


def _mask_attributes(error: GPOClientError, known: tuple[str, ...]) -> None:
    for name, value in vars(error).items():
        if isinstance(value, str) and name != "last_event_id":  # which the stream is continued with
            vars(error)[name] = without_secrets(value, known)
    problem: Any = vars(error).get("problem")
    if problem is not None:
        fields = {
            name: without_secrets(text, known) for name, text in attrs.asdict(problem).items() if isinstance(text, str)
        }
        vars(error)["problem"] = attrs.evolve(problem, **fields)


def _printable(cause: BaseException, known: tuple[str, ...]) -> BaseException:
    """Return a cause that shows no secret: itself, or what can be said of it, with its own causes."""
    shown = f"{cause!s} {cause!r}"
    if without_secrets(shown, known) == shown:
        return cause
    kind = type(cause)
    clean = Exception(without_secrets(f"{kind.__module__}.{kind.__qualname__}: {cause}", known))
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
