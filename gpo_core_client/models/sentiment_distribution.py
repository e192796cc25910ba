from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SentimentDistribution")


@_attrs_define
class SentimentDistribution:
    """How opinions spread from positive to negative.

    Attributes:
        positive (int): How many opinions are positive.
        neutral (int): How many are neutral.
        negative (int): How many are negative.
        positive_rate (float | None): The share of the positive; null when there are no opinions.
        neutral_rate (float | None): The share of the neutral; null when there are no opinions.
        negative_rate (float | None): The share of the negative; null when there are no opinions.
    """

    positive: int
    neutral: int
    negative: int
    positive_rate: float | None
    neutral_rate: float | None
    negative_rate: float | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        positive = self.positive

        neutral = self.neutral

        negative = self.negative

        positive_rate: float | None
        positive_rate = self.positive_rate

        neutral_rate: float | None
        neutral_rate = self.neutral_rate

        negative_rate: float | None
        negative_rate = self.negative_rate

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "positive": positive,
                "neutral": neutral,
                "negative": negative,
                "positive_rate": positive_rate,
                "neutral_rate": neutral_rate,
                "negative_rate": negative_rate,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        positive = d.pop("positive")

        neutral = d.pop("neutral")

        negative = d.pop("negative")

        def _parse_positive_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        positive_rate = _parse_positive_rate(d.pop("positive_rate"))

        def _parse_neutral_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        neutral_rate = _parse_neutral_rate(d.pop("neutral_rate"))

        def _parse_negative_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        negative_rate = _parse_negative_rate(d.pop("negative_rate"))

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
