"""Protocols of transforms, the base of the library's own, and transforms after each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

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
    """Return ``value`` if it is a number of characters, 1 or more; else raise InvalidArgumentError."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgumentError(f"{field} must be a number of characters, 1 or more, not {value!r}", field=field)
    return value


def check_text(field: str, value: object) -> str:
    """Return ``value`` if it is a text; else raise InvalidArgumentError."""
    if not isinstance(value, str):
        raise InvalidArgumentError(f"{field} must be a text, not {value!r}", field=field)
    return value


def check_list(field: str, value: object, of: str) -> list[Any]:
    """Return the items of ``value`` if it is an iterable of some, and no text; else raise InvalidArgumentError."""
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidArgumentError(f"{field} must be a list of {of}, not {value!r}", field=field)
    items: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if not items:
        raise InvalidArgumentError(f"{field} is empty: name one at least, or leave the transform out", field=field)
    return items


T = TypeVar("T")


class Pipeline(Generic[T]):
    r"""Transforms one after the other, the last of which may be a splitter. Sans-I/O.

    It is a splitter itself: without one at the end its items are pieces of text, none of them empty. A transform that
    raises ends it; the error is passed on as it is, with a note that says which transform it was.

    Thread and task safety: it has one owner; calls must not overlap.

    Args:
        transforms: :class:`TextTransform` objects in the order in which the text goes through them, then, if the result
            is to be cut, one :class:`Splitter`. Each is fed an empty text at once, to see which of the two it is.

    Raises:
        InvalidArgumentError: There are none, one is no transform or stands twice, or a splitter is not the last.
        UsageError: One of them is closed: it has served another text.

    >>> from gpo_client.streaming import escape_html, highlight, lines
    >>> pipeline = Pipeline(escape_html(), highlight(["tax"], "<b>", "</b>"), lines())
    >>> pipeline.feed("Is the t"), pipeline.feed("ax < 30 %?\nNo."), pipeline.close()
    ([], ['Is the <b>tax</b> &lt; 30 %?'], ['No.'])
    """

    @overload
    def __init__(self: Pipeline[str], *transforms: TextTransform) -> None: ...

    @overload
    def __init__(self, *transforms: *tuple[*tuple[TextTransform, ...], Splitter[T]]) -> None: ...

    def __init__(self, *transforms: Any) -> None:  # type: ignore[misc] # mypy: an unpacked tuple in the middle
        if not transforms:
            raise InvalidArgumentError("name one transform at least", field="transforms")
        self._transforms: tuple[Any, ...] = transforms
        self._ended = False
        splits = [self._check(index, transform) for index, transform in enumerate(transforms)]
        self._splits = splits[-1]

    def feed(self, text: str, /) -> list[T]:
        """Return the items that are complete now.

        Args:
            text: The next portion of the text.

        Raises:
            InvalidArgumentError: A transform gave something else than text or items, or ``text`` is no text.
            UsageError: The pipeline is closed, or a transform has failed before.
        """
        if self._ended:
            raise UsageError("the pipeline is closed: it serves one text, make a new one for the next")
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - users without a type checker
            raise InvalidArgumentError(f"a pipeline is fed with text, not {text!r}", field="text")
        out: Any = text
        for index, transform in enumerate(self._transforms):
            if not out:  # held back: those after it have nothing to see
                return []
            out = self._run(index, transform.feed, out)
        return self._items(out)

    def close(self) -> list[T]:
        """Return the text has ended.

        The items that are complete only now. Closing twice is allowed and gives nothing more.
        """
        return self._end(lambda transform: transform.close)

    def cut(self) -> list[T]:
        """Return the text breaks off: as ``close``, but transforms that have a method ``cut`` are told so by it.

        ``redact`` does not show then what may be the beginning of a match.
        """
        return self._end(lambda transform: getattr(transform, "cut", transform.close))

    def _end(self, ending: Callable[[Any], Callable[[], Any]]) -> list[T]:
        if self._ended:
            return []
        out: Any = ""
        for index, transform in enumerate(self._transforms):
            # What those before it held comes first, and only then its own end.
            more = self._run(index, transform.feed, out) if out else ""
            rest = self._run(index, ending(transform))
            out = [*more, *rest] if self._is_splitter(index) else more + rest
        self._ended = True
        return self._items(out)

    def _items(self, out: Any) -> list[T]:
        if self._splits:
            return list(out)
        return [out] if out else []

    def _is_splitter(self, index: int) -> bool:
        return self._splits and index == len(self._transforms) - 1

    def _run(self, index: int, step: Callable[..., Any], *text: str) -> Any:
        """Call a transform, and see to it that it does what transforms do."""
        try:
            out = step(*text)
        except BaseException as error:
            self._ended = True
            error.add_note(f"raised by {self._name(index)} of a pipeline")
            raise
        if not (_is_items(out) if self._is_splitter(index) else isinstance(out, str)):
            self._ended = True
            expected = "a list of items" if self._is_splitter(index) else "text"
            raise _refused(f"{self._name(index)} must give {expected} from feed and close, not {out!r}")
        return out

    def _check(self, index: int, transform: Any) -> bool:
        """Refuse what cannot stand there. Returns whether it is a splitter."""
        if isinstance(transform, type) or not all(
            callable(getattr(transform, name, None)) for name in ("feed", "close")
        ):
            called = "; call it to make one" if callable(transform) else ""
            raise _refused(f"transform {index + 1} is no object with feed(text) and close(): {transform!r}{called}")
        if any(transform is other for other in self._transforms[:index]):
            raise _refused(f"{self._name(index)} stands in the pipeline twice; make one for each place")
        nothing = transform.feed("")
        if isinstance(nothing, str):
            return False
        if not _is_items(nothing):
            raise _refused(f"{self._name(index)} must give text, or a list of items, from feed(''), not {nothing!r}")
        if index < len(self._transforms) - 1:
            raise _refused(f"{self._name(index)} is a splitter: it must be the last one, as what it gives is no text")
        return True

    def _name(self, index: int) -> str:
        return f"transform {index + 1} ({type(self._transforms[index]).__name__})"


def _is_items(out: object) -> bool:
    return isinstance(out, Sequence) and not isinstance(out, (str, bytes))


def _refused(message: str) -> InvalidArgumentError:
    return InvalidArgumentError(message, field="transforms")
