"""What a transform is, for those of users' own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

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
