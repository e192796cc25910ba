from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rating_sort_column import RatingSortColumn, check_rating_sort_column
from ..models.sort_order import SortOrder, check_sort_order
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metric_filter import MetricFilter
    from ..models.rating_filters import RatingFilters


T = TypeVar("T", bound="RatingExport")


@_attrs_define
class RatingExport:
    """An export of ratings.

    Attributes:
        search_text (None | str | Unset): Keeps the ratings whose comment or title of the conversation contains this
            text, in any case.
        sort_column (None | RatingSortColumn | Unset): What to sort by; `rated_at` when absent.
        sort_order (None | SortOrder | Unset): The direction of sorting; Descending when absent.
        filter_ (MetricFilter | None | Unset): Keeps the ratings given in a span of time, by certain users.
        rating_filters (None | RatingFilters | Unset): Keeps certain ratings.
        time_zone (None | str | Unset): The time zone to write times in, by its name in the IANA database; UTC when
            absent.
    """

    search_text: None | str | Unset = UNSET
    sort_column: None | RatingSortColumn | Unset = UNSET
    sort_order: None | SortOrder | Unset = UNSET
    filter_: MetricFilter | None | Unset = UNSET
    rating_filters: None | RatingFilters | Unset = UNSET
    time_zone: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.metric_filter import MetricFilter  # noqa: PLC0415
        from ..models.rating_filters import RatingFilters  # noqa: PLC0415

        search_text: None | str | Unset
        if isinstance(self.search_text, Unset):
            search_text = UNSET
        else:
            search_text = self.search_text

        sort_column: None | str | Unset
        if isinstance(self.sort_column, Unset):
            sort_column = UNSET
        elif isinstance(self.sort_column, str):
            sort_column = self.sort_column
        else:
            sort_column = self.sort_column

        sort_order: None | str | Unset
        if isinstance(self.sort_order, Unset):
            sort_order = UNSET
        elif isinstance(self.sort_order, str):
            sort_order = self.sort_order
        else:
            sort_order = self.sort_order

        filter_: dict[str, Any] | None | Unset
        if isinstance(self.filter_, Unset):
            filter_ = UNSET
        elif isinstance(self.filter_, MetricFilter):
            filter_ = self.filter_.to_dict()
        else:
            filter_ = self.filter_

        rating_filters: dict[str, Any] | None | Unset
        if isinstance(self.rating_filters, Unset):
            rating_filters = UNSET
        elif isinstance(self.rating_filters, RatingFilters):
            rating_filters = self.rating_filters.to_dict()
        else:
            rating_filters = self.rating_filters

        time_zone: None | str | Unset
        if isinstance(self.time_zone, Unset):
            time_zone = UNSET
        else:
            time_zone = self.time_zone

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if search_text is not UNSET:
            field_dict["search_text"] = search_text
        if sort_column is not UNSET:
            field_dict["sort_column"] = sort_column
        if sort_order is not UNSET:
            field_dict["sort_order"] = sort_order
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if rating_filters is not UNSET:
            field_dict["rating_filters"] = rating_filters
        if time_zone is not UNSET:
            field_dict["time_zone"] = time_zone

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_filter import MetricFilter  # noqa: PLC0415
        from ..models.rating_filters import RatingFilters  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_search_text(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        search_text = _parse_search_text(d.pop("search_text", UNSET))

        def _parse_sort_column(data: object) -> None | RatingSortColumn | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sort_column_type_0 = check_rating_sort_column(data)

                return sort_column_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RatingSortColumn | Unset, data)

        sort_column = _parse_sort_column(d.pop("sort_column", UNSET))

        def _parse_sort_order(data: object) -> None | SortOrder | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sort_order_type_0 = check_sort_order(data)

                return sort_order_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SortOrder | Unset, data)

        sort_order = _parse_sort_order(d.pop("sort_order", UNSET))

        def _parse_filter_(data: object) -> MetricFilter | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                filter_type_0 = MetricFilter.from_dict(data)

                return filter_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MetricFilter | None | Unset, data)

        filter_ = _parse_filter_(d.pop("filter", UNSET))

        def _parse_rating_filters(data: object) -> None | RatingFilters | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rating_filters_type_0 = RatingFilters.from_dict(data)

                return rating_filters_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RatingFilters | Unset, data)

        rating_filters = _parse_rating_filters(d.pop("rating_filters", UNSET))

        def _parse_time_zone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        time_zone = _parse_time_zone(d.pop("time_zone", UNSET))

        rating_export = cls(
            search_text=search_text,
            sort_column=sort_column,
            sort_order=sort_order,
            filter_=filter_,
            rating_filters=rating_filters,
            time_zone=time_zone,
        )

        rating_export.additional_properties = d
        return rating_export

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
