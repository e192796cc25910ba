"""One page of a list."""

from __future__ import annotations

from typing import Generic, TypeVar

import attrs

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list.

    What the clients return iterates over the items of all pages by itself: ``for item in page`` with the sync client,
    ``async for item in page`` with the async one.

    Attributes:
        items: The items on this page.
        page: Its number, from 1.
        page_size: How many items a page holds.
        total_count: How many items all pages hold together.
    """

    items: list[T]
    page: int
    page_size: int
    total_count: int

    @property
    def is_last(self) -> bool:
        """Whether no page follows. An empty page is the last one, whatever the count says."""
        return not self.items or self.page * self.page_size >= self.total_count
