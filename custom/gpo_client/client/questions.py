"""Questions of a batch, one after the other, whatever they are given as."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Generic, TypeVar

from gpo_client.exceptions import InvalidArgumentError

T = TypeVar("T")


def sync_questions(questions: Iterable[T]) -> Iterator[T]:
    """Return the questions of a blocking batch.

    Raises:
        InvalidArgumentError: They cannot be iterated, or are a single text.
    """
    if isinstance(questions, str) or not isinstance(questions, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise _no_questions(questions)
    return iter(questions)


def async_questions(questions: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    """Return the questions of an asynchronous batch.

    Raises:
        InvalidArgumentError: They cannot be iterated, or are a single text.
    """
    return aiter(questions) if isinstance(questions, AsyncIterable) else _Each(sync_questions(questions))


class _Each(AsyncIterator[T], Generic[T]):
    """A plain iterator as an asynchronous one. Unlike a generator, it may be left at any moment."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items

    async def __anext__(self) -> T:
        try:
            return next(self._items)
        except StopIteration:
            raise StopAsyncIteration from None


def _no_questions(given: object) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"questions must be an iterable of questions, such as a list of texts, not a {type(given).__name__}",
        field="questions",
    )
