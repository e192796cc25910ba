from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.user_type import UserType, check_user_type

T = TypeVar("T", bound="User")


@_attrs_define
class User:
    """A user of the instance.

    Attributes:
        user_id (str): The id of the user, as sessions name it.
        email (None | str): The e-mail address; null when it is not known.
        display_name (None | str): The name of the user, as people write it; null when it is not known.
        is_active (bool): Whether the user can open sessions.
        role_codes (list[str]): The roles of the user.
        country_id (None | str): The id of the user's country; null when it is not known.
        user_type (None | str | UserType): The type of the user; null when it is not known.
        created_at (datetime.datetime): When the user was first saved or seen.
        last_seen_at (datetime.datetime | None): When the user last opened a session; null when never.
    """

    user_id: str
    email: None | str
    display_name: None | str
    is_active: bool
    role_codes: list[str]
    country_id: None | str
    user_type: None | str | UserType
    created_at: datetime.datetime
    last_seen_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        email: None | str
        email = self.email

        display_name: None | str
        display_name = self.display_name

        is_active = self.is_active

        role_codes = self.role_codes

        country_id: None | str
        country_id = self.country_id

        user_type: None | str
        if isinstance(self.user_type, str):
            user_type = self.user_type
        else:
            user_type = self.user_type

        created_at = self.created_at.isoformat()

        last_seen_at: None | str
        if isinstance(self.last_seen_at, datetime.datetime):
            last_seen_at = self.last_seen_at.isoformat()
        else:
            last_seen_at = self.last_seen_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "email": email,
                "display_name": display_name,
                "is_active": is_active,
                "role_codes": role_codes,
                "country_id": country_id,
                "user_type": user_type,
                "created_at": created_at,
                "last_seen_at": last_seen_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        def _parse_email(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        email = _parse_email(d.pop("email"))

        def _parse_display_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        display_name = _parse_display_name(d.pop("display_name"))

        is_active = d.pop("is_active")

        role_codes = cast(list[str], d.pop("role_codes"))

        def _parse_country_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        country_id = _parse_country_id(d.pop("country_id"))

        def _parse_user_type(data: object) -> None | str | UserType:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                user_type_type_0 = check_user_type(data)

                return user_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | str | UserType, data)

        user_type = _parse_user_type(d.pop("user_type"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_last_seen_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_seen_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_seen_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_seen_at = _parse_last_seen_at(d.pop("last_seen_at"))

        user = cls(
            user_id=user_id,
            email=email,
            display_name=display_name,
            is_active=is_active,
            role_codes=role_codes,
            country_id=country_id,
            user_type=user_type,
            created_at=created_at,
            last_seen_at=last_seen_at,
        )

        user.additional_properties = d
        return user

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
