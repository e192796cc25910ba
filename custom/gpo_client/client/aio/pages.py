"""Pages that fetch the pages after them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from copy import deepcopy
from typing import Any, Self, TypeVar

import attrs

from gpo_client.models.page import Page
from gpo_client.models.portable import came_with, origin_of
from gpo_client.streams.wrong_use import AsyncIterationOnly

T = TypeVar("T")


@attrs.frozen(kw_only=True, repr=False)
class AsyncPage(Page[T], AsyncIterationOnly):
    """One page of a list, which iterates over the items of this page and all that follow.

    The pages that follow are fetched when the iteration comes to them::

        async for document in await client.list_documents(context):
            print(document.title)

    Thread and task safety: it may be shared by any number of tasks of one event loop; an iteration belongs
    to one of them. Copies fetch in the same way; a pickle is of this page alone, and gives a ``Page``.
    """

    _fetch: Callable[[int], Awaitable[AsyncPage[T]]] = attrs.field(alias="fetch", repr=False, eq=False)
    _asked: int = attrs.field(alias="asked", repr=False, eq=False)

    def __aiter__(self) -> AsyncItems[T]:
        """Return the items of this page and of all pages after it."""
        return AsyncItems(self)

    def __copy__(self) -> Self:
        return came_with(attrs.evolve(self), origin_of(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return came_with(attrs.evolve(self, items=deepcopy(self.items, memo)), origin_of(self))

    async def next_page(self) -> AsyncPage[T] | None:
        """Return the page after this one; None when this is the last.

        Raises:
            InvalidResponseError: The service gave an earlier page again, so that there would be no end.
            GPOClientError: As for the method that gave this page.
        """
        if self.is_last:
            return None
        number = (self.page or self._asked) + 1
        page = await self._fetch(number)
        self.check_next(page, number)
        return page


class AsyncItems(AsyncIterator[T], AsyncIterationOnly):
    """The items of a page and of all pages after it."""

    def __init__(self, page: AsyncPage[T]) -> None:
        self._page: AsyncPage[T] | None = page
        self._items = iter(page.items)

    def __aiter__(self) -> Self:
        """Itself."""
        return self

    async def __anext__(self) -> T:
        """Return the next item."""
        while self._page is not None:
            for item in self._items:
                return item
            self._page = await self._page.next_page()
            self._items = iter(self._page.items if self._page else ())
        raise StopAsyncIteration


def with_next_pages(page: Page[T], fetch: Callable[[int], Awaitable[AsyncPage[T]]], asked: int) -> AsyncPage[T]:
    """Return the page with a way to fetch others.

    Args:
        page: What was fetched.
        fetch: Gets the page with a number.
        asked: The number that was asked for; the service may not repeat it.
    """
    whole = AsyncPage(fetch=fetch, asked=asked, **attrs.asdict(page, recurse=False))
    return came_with(whole, origin_of(page))
