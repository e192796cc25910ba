from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.daily_count import DailyCount


T = TypeVar("T", bound="MetricTotal")


@_attrs_define
class MetricTotal:
    """A number, and how it came about day by day.

    Attributes:
        total (int): How many there are in all.
        by_day (list[DailyCount]): How many there were on each day that had any, in order.
    """

    total: int
    by_day: list[DailyCount]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        total = self.total

        by_day = []
        for by_day_item_data in self.by_day:
            by_day_item = by_day_item_data.to_dict()
            by_day.append(by_day_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "total": total,
                "by_day": by_day,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.daily_count import DailyCount  # noqa: PLC0415

        d = dict(src_dict)
        total = d.pop("total")

        by_day = []
        _by_day = d.pop("by_day")
        for by_day_item_data in _by_day:
            by_day_item = DailyCount.from_dict(by_day_item_data)

            by_day.append(by_day_item)

        metric_total = cls(
            total=total,
            by_day=by_day,
        )

        metric_total.additional_properties = d
        return metric_total

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
