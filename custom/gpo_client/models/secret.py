"""Strings that are masked where objects are shown, and bytes likewise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Self, cast

#: What stands in the place of a secret, and that as ``repr`` writes it.
SHOWN = "**********"
MASK = repr(SHOWN)

#: Why a value that holds the mask is refused.
IS_MASKED = "it is the mask that repr() shows in the place of a secret; hand on the value itself, which str() gives"


class SecretBytes(bytes):
    """An answer's body: bytes that tell their number when they are printed, and nothing else.

    >>> SecretBytes(b'{"token": "s3cr3t"}')
    <19 bytes>
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class Secret(str):
    """A token, a key, or an address with a password in it: a string whose ``repr`` is a mask.

    It is used like any string: ``str``, ``print``, f-strings, ``%s``, ``format``, parameters of addresses, JSON
    (``json``, orjson; msgspec with ``enc_hook=str``), pickles and :meth:`reveal` give the value. What shows objects
    shows the mask: ``repr``, containers, attrs classes, tracebacks, debuggers, and loggers that print the ``repr`` of
    what they are given (rich, structlog).

    A part of it is a secret too, and so is what is made of it: slices and the characters that iteration gives,
    ``strip``, ``split`` and ``partition`` and their kin, ``removeprefix``, ``replace``, ``upper`` and all else that
    changes characters, ``token + "…"`` and ``"Bearer " + token``, ``token * 2``, ``token.join(…)``. A plain string is
    what formatting gives (f-strings, ``%``, ``str.format``), ``str.join`` of other strings, and regular expressions;
    ``encode`` gives plain bytes.

    Copies are the secret itself. A pickle holds the value: keep it where you would keep the token.

    >>> token = Secret("s3cr3t")
    >>> token, [token[:3]], "Bearer " + token
    ('**********', ['**********'], '**********')
    >>> f"Bearer {token}", "%s" % token
    ('Bearer s3cr3t', 's3cr3t')
    """

    __slots__ = ()

    def reveal(self) -> str:
        """Return the value, as an ordinary string."""
        return str(self)

    def __repr__(self) -> str:
        return MASK

    def __format__(self, format_spec: str) -> str:
        return format(str(self), format_spec)  # with ":s", a str gives back itself

    def __iter__(self) -> Iterator[Self]:
        return map(type(self), super().__iter__())

    def __radd__(self, other: str) -> Self:
        # Python asks here before it asks str to add: a subclass comes first.
        return type(self)(other + str(self)) if isinstance(other, str) else NotImplemented  # pyright: ignore[reportUnnecessaryIsInstance]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        from gpo_client.models.pydantic_types import schema_of_secret

        return schema_of_secret(cls)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type[Self], tuple[str]]:
        return type(self), (str(self),)


def holds_mask(value: str) -> bool:
    """Whether a value is, or has in it, the mask of a secret: somebody has copied what was shown.

    >>> holds_mask("Bearer **********"), holds_mask("s3cr3t")
    (True, False)
    """
    return SHOWN in value


# The methods of str that give a part of it, or its characters changed.
_KEEPING = (
    "__getitem__ __add__ __mul__ __rmul__ __mod__ capitalize casefold center expandtabs format format_map join ljust "
    "lower lstrip partition removeprefix removesuffix replace rjust rpartition rsplit rstrip split splitlines strip "
    "swapcase title translate upper zfill"
)


def _keeping(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def of_secret(self: Secret, *args: Any, **named: Any) -> Any:
        return _kept(type(self), method(self, *args, **named))

    return of_secret


def _kept(kind: type[Secret], made: Any) -> Any:
    if isinstance(made, str):
        return kind(made)
    if isinstance(made, list | tuple):
        return type(made)(kind(part) for part in cast("list[str]", made))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return made  # NotImplemented


for _name in _KEEPING.split():
    setattr(Secret, _name, _keeping(getattr(str, _name)))
