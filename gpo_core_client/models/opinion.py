from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Opinion")


@_attrs_define
class Opinion:
    """What users think of answers.

    Attributes:
        liked (int): How many answers were liked.
        disliked (int): How many answers were disliked.
        undecided (int): How many answers have no verdict.
        like_rate (float | None | Unset): The share of likes in the verdicts; null when there are none.
    """

    liked: int
    disliked: int
    undecided: int
    like_rate: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        liked = self.liked

        disliked = self.disliked

        undecided = self.undecided

        like_rate: float | None | Unset
        if isinstance(self.like_rate, Unset):
            like_rate = UNSET
        else:
            like_rate = self.like_rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "liked": liked,
                "disliked": disliked,
                "undecided": undecided,
            }
        )
        if like_rate is not UNSET:
            field_dict["like_rate"] = like_rate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        liked = d.pop("liked")

        disliked = d.pop("disliked")

        undecided = d.pop("undecided")

        def _parse_like_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        like_rate = _parse_like_rate(d.pop("like_rate", UNSET))

        opinion = cls(
            liked=liked,
            disliked=disliked,
            undecided=undecided,
            like_rate=like_rate,
        )

        opinion.additional_properties = d
        return opinion

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
