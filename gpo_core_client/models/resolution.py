from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Resolution")


@_attrs_define
class Resolution:
    """Whether conversations clarified what was asked.

    Attributes:
        resolved (int): How many conversations were clarified.
        unresolved (int): How many were not clarified, or went to a person.
        undecided (int): How many have neither been clarified nor gone to a person.
        resolved_rate (float | None | Unset): The share of the resolved in those decided; null when none is.
    """

    resolved: int
    unresolved: int
    undecided: int
    resolved_rate: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        resolved = self.resolved

        unresolved = self.unresolved

        undecided = self.undecided

        resolved_rate: float | None | Unset
        if isinstance(self.resolved_rate, Unset):
            resolved_rate = UNSET
        else:
            resolved_rate = self.resolved_rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "resolved": resolved,
                "unresolved": unresolved,
                "undecided": undecided,
            }
        )
        if resolved_rate is not UNSET:
            field_dict["resolved_rate"] = resolved_rate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        resolved = d.pop("resolved")

        unresolved = d.pop("unresolved")

        undecided = d.pop("undecided")

        def _parse_resolved_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        resolved_rate = _parse_resolved_rate(d.pop("resolved_rate", UNSET))

        resolution = cls(
            resolved=resolved,
            unresolved=unresolved,
            undecided=undecided,
            resolved_rate=resolved_rate,
        )

        resolution.additional_properties = d
        return resolution

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
