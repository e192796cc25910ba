from typing import Literal

DocumentCategoryType = Literal["Category", "SubCategory"]

DOCUMENT_CATEGORY_TYPE_VALUES: set[DocumentCategoryType] = {
    "Category",
    "SubCategory",
}


def check_document_category_type(value: str) -> DocumentCategoryType:
    if value in DOCUMENT_CATEGORY_TYPE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {DOCUMENT_CATEGORY_TYPE_VALUES!r}"
    )
