from typing import Literal

RatingSortColumn = Literal["rated_at", "rating", "title"]

RATING_SORT_COLUMN_VALUES: set[RatingSortColumn] = {
    "rated_at",
    "rating",
    "title",
}


def check_rating_sort_column(value: str) -> RatingSortColumn:
    if value in RATING_SORT_COLUMN_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {RATING_SORT_COLUMN_VALUES!r}"
    )
