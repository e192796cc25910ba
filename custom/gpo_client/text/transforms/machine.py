"""Protocols of transforms, and the base of the library's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from gpo_client.exceptions import InvalidArgumentError, UsageError

Out = TypeVar("Out")


class Machine(ABC, Generic[Out]):
    """A transform that serves one text and says so when it is given another."""

    _closed = False

    def feed(self, text: str, /) -> Out:
        """Return what may leave now.

        Args:
            text: The next portion of the text.

        Raises:
            InvalidArgumentError: ``text`` is no text, such as the None of a chunk without content.
            UsageError: The transform is closed.
        """
        if self._closed:
            raise UsageError("the transform is closed: it serves one text, make a new one for the next")
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - users without a type checker
            raise InvalidArgumentError(f"a transform is fed with text, not {text!r}", field="text")
        return self._take(text)

    def close(self) -> Out:
        """Return the text has ended: what was held back. Closing twice is allowed and gives nothing more."""
        if self._closed:
            return self._take("")
        self._closed = True
        return self._finish()

    def cut(self) -> Out:
        """Return the text breaks off here: what was held back, as far as it may be shown. Instead of ``close``."""
        if self._closed:
            return self._take("")
        self._closed = True
        return self._break_off()

    def _break_off(self) -> Out:
        """Return what is held, when nobody can tell how the text would have gone on."""
        return self._finish()

    @abstractmethod
    def _take(self, text: str) -> Out:
        """Return what may leave once ``text`` has arrived; nothing for an empty text."""

    @abstractmethod
    def _finish(self) -> Out:
        """Everything that is held."""


T_co = TypeVar("T_co", covariant=True)


class TextTransform(Protocol):
    """Changes a text while it arrives. Sans-I/O.

    Any object with these two methods will do; one that also has ``cut()`` is told by it, instead of by ``close``, that
    the text breaks off because its stream has failed. It serves one text: make a new one for each stream. Whatever
    portions the text arrives in, the joined results must be the same; what cannot be decided yet is held back until it
    can.

    Thread and task safety: it has one owner; calls must not overlap.

    >>> class Shout:
    ...     def feed(self, text: str) -> str:
    ...         return text.upper()
    ...
    ...     def close(self) -> str:
    ...         return "!"
    >>> from gpo_client.streaming import Pipeline
    >>> shout = Pipeline(Shout())
    >>> [*shout.feed("Mexico taxes "), *shout.feed("income"), *shout.close()]
    ['MEXICO TAXES ', 'INCOME', '!']
    """

    def feed(self, text: str, /) -> str:
        """Return what may leave now.

        Args:
            text: The next portion. It may be empty, which must change nothing and give nothing.
        """
        ...

    def close(self) -> str:
        """Return the text has ended: what was held back."""
        ...


class Splitter(Protocol[T_co]):
    """Cuts a text into items while it arrives: sentences, segments, whatever. Sans-I/O.

    Like a :class:`TextTransform`, but it gives a list (or another sequence that is no ``str``) of items.

    Thread and task safety: it has one owner; calls must not overlap.

    >>> class Words:
    ...     def __init__(self) -> None:
    ...         self._rest = ""
    ...
    ...     def feed(self, text: str) -> list[str]:
    ...         *words, self._rest = (self._rest + text).split(" ")
    ...         return words
    ...
    ...     def close(self) -> list[str]:
    ...         return [self._rest] if self._rest else []
    >>> words = Words()
    >>> [*words.feed("Mexico ta"), *words.feed("xes income"), *words.close()]
    ['Mexico', 'taxes', 'income']
    """

    def feed(self, text: str, /) -> Sequence[T_co]:
        """Return the items that are complete now.

        Args:
            text: The next portion. It may be empty, which must change nothing and give nothing.
        """
        ...

    def close(self) -> Sequence[T_co]:
        """Return the text has ended: the items that are complete only now."""
        ...


def check_size(field: str, value: object) -> int:
    """``value`` if it is a number of characters, 1 or more.

    Raises:
        InvalidArgumentError: It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{field} must be a number of characters, 1 or more, not {value!r}", field=field)
    return value


def check_text(field: str, value: object) -> str:
    """``value`` if it is a text.

    Raises:
        InvalidArgumentError: It is none.
    """
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{field} must be a text, not {value!r}", field=field)
    return value


def check_list(field: str, value: object, of: str) -> list[Any]:
    """Return the items of ``value`` if it is an iterable of some, and no text.

    Raises:
        InvalidArgumentError: It is something else, or has no items.
    """
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidArgumentError(f"{field} must be a list of {of}, not {value!r}", field=field)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not items:
        raise InvalidArgumentError(f"{field} is empty: name one at least, or leave the transform out", field=field)
    return items
