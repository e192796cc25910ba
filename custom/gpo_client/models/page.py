"""Lists of what the service has: pages of long ones, and whole ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import attrs

from gpo_client.exceptions import InvalidResponseError
from gpo_client.models.notebooks import ShownTable
from gpo_client.models.plain import additional_properties, json_text, to_plain
from gpo_client.models.portable import Answered, WithHead, came_with, origin_of, rebuilt, values_of

T = TypeVar("T")


@attrs.frozen(kw_only=True, repr=False)
class Page(ShownTable, Answered, Generic[T]):
    """One page of a list.

    What the clients return iterates over the items of all pages by itself: ``for item in page`` with the sync client,
    ``async for item in page`` with the async one.

    Attributes:
        items: The items on this page.
        page: Its number, from 1; None when the service does not say.
        page_size: How many items a page holds; None when the service does not say.
        total_count: How many items all pages hold together; None when the service does not say.
        additional_properties: What a newer service sends and this version does not know, or could not read.
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
        if page.items and page.items == self.items:  # whatever number it bears: some services repeat what was asked
            raise InvalidResponseError(f"page {number} was asked for and page {number - 1} came again", path="$.items")

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        # Whatever fetches the pages after it stays here.
        return rebuilt, (Page, values_of(self), origin_of(self))

    def _shown(self) -> tuple[str, Sequence[object]]:
        of_all = "" if self.total_count is None else f" of {self.total_count}"
        return f"page {self.page or '?'}: {len(self.items)}{of_all}", self.items


class AnswerList(ShownTable, WithHead, list[T]):
    """A list that the service gives as a whole: a list like any, which remembers the head of the answer it came in."""

    __slots__ = ("_origin",)

    def to_list(self) -> list[Any]:
        """Return the items as the service writes them, in JSON types."""
        plain: list[Any] = to_plain([*self])
        return plain

    def to_json(self, *, indent: int | None = None) -> str:
        """:meth:`to_list` as a JSON text (RFC 8259).

        Args:
            indent: Spaces to each level, over several lines. Default None: one line.
        """
        return json_text(self.to_list(), indent)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return _listed, ([*self], origin_of(self))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Any:
        from gpo_client.models.pydantic_types import schema_of_list

        return schema_of_list(cls, source, handler)

    def _shown(self) -> tuple[str, Sequence[object]]:
        return f"{len(self)} in all", self


def _listed(items: list[Any], origin: Any) -> AnswerList[Any]:
    return came_with(AnswerList(items), origin)
