from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Document")


@_attrs_define
class Document:
    """A document that answers may cite.

    Attributes:
        document_id (str): The id of the document.
        title (str): The title.
        file_name (str): The name of its file.
        media_type (str): The media type of its file.
        size_bytes (int): The size of its file, in bytes.
        tags (list[str]): Words that describe it; may be empty.
        created_at (datetime.datetime): When it was added.
        modified_at (datetime.datetime): When it was last changed.
        category (None | str | Unset): The name of the category that it is filed under.
        sub_category (None | str | Unset): The name of the sub-category that it is filed under.
        solution (None | str | Unset): The name of the solution that it belongs to.
        summary (None | str | Unset): What it says, in a few words.
    """

    document_id: str
    title: str
    file_name: str
    media_type: str
    size_bytes: int
    tags: list[str]
    created_at: datetime.datetime
    modified_at: datetime.datetime
    category: None | str | Unset = UNSET
    sub_category: None | str | Unset = UNSET
    solution: None | str | Unset = UNSET
    summary: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        document_id = self.document_id

        title = self.title

        file_name = self.file_name

        media_type = self.media_type

        size_bytes = self.size_bytes

        tags = self.tags

        created_at = self.created_at.isoformat()

        modified_at = self.modified_at.isoformat()

        category: None | str | Unset
        if isinstance(self.category, Unset):
            category = UNSET
        else:
            category = self.category

        sub_category: None | str | Unset
        if isinstance(self.sub_category, Unset):
            sub_category = UNSET
        else:
            sub_category = self.sub_category

        solution: None | str | Unset
        if isinstance(self.solution, Unset):
            solution = UNSET
        else:
            solution = self.solution

        summary: None | str | Unset
        if isinstance(self.summary, Unset):
            summary = UNSET
        else:
            summary = self.summary

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "document_id": document_id,
                "title": title,
                "file_name": file_name,
                "media_type": media_type,
                "size_bytes": size_bytes,
                "tags": tags,
                "created_at": created_at,
                "modified_at": modified_at,
            }
        )
        if category is not UNSET:
            field_dict["category"] = category
        if sub_category is not UNSET:
            field_dict["sub_category"] = sub_category
        if solution is not UNSET:
            field_dict["solution"] = solution
        if summary is not UNSET:
            field_dict["summary"] = summary

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        document_id = d.pop("document_id")

        title = d.pop("title")

        file_name = d.pop("file_name")

        media_type = d.pop("media_type")

        size_bytes = d.pop("size_bytes")

        tags = cast(list[str], d.pop("tags"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        modified_at = datetime.datetime.fromisoformat(d.pop("modified_at"))

        def _parse_category(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        category = _parse_category(d.pop("category", UNSET))

        def _parse_sub_category(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sub_category = _parse_sub_category(d.pop("sub_category", UNSET))

        def _parse_solution(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        solution = _parse_solution(d.pop("solution", UNSET))

        def _parse_summary(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        summary = _parse_summary(d.pop("summary", UNSET))

        document = cls(
            document_id=document_id,
            title=title,
            file_name=file_name,
            media_type=media_type,
            size_bytes=size_bytes,
            tags=tags,
            created_at=created_at,
            modified_at=modified_at,
            category=category,
            sub_category=sub_category,
            solution=solution,
            summary=summary,
        )

        document.additional_properties = d
        return document

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
