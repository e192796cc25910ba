from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.user_type import UserType, check_user_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.citation_source import CitationSource


T = TypeVar("T", bound="QuestionDetail")


@_attrs_define
class QuestionDetail:
    """A question, and its answer if there is one.

    Attributes:
        question_id (str): The id of the question, a message.
        conversation_id (str): The id of the conversation.
        user_id (str): The id of the user who asked.
        question (str): The text of the question.
        asked_at (datetime.datetime): When it was asked.
        message_id (None | str | Unset): The id of the answer, a message; null when there is none.
        answer (None | str | Unset): The text of the answer.
        answered_at (datetime.datetime | None | Unset): When the answer was complete.
        response_time_ms (int | None | Unset): How long the answer took, in milliseconds.
        relevance_score (float | None | Unset): How much the best of the sources bears on the question.
        sources (list[CitationSource] | None | Unset): The sources that the answer cites.
        liked (bool | None | Unset): Whether the user likes the answer; null when the user has not said.
        feedback (None | str | Unset): What the user says of the answer.
        country_id (None | str | Unset): The id of the user's country.
        user_type (None | str | Unset | UserType): The type of the user.
    """

    question_id: str
    conversation_id: str
    user_id: str
    question: str
    asked_at: datetime.datetime
    message_id: None | str | Unset = UNSET
    answer: None | str | Unset = UNSET
    answered_at: datetime.datetime | None | Unset = UNSET
    response_time_ms: int | None | Unset = UNSET
    relevance_score: float | None | Unset = UNSET
    sources: list[CitationSource] | None | Unset = UNSET
    liked: bool | None | Unset = UNSET
    feedback: None | str | Unset = UNSET
    country_id: None | str | Unset = UNSET
    user_type: None | str | Unset | UserType = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        question_id = self.question_id

        conversation_id = self.conversation_id

        user_id = self.user_id

        question = self.question

        asked_at = self.asked_at.isoformat()

        message_id: None | str | Unset
        if isinstance(self.message_id, Unset):
            message_id = UNSET
        else:
            message_id = self.message_id

        answer: None | str | Unset
        if isinstance(self.answer, Unset):
            answer = UNSET
        else:
            answer = self.answer

        answered_at: None | str | Unset
        if isinstance(self.answered_at, Unset):
            answered_at = UNSET
        elif isinstance(self.answered_at, datetime.datetime):
            answered_at = self.answered_at.isoformat()
        else:
            answered_at = self.answered_at

        response_time_ms: int | None | Unset
        if isinstance(self.response_time_ms, Unset):
            response_time_ms = UNSET
        else:
            response_time_ms = self.response_time_ms

        relevance_score: float | None | Unset
        if isinstance(self.relevance_score, Unset):
            relevance_score = UNSET
        else:
            relevance_score = self.relevance_score

        sources: list[dict[str, Any]] | None | Unset
        if isinstance(self.sources, Unset):
            sources = UNSET
        elif isinstance(self.sources, list):
            sources = []
            for sources_type_0_item_data in self.sources:
                sources_type_0_item = sources_type_0_item_data.to_dict()
                sources.append(sources_type_0_item)

        else:
            sources = self.sources

        liked: bool | None | Unset
        if isinstance(self.liked, Unset):
            liked = UNSET
        else:
            liked = self.liked

        feedback: None | str | Unset
        if isinstance(self.feedback, Unset):
            feedback = UNSET
        else:
            feedback = self.feedback

        country_id: None | str | Unset
        if isinstance(self.country_id, Unset):
            country_id = UNSET
        else:
            country_id = self.country_id

        user_type: None | str | Unset
        if isinstance(self.user_type, Unset):
            user_type = UNSET
        elif isinstance(self.user_type, str):
            user_type = self.user_type
        else:
            user_type = self.user_type

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "question_id": question_id,
                "conversation_id": conversation_id,
                "user_id": user_id,
                "question": question,
                "asked_at": asked_at,
            }
        )
        if message_id is not UNSET:
            field_dict["message_id"] = message_id
        if answer is not UNSET:
            field_dict["answer"] = answer
        if answered_at is not UNSET:
            field_dict["answered_at"] = answered_at
        if response_time_ms is not UNSET:
            field_dict["response_time_ms"] = response_time_ms
        if relevance_score is not UNSET:
            field_dict["relevance_score"] = relevance_score
        if sources is not UNSET:
            field_dict["sources"] = sources
        if liked is not UNSET:
            field_dict["liked"] = liked
        if feedback is not UNSET:
            field_dict["feedback"] = feedback
        if country_id is not UNSET:
            field_dict["country_id"] = country_id
        if user_type is not UNSET:
            field_dict["user_type"] = user_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.citation_source import CitationSource  # noqa: PLC0415

        d = dict(src_dict)
        question_id = d.pop("question_id")

        conversation_id = d.pop("conversation_id")

        user_id = d.pop("user_id")

        question = d.pop("question")

        asked_at = datetime.datetime.fromisoformat(d.pop("asked_at"))

        def _parse_message_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        message_id = _parse_message_id(d.pop("message_id", UNSET))

        def _parse_answer(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        answer = _parse_answer(d.pop("answer", UNSET))

        def _parse_answered_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                answered_at_type_0 = datetime.datetime.fromisoformat(data)

                return answered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        answered_at = _parse_answered_at(d.pop("answered_at", UNSET))

        def _parse_response_time_ms(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        response_time_ms = _parse_response_time_ms(d.pop("response_time_ms", UNSET))

        def _parse_relevance_score(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        relevance_score = _parse_relevance_score(d.pop("relevance_score", UNSET))

        def _parse_sources(data: object) -> list[CitationSource] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                sources_type_0 = []
                _sources_type_0 = data
                for sources_type_0_item_data in _sources_type_0:
                    sources_type_0_item = CitationSource.from_dict(
                        sources_type_0_item_data
                    )

                    sources_type_0.append(sources_type_0_item)

                return sources_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CitationSource] | None | Unset, data)

        sources = _parse_sources(d.pop("sources", UNSET))

        def _parse_liked(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        liked = _parse_liked(d.pop("liked", UNSET))

        def _parse_feedback(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        feedback = _parse_feedback(d.pop("feedback", UNSET))

        def _parse_country_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        country_id = _parse_country_id(d.pop("country_id", UNSET))

        def _parse_user_type(data: object) -> None | str | Unset | UserType:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                user_type_type_0 = check_user_type(data)

                return user_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | str | Unset | UserType, data)

        user_type = _parse_user_type(d.pop("user_type", UNSET))

        question_detail = cls(
            question_id=question_id,
            conversation_id=conversation_id,
            user_id=user_id,
            question=question,
            asked_at=asked_at,
            message_id=message_id,
            answer=answer,
            answered_at=answered_at,
            response_time_ms=response_time_ms,
            relevance_score=relevance_score,
            sources=sources,
            liked=liked,
            feedback=feedback,
            country_id=country_id,
            user_type=user_type,
        )

        question_detail.additional_properties = d
        return question_detail

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
