from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CountryTraffic")


@_attrs_define
class CountryTraffic:
    """The traffic from one country.

    Attributes:
        country_id (None | str): The id of the country; null when it is not known.
        country_name (None | str): The name of the country; null when it is not known.
        question_count (int): How many questions were asked.
        user_count (int): How many different users asked them.
    """

    country_id: None | str
    country_name: None | str
    question_count: int
    user_count: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        country_id: None | str
        country_id = self.country_id

        country_name: None | str
        country_name = self.country_name

        question_count = self.question_count

        user_count = self.user_count

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "country_id": country_id,
                "country_name": country_name,
                "question_count": question_count,
                "user_count": user_count,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_country_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        country_id = _parse_country_id(d.pop("country_id"))

        def _parse_country_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        country_name = _parse_country_name(d.pop("country_name"))

        question_count = d.pop("question_count")

        user_count = d.pop("user_count")

        country_traffic = cls(
            country_id=country_id,
            country_name=country_name,
            question_count=question_count,
            user_count=user_count,
        )

        country_traffic.additional_properties = d
        return country_traffic

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
