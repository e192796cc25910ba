from typing import Literal

DocumentSortColumn = Literal[
    "created_at", "file_name", "modified_at", "size_bytes", "title"
]

DOCUMENT_SORT_COLUMN_VALUES: set[DocumentSortColumn] = {
    "created_at",
    "file_name",
    "modified_at",
    "size_bytes",
    "title",
}


def check_document_sort_column(value: str) -> DocumentSortColumn:
    if value in DOCUMENT_SORT_COLUMN_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {DOCUMENT_SORT_COLUMN_VALUES!r}"
    )
