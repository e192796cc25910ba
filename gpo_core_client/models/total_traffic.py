from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TotalTraffic")


@_attrs_define
class TotalTraffic:
    """How much was going on.

    Attributes:
        conversation_count (int): How many conversations were started.
        question_count (int): How many questions were asked.
        answer_count (int): How many of them were answered.
        questions_by_hour (list[int]): How many questions were asked in each hour of the day, from 0 to 23, in UTC.
    """

    conversation_count: int
    question_count: int
    answer_count: int
    questions_by_hour: list[int]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        conversation_count = self.conversation_count

        question_count = self.question_count

        answer_count = self.answer_count

        questions_by_hour = self.questions_by_hour

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "conversation_count": conversation_count,
                "question_count": question_count,
                "answer_count": answer_count,
                "questions_by_hour": questions_by_hour,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        conversation_count = d.pop("conversation_count")

        question_count = d.pop("question_count")

        answer_count = d.pop("answer_count")

        questions_by_hour = cast(list[int], d.pop("questions_by_hour"))

        total_traffic = cls(
            conversation_count=conversation_count,
            question_count=question_count,
            answer_count=answer_count,
            questions_by_hour=questions_by_hour,
        )

        total_traffic.additional_properties = d
        return total_traffic

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
