"""One page of a list."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

from gpo_client.exceptions import InvalidResponseError
from gpo_client.models.unknown import additional_properties

T = TypeVar("T")


@attrs.frozen(kw_only=True, repr=False)
class Page(Generic[T]):
    """One page of a list.

    What the clients return iterates over the items of all pages by itself: ``for item in page`` with the sync client,
    ``async for item in page`` with the async one.

    Attributes:
        items: The items on this page.
        page: Its number, from 1; None when the service does not say.
        page_size: How many items a page holds; None when the service does not say.
        total_count: How many items all pages hold together; None when the service does not say.
        additional_properties: Fields that a newer service sends and this version does not know, and the raw values of
            those that could not be read.
    """

    items: list[T]
    page: int | None = None
    page_size: int | None = None
    total_count: int | None = None
    additional_properties: dict[str, Any] = additional_properties()

    def __repr__(self) -> str:
        """Which page it is and how many items there are; not the items, which may be what people wrote."""
        of = "" if self.total_count is None else f" of {self.total_count}"
        return f"<{type(self).__name__} {self.page or '?'}: {len(self.items)}{of} items>"

    @property
    def is_last(self) -> bool:
        """Whether no page follows.

        An empty page is the last one, whatever the count says. Without a count there is no other sign of the end.
        """
        if self.page is None or self.page_size is None or self.total_count is None:
            return not self.items
        return not self.items or self.page * self.page_size >= self.total_count

    def check_next(self, page: Page[T], number: int) -> None:
        """Refuse what came as the page after this one, if with it there would be no end.

        Args:
            page: What came.
            number: The number that was asked for.

        Raises:
            InvalidResponseError: It is this page, or one before it, again.
        """
        if self.page is not None and page.page is not None and page.page <= self.page:
            raise InvalidResponseError(f"page {number} was asked for and page {page.page} came", path="$.page")
        if page.page is None and page.items == self.items:
            raise InvalidResponseError(f"page {number} was asked for and page {number - 1} came again", path="$.items")
