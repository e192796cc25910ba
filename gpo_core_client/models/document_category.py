from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.document_category_type import (
    DocumentCategoryType,
    check_document_category_type,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="DocumentCategory")


@_attrs_define
class DocumentCategory:
    """A category or sub-category of documents.

    Attributes:
        category_id (str): The id of the category.
        name (str): The name of the category.
        document_category_type (DocumentCategoryType | str): Whether it stands at the top or inside another category.
        parent_id (None | str | Unset): The id of the category that a sub-category belongs to.
    """

    category_id: str
    name: str
    document_category_type: DocumentCategoryType | str
    parent_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        category_id = self.category_id

        name = self.name

        document_category_type: str
        if isinstance(self.document_category_type, str):
            document_category_type = self.document_category_type
        else:
            document_category_type = self.document_category_type

        parent_id: None | str | Unset
        if isinstance(self.parent_id, Unset):
            parent_id = UNSET
        else:
            parent_id = self.parent_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "category_id": category_id,
                "name": name,
                "document_category_type": document_category_type,
            }
        )
        if parent_id is not UNSET:
            field_dict["parent_id"] = parent_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        category_id = d.pop("category_id")

        name = d.pop("name")

        def _parse_document_category_type(data: object) -> DocumentCategoryType | str:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                document_category_type_type_0 = check_document_category_type(data)

                return document_category_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(DocumentCategoryType | str, data)

        document_category_type = _parse_document_category_type(
            d.pop("document_category_type")
        )

        def _parse_parent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        parent_id = _parse_parent_id(d.pop("parent_id", UNSET))

        document_category = cls(
            category_id=category_id,
            name=name,
            document_category_type=document_category_type,
            parent_id=parent_id,
        )

        document_category.additional_properties = d
        return document_category

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
