from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.question_column import QuestionColumn, check_question_column

T = TypeVar("T", bound="SelectedQuestionColumns")


@_attrs_define
class SelectedQuestionColumns:
    """The columns that are selected.

    Attributes:
        columns (list[QuestionColumn | str]): The columns, in order.
    """

    columns: list[QuestionColumn | str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        columns = []
        for columns_item_data in self.columns:
            columns_item: str
            if isinstance(columns_item_data, str):
                columns_item = columns_item_data
            else:
                columns_item = columns_item_data
            columns.append(columns_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "columns": columns,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        columns = []
        _columns = d.pop("columns")
        for columns_item_data in _columns:

            def _parse_columns_item(data: object) -> QuestionColumn | str:
                try:
                    if not isinstance(data, str):
                        raise TypeError()
                    columns_item_type_0 = check_question_column(data)

                    return columns_item_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                return cast(QuestionColumn | str, data)

            columns_item = _parse_columns_item(columns_item_data)

            columns.append(columns_item)

        selected_question_columns = cls(
            columns=columns,
        )

        selected_question_columns.additional_properties = d
        return selected_question_columns

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
