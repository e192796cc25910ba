from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="DailyAverage")


@_attrs_define
class DailyAverage:
    """The average of one day.

    Attributes:
        date (datetime.date): The day, in UTC.
        answer_count (int): How many answers there were.
        average_ms (float): How long they took on average, in milliseconds.
    """

    date: datetime.date
    answer_count: int
    average_ms: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        date = self.date.isoformat()

        answer_count = self.answer_count

        average_ms = self.average_ms

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "date": date,
                "answer_count": answer_count,
                "average_ms": average_ms,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        date = datetime.date.fromisoformat(d.pop("date"))

        answer_count = d.pop("answer_count")

        average_ms = d.pop("average_ms")

        daily_average = cls(
            date=date,
            answer_count=answer_count,
            average_ms=average_ms,
        )

        daily_average.additional_properties = d
        return daily_average

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
