from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.question_sort_column import QuestionSortColumn, check_question_sort_column
from ..models.sort_order import SortOrder, check_sort_order
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metric_filter import MetricFilter


T = TypeVar("T", bound="QuestionDetailSearch")


@_attrs_define
class QuestionDetailSearch:
    """A search for questions and their answers.

    Attributes:
        search_text (None | str | Unset): Keeps the questions whose text, or that of their answer, contains this text,
            in any case.
        sort_column (None | QuestionSortColumn | Unset): What to sort by; `asked_at` when absent.
        sort_order (None | SortOrder | Unset): The direction of sorting; Descending when absent.
        filter_ (MetricFilter | None | Unset): Keeps the questions asked in a span of time, by certain users.
        page (int | Unset): The number of the page, from 1. A page after the last one is empty. Default: 1.
        page_size (int | Unset): The largest number of items on a page. Default: 20.
    """

    search_text: None | str | Unset = UNSET
    sort_column: None | QuestionSortColumn | Unset = UNSET
    sort_order: None | SortOrder | Unset = UNSET
    filter_: MetricFilter | None | Unset = UNSET
    page: int | Unset = 1
    page_size: int | Unset = 20
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.metric_filter import MetricFilter  # noqa: PLC0415

        search_text: None | str | Unset
        if isinstance(self.search_text, Unset):
            search_text = UNSET
        else:
            search_text = self.search_text

        sort_column: None | str | Unset
        if isinstance(self.sort_column, Unset):
            sort_column = UNSET
        elif isinstance(self.sort_column, str):
            sort_column = self.sort_column
        else:
            sort_column = self.sort_column

        sort_order: None | str | Unset
        if isinstance(self.sort_order, Unset):
            sort_order = UNSET
        elif isinstance(self.sort_order, str):
            sort_order = self.sort_order
        else:
            sort_order = self.sort_order

        filter_: dict[str, Any] | None | Unset
        if isinstance(self.filter_, Unset):
            filter_ = UNSET
        elif isinstance(self.filter_, MetricFilter):
            filter_ = self.filter_.to_dict()
        else:
            filter_ = self.filter_

        page = self.page

        page_size = self.page_size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if search_text is not UNSET:
            field_dict["search_text"] = search_text
        if sort_column is not UNSET:
            field_dict["sort_column"] = sort_column
        if sort_order is not UNSET:
            field_dict["sort_order"] = sort_order
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if page is not UNSET:
            field_dict["page"] = page
        if page_size is not UNSET:
            field_dict["page_size"] = page_size

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_filter import MetricFilter  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_search_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        search_text = _parse_search_text(d.pop("search_text", UNSET))

        def _parse_sort_column(data: object) -> None | QuestionSortColumn | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sort_column_type_0 = check_question_sort_column(data)

                return sort_column_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | QuestionSortColumn | Unset, data)

        sort_column = _parse_sort_column(d.pop("sort_column", UNSET))

        def _parse_sort_order(data: object) -> None | SortOrder | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sort_order_type_0 = check_sort_order(data)

                return sort_order_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SortOrder | Unset, data)

        sort_order = _parse_sort_order(d.pop("sort_order", UNSET))

        def _parse_filter_(data: object) -> MetricFilter | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                filter_type_0 = MetricFilter.from_dict(data)

                return filter_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MetricFilter | None | Unset, data)

        filter_ = _parse_filter_(d.pop("filter", UNSET))

        page = d.pop("page", UNSET)

        page_size = d.pop("page_size", UNSET)

        question_detail_search = cls(
            search_text=search_text,
            sort_column=sort_column,
            sort_order=sort_order,
            filter_=filter_,
            page=page,
            page_size=page_size,
        )

        question_detail_search.additional_properties = d
        return question_detail_search

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
