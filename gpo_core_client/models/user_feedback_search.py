from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.user_type import UserType, check_user_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="UserFeedbackSearch")


@_attrs_define
class UserFeedbackSearch:
    """Which feedback to list.

    Attributes:
        start_date (datetime.datetime | None | Unset): Keeps what happened at this time or later.
        end_date (datetime.datetime | None | Unset): Keeps what happened before this time.
        country_ids (list[str] | None | Unset): Keeps the users of these countries.
        user_types (list[UserType] | None | Unset): Keeps the users of these types.
        min_response_time_s (float | None | Unset): Keeps the questions answered in this time or more, in seconds, and
            the conversations that have such a question.
        max_response_time_s (float | None | Unset): Keeps the questions answered in this time or less, in seconds, and
            the conversations that have such a question.
        search_text (None | str | Unset): Keeps the feedback that contains this text, in any case.
        page (int | Unset): The number of the page, from 1. A page after the last one is empty. Default: 1.
        page_size (int | Unset): The largest number of items on a page. Default: 20.
    """

    start_date: datetime.datetime | None | Unset = UNSET
    end_date: datetime.datetime | None | Unset = UNSET
    country_ids: list[str] | None | Unset = UNSET
    user_types: list[UserType] | None | Unset = UNSET
    min_response_time_s: float | None | Unset = UNSET
    max_response_time_s: float | None | Unset = UNSET
    search_text: None | str | Unset = UNSET
    page: int | Unset = 1
    page_size: int | Unset = 20
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        start_date: None | str | Unset
        if isinstance(self.start_date, Unset):
            start_date = UNSET
        elif isinstance(self.start_date, datetime.datetime):
            start_date = self.start_date.isoformat()
        else:
            start_date = self.start_date

        end_date: None | str | Unset
        if isinstance(self.end_date, Unset):
            end_date = UNSET
        elif isinstance(self.end_date, datetime.datetime):
            end_date = self.end_date.isoformat()
        else:
            end_date = self.end_date

        country_ids: list[str] | None | Unset
        if isinstance(self.country_ids, Unset):
            country_ids = UNSET
        elif isinstance(self.country_ids, list):
            country_ids = self.country_ids

        else:
            country_ids = self.country_ids

        user_types: list[str] | None | Unset
        if isinstance(self.user_types, Unset):
            user_types = UNSET
        elif isinstance(self.user_types, list):
            user_types = []
            for user_types_type_0_item_data in self.user_types:
                user_types_type_0_item: str = user_types_type_0_item_data
                user_types.append(user_types_type_0_item)

        else:
            user_types = self.user_types

        min_response_time_s: float | None | Unset
        if isinstance(self.min_response_time_s, Unset):
            min_response_time_s = UNSET
        else:
            min_response_time_s = self.min_response_time_s

        max_response_time_s: float | None | Unset
        if isinstance(self.max_response_time_s, Unset):
            max_response_time_s = UNSET
        else:
            max_response_time_s = self.max_response_time_s

        search_text: None | str | Unset
        if isinstance(self.search_text, Unset):
            search_text = UNSET
        else:
            search_text = self.search_text

        page = self.page

        page_size = self.page_size

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if start_date is not UNSET:
            field_dict["start_date"] = start_date
        if end_date is not UNSET:
            field_dict["end_date"] = end_date
        if country_ids is not UNSET:
            field_dict["country_ids"] = country_ids
        if user_types is not UNSET:
            field_dict["user_types"] = user_types
        if min_response_time_s is not UNSET:
            field_dict["min_response_time_s"] = min_response_time_s
        if max_response_time_s is not UNSET:
            field_dict["max_response_time_s"] = max_response_time_s
        if search_text is not UNSET:
            field_dict["search_text"] = search_text
        if page is not UNSET:
            field_dict["page"] = page
        if page_size is not UNSET:
            field_dict["page_size"] = page_size

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_start_date(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                start_date_type_0 = datetime.datetime.fromisoformat(data)

                return start_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        start_date = _parse_start_date(d.pop("start_date", UNSET))

        def _parse_end_date(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                end_date_type_0 = datetime.datetime.fromisoformat(data)

                return end_date_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        end_date = _parse_end_date(d.pop("end_date", UNSET))

        def _parse_country_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                country_ids_type_0 = cast(list[str], data)

                return country_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        country_ids = _parse_country_ids(d.pop("country_ids", UNSET))

        def _parse_user_types(data: object) -> list[UserType] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                user_types_type_0 = []
                _user_types_type_0 = data
                for user_types_type_0_item_data in _user_types_type_0:
                    user_types_type_0_item = check_user_type(
                        user_types_type_0_item_data
                    )

                    user_types_type_0.append(user_types_type_0_item)

                return user_types_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[UserType] | None | Unset, data)

        user_types = _parse_user_types(d.pop("user_types", UNSET))

        def _parse_min_response_time_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        min_response_time_s = _parse_min_response_time_s(
            d.pop("min_response_time_s", UNSET)
        )

        def _parse_max_response_time_s(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        max_response_time_s = _parse_max_response_time_s(
            d.pop("max_response_time_s", UNSET)
        )

        def _parse_search_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        search_text = _parse_search_text(d.pop("search_text", UNSET))

        page = d.pop("page", UNSET)

        page_size = d.pop("page_size", UNSET)

        user_feedback_search = cls(
            start_date=start_date,
            end_date=end_date,
            country_ids=country_ids,
            user_types=user_types,
            min_response_time_s=min_response_time_s,
            max_response_time_s=max_response_time_s,
            search_text=search_text,
            page=page,
            page_size=page_size,
        )

        user_feedback_search.additional_properties = d
        return user_feedback_search

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
