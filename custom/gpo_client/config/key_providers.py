"""Keys that are asked for: functions, and the credentials of identity platforms."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

#: What a function that is asked for the key gives: the key, on an asynchronous client perhaps awaited.
KeyFunction = Callable[[], str | Awaitable[str]]


class TokenCredential(Protocol):
    """A credential as ``azure.identity`` has them, blocking or asynchronous."""

    def get_token(self, *scopes: str) -> Any:
        """Return an access token for the scopes: an object whose ``token`` is the text, perhaps awaited."""
        ...


def is_provider(value: object) -> bool:
    """Whether a value is asked for the key, and is not the key."""
    return not isinstance(value, type) and (callable(value) or _is_credential(value))


def asker(provider: Any, scope: str | None) -> Callable[[], Any]:
    """Return what asks a provider.

    Args:
        provider: A function, or a credential.
        scope: The scopes of a credential's tokens, separated by blanks.
    """
    return partial(provider.get_token, *(scope or "").split()) if _is_credential(provider) else provider


def wants_scope(provider: object, scope: str | None) -> bool:
    """Whether a provider must be told a scope, and is not."""
    return _is_credential(provider) and not scope


def key_of(given: Any) -> Any:
    """Return the key in what a provider gave: the text itself, or the ``token`` of an access token."""
    return given if isinstance(given, str) else getattr(given, "token", None)


def _is_credential(value: object) -> bool:
    return callable(getattr(value, "get_token", None))
