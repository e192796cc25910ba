"""Strings and bytes that do not show themselves."""

from __future__ import annotations

from typing import NoReturn, Self, SupportsIndex

from gpo_client.exceptions import UsageError

MASK = "'**********'"
_SHOWN = MASK.strip("'")


class SecretBytes(bytes):
    """An answer's body: bytes that tell their number when they are printed, and nothing else.

    >>> SecretBytes(b'{"token": "s3cr3t"}')
    <19 bytes>
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Secret(str):
    """A token, a key, or an address with a password in it: whoever prints it, or what holds it, sees a mask.

    ``repr``, ``str``, ``print``, formatting (f-strings, ``%s``, ``format``) and logging give the mask, and so do attrs
    classes, containers and tracebacks. :meth:`reveal` gives the value. Everything that works on the characters
    themselves works as with any string: comparing, hashing, adding, encoding, and writing JSON, which is how a token is
    handed on to another program. What is made of it that way is an ordinary string.

    Copies are the secret itself. Pickling is refused: pickles end up in caches, queues and files that nobody thinks of
    as places for tokens.

    >>> token = Secret("s3cr3t")
    >>> token
    '**********'
    >>> f"{token} and {token!r}", "%s" % token
    ("********** and '**********'", '**********')
    >>> "Bearer " + token.reveal()
    'Bearer s3cr3t'
    """

    __slots__ = ()

    def __new__(cls, value: str = "") -> Self:
        """A secret with this value."""
        # str(…) of a secret is the mask.
        return super().__new__(cls, value.reveal() if isinstance(value, Secret) else value)

    def reveal(self) -> str:
        """The value, as an ordinary string."""
        return str.__str__(self)

    def __repr__(self) -> str:
        return MASK

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, format_spec: str) -> str:
        return format(_SHOWN, format_spec)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise UsageError(
            "secrets are not pickled, nor what holds them (contexts, sessions, settings): open a session in the process"
            " that needs one, or hand on token.reveal() by a way that you trust"
        )
