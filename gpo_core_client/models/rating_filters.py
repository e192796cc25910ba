from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RatingFilters")


@_attrs_define
class RatingFilters:
    """Which ratings to keep.

    Attributes:
        rating_values (list[int] | None | Unset): Keeps these ratings; all of them when absent or empty.
        is_comment_not_provided (bool | None | Unset): Keeps the ratings without a comment, or those with one; both when
            absent.
    """

    rating_values: list[int] | None | Unset = UNSET
    is_comment_not_provided: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        rating_values: list[int] | None | Unset
        if isinstance(self.rating_values, Unset):
            rating_values = UNSET
        elif isinstance(self.rating_values, list):
            rating_values = self.rating_values

        else:
            rating_values = self.rating_values

        is_comment_not_provided: bool | None | Unset
        if isinstance(self.is_comment_not_provided, Unset):
            is_comment_not_provided = UNSET
        else:
            is_comment_not_provided = self.is_comment_not_provided

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if rating_values is not UNSET:
            field_dict["rating_values"] = rating_values
        if is_comment_not_provided is not UNSET:
            field_dict["is_comment_not_provided"] = is_comment_not_provided

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_rating_values(data: object) -> list[int] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                rating_values_type_0 = cast(list[int], data)

                return rating_values_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[int] | None | Unset, data)

        rating_values = _parse_rating_values(d.pop("rating_values", UNSET))

        def _parse_is_comment_not_provided(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_comment_not_provided = _parse_is_comment_not_provided(
            d.pop("is_comment_not_provided", UNSET)
        )

        rating_filters = cls(
            rating_values=rating_values,
            is_comment_not_provided=is_comment_not_provided,
        )

        rating_filters.additional_properties = d
        return rating_filters

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
