from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.daily_average import DailyAverage


T = TypeVar("T", bound="AverageResponseTime")


@_attrs_define
class AverageResponseTime:
    """How long answers took.

    Attributes:
        answer_count (int): How many answers there were.
        by_day (list[DailyAverage]): The averages of each day that had answers, in order.
        average_ms (float | None | Unset): How long they took on average, in milliseconds; null when there were none.
        minimum_ms (int | None | Unset): How long the fastest took, in milliseconds; null when there were none.
        maximum_ms (int | None | Unset): How long the slowest took, in milliseconds; null when there were none.
    """

    answer_count: int
    by_day: list[DailyAverage]
    average_ms: float | None | Unset = UNSET
    minimum_ms: int | None | Unset = UNSET
    maximum_ms: int | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer_count = self.answer_count

        by_day = []
        for by_day_item_data in self.by_day:
            by_day_item = by_day_item_data.to_dict()
            by_day.append(by_day_item)

        average_ms: float | None | Unset
        if isinstance(self.average_ms, Unset):
            average_ms = UNSET
        else:
            average_ms = self.average_ms

        minimum_ms: int | None | Unset
        if isinstance(self.minimum_ms, Unset):
            minimum_ms = UNSET
        else:
            minimum_ms = self.minimum_ms

        maximum_ms: int | None | Unset
        if isinstance(self.maximum_ms, Unset):
            maximum_ms = UNSET
        else:
            maximum_ms = self.maximum_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer_count": answer_count,
                "by_day": by_day,
            }
        )
        if average_ms is not UNSET:
            field_dict["average_ms"] = average_ms
        if minimum_ms is not UNSET:
            field_dict["minimum_ms"] = minimum_ms
        if maximum_ms is not UNSET:
            field_dict["maximum_ms"] = maximum_ms

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.daily_average import DailyAverage  # noqa: PLC0415

        d = dict(src_dict)
        answer_count = d.pop("answer_count")

        by_day = []
        _by_day = d.pop("by_day")
        for by_day_item_data in _by_day:
            by_day_item = DailyAverage.from_dict(by_day_item_data)

            by_day.append(by_day_item)

        def _parse_average_ms(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        average_ms = _parse_average_ms(d.pop("average_ms", UNSET))

        def _parse_minimum_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        minimum_ms = _parse_minimum_ms(d.pop("minimum_ms", UNSET))

        def _parse_maximum_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        maximum_ms = _parse_maximum_ms(d.pop("maximum_ms", UNSET))

        average_response_time = cls(
            answer_count=answer_count,
            by_day=by_day,
            average_ms=average_ms,
            minimum_ms=minimum_ms,
            maximum_ms=maximum_ms,
        )

        average_response_time.additional_properties = d
        return average_response_time

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
