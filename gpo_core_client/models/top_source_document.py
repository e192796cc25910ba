from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="TopSourceDocument")


@_attrs_define
class TopSourceDocument:
    """A document, and how often answers cite it.

    Attributes:
        document_id (str): The id of the document.
        title (str): The title of the document.
        citation_count (int): How many answers cite it.
        average_relevance_score (float | None | Unset): How much it bore on those questions on average; null when not
            known.
    """

    document_id: str
    title: str
    citation_count: int
    average_relevance_score: float | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        document_id = self.document_id

        title = self.title

        citation_count = self.citation_count

        average_relevance_score: float | None | Unset
        if isinstance(self.average_relevance_score, Unset):
            average_relevance_score = UNSET
        else:
            average_relevance_score = self.average_relevance_score

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "document_id": document_id,
                "title": title,
                "citation_count": citation_count,
            }
        )
        if average_relevance_score is not UNSET:
            field_dict["average_relevance_score"] = average_relevance_score

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        document_id = d.pop("document_id")

        title = d.pop("title")

        citation_count = d.pop("citation_count")

        def _parse_average_relevance_score(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        average_relevance_score = _parse_average_relevance_score(
            d.pop("average_relevance_score", UNSET)
        )

        top_source_document = cls(
            document_id=document_id,
            title=title,
            citation_count=citation_count,
            average_relevance_score=average_relevance_score,
        )

        top_source_document.additional_properties = d
        return top_source_document

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
