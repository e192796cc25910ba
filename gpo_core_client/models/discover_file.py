from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="DiscoverFile")


@_attrs_define
class DiscoverFile:
    """A file, and where it belongs.

    Attributes:
        file_name (str): The name of the file, without any folder.
        category_name (None | str | Unset): The category to file it under.
        sub_category_name (None | str | Unset): The sub-category to file it under.
        solution_name (None | str | Unset): The solution that it belongs to.
        is_discover_file (bool | None | Unset): Whether lists and searches show it.
    """

    file_name: str
    category_name: None | str | Unset = UNSET
    sub_category_name: None | str | Unset = UNSET
    solution_name: None | str | Unset = UNSET
    is_discover_file: bool | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        file_name = self.file_name

        category_name: None | str | Unset
        if isinstance(self.category_name, Unset):
            category_name = UNSET
        else:
            category_name = self.category_name

        sub_category_name: None | str | Unset
        if isinstance(self.sub_category_name, Unset):
            sub_category_name = UNSET
        else:
            sub_category_name = self.sub_category_name

        solution_name: None | str | Unset
        if isinstance(self.solution_name, Unset):
            solution_name = UNSET
        else:
            solution_name = self.solution_name

        is_discover_file: bool | None | Unset
        if isinstance(self.is_discover_file, Unset):
            is_discover_file = UNSET
        else:
            is_discover_file = self.is_discover_file

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "file_name": file_name,
            }
        )
        if category_name is not UNSET:
            field_dict["category_name"] = category_name
        if sub_category_name is not UNSET:
            field_dict["sub_category_name"] = sub_category_name
        if solution_name is not UNSET:
            field_dict["solution_name"] = solution_name
        if is_discover_file is not UNSET:
            field_dict["is_discover_file"] = is_discover_file

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        file_name = d.pop("file_name")

        def _parse_category_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        category_name = _parse_category_name(d.pop("category_name", UNSET))

        def _parse_sub_category_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sub_category_name = _parse_sub_category_name(d.pop("sub_category_name", UNSET))

        def _parse_solution_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        solution_name = _parse_solution_name(d.pop("solution_name", UNSET))

        def _parse_is_discover_file(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_discover_file = _parse_is_discover_file(d.pop("is_discover_file", UNSET))

        discover_file = cls(
            file_name=file_name,
            category_name=category_name,
            sub_category_name=sub_category_name,
            solution_name=solution_name,
            is_discover_file=is_discover_file,
        )

        discover_file.additional_properties = d
        return discover_file

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
