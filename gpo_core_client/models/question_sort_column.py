from typing import Literal

QuestionSortColumn = Literal[
    "asked_at", "question", "relevance_score", "response_time_ms"
]

QUESTION_SORT_COLUMN_VALUES: set[QuestionSortColumn] = {
    "asked_at",
    "question",
    "relevance_score",
    "response_time_ms",
}


def check_question_sort_column(value: str) -> QuestionSortColumn:
    if value in QUESTION_SORT_COLUMN_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QUESTION_SORT_COLUMN_VALUES!r}"
    )
