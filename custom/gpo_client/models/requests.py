"""The requests as dictionaries, for editors that complete keys and checkers that find misspelt ones.

A request may be given as a dictionary. Written in place it is checked by itself; a variable is annotated with one of
these types. A ``dict[str, Any]`` is accepted too, unchecked until the request is made.
"""

# Derived from the generated models by `make request-dicts`: edit openapi.yaml, not this file.

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Required, TypedDict


class UncheckedValue:
    """A value that type checkers know nothing about. There are none: only ``Any`` passes for it."""


#: What is no literal dictionary: ``dict[str, Any]`` and its like.
Unchecked = Mapping[str, UncheckedValue]


class ChatRequestDict(TypedDict, total=False):
    """A question."""

    query: Required[str]
    use_openai: bool
    conversation_id: str | None
    session_id: str | None
    response_type: Literal["AgentTransferPrompt", "QueryClarifiedPrompt", "Question"] | None
    client_metadata: Mapping[str, Any] | None


class StreamingChatRequestDict(ChatRequestDict, total=False):
    """A question that is answered by an event stream."""

    stream: bool


class ChatHistoryEntryDict(TypedDict, total=False):
    """Something that was said earlier in a conversation."""

    role: Required[Literal["assistant", "system", "user"]]
    content: Required[str]


class SensitivityMarkerDict(TypedDict, total=False):
    """A sensitive part of a question."""

    type: Required[str]
    start: Required[int]
    end: Required[int]


class SensitiveChatRequestDict(ChatRequestDict, total=False):
    """A question that may contain protected data."""

    is_sensitive: bool
    chat_history: list[ChatHistoryEntryDict] | None
    sensitivity_markers: list[SensitivityMarkerDict] | None
    data_handling_policy: str | None


class ConversationRequestDict(TypedDict, total=False):
    """A conversation to start."""

    session_id: str | None
    title: str | None
    metadata: Mapping[str, Any] | None


class SessionContextDict(TypedDict, total=False):
    """Who a session is for."""

    instance_id: Required[str]
    user_id: Required[str]
    project_id: str | None
    environment: Literal["development", "production", "staging", "test"] | None


class FeedbackDict(TypedDict, total=False):
    """What a user thinks of an answer."""

    message_id: Required[str]
    like: bool | None
    feedback: str | None
    hand_off: bool | None
    suggest_next_response: bool | None


class HandoffFeedbackDict(TypedDict, total=False):
    """Whether a question was clear before the conversation went to a person."""

    conversation_id: str
    is_clarified: Required[bool]


class ConversationRatingDict(TypedDict, total=False):
    """How good a conversation was."""

    conversation_id: str
    rating: Required[int]
    rating_comment: str | None


class MessageSearchDict(TypedDict, total=False):
    """A search for messages."""

    search_text: Required[str]
    start_date: date | str | None
    page: int
    page_size: int


class DocumentSearchDict(TypedDict, total=False):
    """A search for documents."""

    search_text: str | None
    sort_column: Literal["created_at", "file_name", "modified_at", "size_bytes", "title"] | None
    sort_order: Literal["Ascending", "Descending"] | None
    page: int
    page_size: int


class DiscoverFileDict(TypedDict, total=False):
    """A file, and where it belongs."""

    file_name: Required[str]
    category_name: str | None
    sub_category_name: str | None
    solution_name: str | None
    is_discover_file: bool | None


class MetricFilterDict(TypedDict, total=False):
    """What to count: what happened in a span of time, by certain users. Conversations count by when they were
    started, questions and answers by when they were asked, ratings and feedback by when they were given. An empty
    list keeps everything.
    """

    start_date: date | str | None
    end_date: date | str | None
    country_ids: list[str] | None
    user_types: list[Literal["external", "internal"]] | None
    min_response_time_s: float | None
    max_response_time_s: float | None


class QuestionMetricFilterDict(MetricFilterDict, total=False):
    """What to count, among the questions with a text."""

    search_text: str | None


class SourceDocumentFilterDict(QuestionMetricFilterDict, total=False):
    """Which citations to count, and how many documents to list."""

    limit: int


class UserFeedbackSearchDict(QuestionMetricFilterDict, total=False):
    """Which feedback to list."""

    page: int
    page_size: int


class QuestionDetailSearchDict(TypedDict, total=False):
    """A search for questions and their answers."""

    search_text: str | None
    sort_column: Literal["asked_at", "question", "relevance_score", "response_time_ms"] | None
    sort_order: Literal["Ascending", "Descending"] | None
    filter: MetricFilterDict | None
    page: int
    page_size: int


class QuestionDetailExportDict(TypedDict, total=False):
    """An export of questions and their answers."""

    search_text: str | None
    sort_column: Literal["asked_at", "question", "relevance_score", "response_time_ms"] | None
    sort_order: Literal["Ascending", "Descending"] | None
    filter: MetricFilterDict | None
    time_zone: str | None


class RatingFiltersDict(TypedDict, total=False):
    """Which ratings to keep."""

    rating_values: list[int] | None
    is_comment_not_provided: bool | None


class RatingSearchDict(TypedDict, total=False):
    """A search for ratings."""

    search_text: str | None
    sort_column: Literal["rated_at", "rating", "title"] | None
    sort_order: Literal["Ascending", "Descending"] | None
    filter: MetricFilterDict | None
    rating_filters: RatingFiltersDict | None
    page: int
    page_size: int


class RatingExportDict(TypedDict, total=False):
    """An export of ratings."""

    search_text: str | None
    sort_column: Literal["rated_at", "rating", "title"] | None
    sort_order: Literal["Ascending", "Descending"] | None
    filter: MetricFilterDict | None
    rating_filters: RatingFiltersDict | None
    time_zone: str | None


class UserEntryDict(TypedDict, total=False):
    """A user to add or to change."""

    email: Required[str]
    user_id: str | None
    display_name: str | None
    is_active: bool | None
    role_codes: list[str] | None
    country_id: str | None
    user_type: Literal["external", "internal"] | None
