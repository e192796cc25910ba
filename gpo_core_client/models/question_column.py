from typing import Literal

QuestionColumn = Literal[
    "answer",
    "answered_at",
    "asked_at",
    "conversation_id",
    "country_id",
    "feedback",
    "liked",
    "message_id",
    "question",
    "question_id",
    "relevance_score",
    "response_time_ms",
    "sources",
    "user_id",
    "user_type",
]

QUESTION_COLUMN_VALUES: set[QuestionColumn] = {
    "answer",
    "answered_at",
    "asked_at",
    "conversation_id",
    "country_id",
    "feedback",
    "liked",
    "message_id",
    "question",
    "question_id",
    "relevance_score",
    "response_time_ms",
    "sources",
    "user_id",
    "user_type",
}


def check_question_column(value: str) -> QuestionColumn:
    if value in QUESTION_COLUMN_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QUESTION_COLUMN_VALUES!r}"
    )
