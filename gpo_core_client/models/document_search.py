from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.document_sort_column import DocumentSortColumn, check_document_sort_column
from ..models.sort_order import SortOrder, check_sort_order
from ..types import UNSET, Unset

T = TypeVar("T", bound="DocumentSearch")


@_attrs_define
class DocumentSearch:
    """A search for documents.

    Attributes:
        search_text (None | str | Unset): Keeps the documents whose title, file name, tags or summary contain this text,
            in any case.
        sort_column (DocumentSortColumn | None | Unset): What to sort by; `modified_at` when absent.
        sort_order (None | SortOrder | Unset): The direction of sorting; Descending when absent.
        page (int | Unset): The number of the page, from 1. A page after the last one is empty. Default: 1.
        page_size (int | Unset): The largest number of items on a page. Default: 20.
    """

    search_text: None | str | Unset = UNSET
    sort_column: DocumentSortColumn | None | Unset = UNSET
    sort_order: None | SortOrder | Unset = UNSET
    page: int | Unset = 1
    page_size: int | Unset = 20
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
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
        if page is not UNSET:
            field_dict["page"] = page
        if page_size is not UNSET:
            field_dict["page_size"] = page_size

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_search_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        search_text = _parse_search_text(d.pop("search_text", UNSET))

        def _parse_sort_column(data: object) -> DocumentSortColumn | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sort_column_type_0 = check_document_sort_column(data)

                return sort_column_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DocumentSortColumn | None | Unset, data)

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

        page = d.pop("page", UNSET)

        page_size = d.pop("page_size", UNSET)

        document_search = cls(
            search_text=search_text,
            sort_column=sort_column,
            sort_order=sort_order,
            page=page,
            page_size=page_size,
        )

        document_search.additional_properties = d
        return document_search

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
