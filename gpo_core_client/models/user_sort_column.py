from typing import Literal

UserSortColumn = Literal[
    "created_at", "display_name", "email", "last_seen_at", "user_id"
]

USER_SORT_COLUMN_VALUES: set[UserSortColumn] = {
    "created_at",
    "display_name",
    "email",
    "last_seen_at",
    "user_id",
}


def check_user_sort_column(value: str) -> UserSortColumn:
    if value in USER_SORT_COLUMN_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {USER_SORT_COLUMN_VALUES!r}"
    )
