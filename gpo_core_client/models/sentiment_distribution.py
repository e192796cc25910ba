from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SentimentDistribution")


@_attrs_define
class SentimentDistribution:
    """How opinions spread from positive to negative.

    Attributes:
        positive (int): How many opinions are positive.
        neutral (int): How many are neutral.
        negative (int): How many are negative.
        positive_rate (float | None | Unset): The share of the positive; null when there are no opinions.
        neutral_rate (float | None | Unset): The share of the neutral; null when there are no opinions.
        negative_rate (float | None | Unset): The share of the negative; null when there are no opinions.
    """

    positive: int
    neutral: int
    negative: int
    positive_rate: float | None | Unset = UNSET
    neutral_rate: float | None | Unset = UNSET
    negative_rate: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        positive = self.positive

        neutral = self.neutral

        negative = self.negative

        positive_rate: float | None | Unset
        if isinstance(self.positive_rate, Unset):
            positive_rate = UNSET
        else:
            positive_rate = self.positive_rate

        neutral_rate: float | None | Unset
        if isinstance(self.neutral_rate, Unset):
            neutral_rate = UNSET
        else:
            neutral_rate = self.neutral_rate

        negative_rate: float | None | Unset
        if isinstance(self.negative_rate, Unset):
            negative_rate = UNSET
        else:
            negative_rate = self.negative_rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "positive": positive,
                "neutral": neutral,
                "negative": negative,
            }
        )
        if positive_rate is not UNSET:
            field_dict["positive_rate"] = positive_rate
        if neutral_rate is not UNSET:
            field_dict["neutral_rate"] = neutral_rate
        if negative_rate is not UNSET:
            field_dict["negative_rate"] = negative_rate

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        positive = d.pop("positive")

        neutral = d.pop("neutral")

        negative = d.pop("negative")

        def _parse_positive_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        positive_rate = _parse_positive_rate(d.pop("positive_rate", UNSET))

        def _parse_neutral_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        neutral_rate = _parse_neutral_rate(d.pop("neutral_rate", UNSET))

        def _parse_negative_rate(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        negative_rate = _parse_negative_rate(d.pop("negative_rate", UNSET))

        sentiment_distribution = cls(
            positive=positive,
            neutral=neutral,
            negative=negative,
            positive_rate=positive_rate,
            neutral_rate=neutral_rate,
            negative_rate=negative_rate,
        )

        sentiment_distribution.additional_properties = d
        return sentiment_distribution

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
