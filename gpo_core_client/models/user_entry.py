from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.user_type import UserType, check_user_type
from ..types import UNSET, Unset

T = TypeVar("T", bound="UserEntry")


@_attrs_define
class UserEntry:
    """A user to add or to change.

    Attributes:
        email (str): The e-mail address, which tells users apart.
        user_id (None | str | Unset): The id that sessions name; that of a new user is the e-mail address when absent.
        display_name (None | str | Unset): The name of the user, as people write it.
        is_active (bool | None | Unset): Whether the user can open sessions; new users can when absent.
        role_codes (list[str] | None | Unset): The roles of the user; new users have none when absent.
        country_id (None | str | Unset): The id of the user's country.
        user_type (None | Unset | UserType): The type of the user.
    """

    email: str
    user_id: None | str | Unset = UNSET
    display_name: None | str | Unset = UNSET
    is_active: bool | None | Unset = UNSET
    role_codes: list[str] | None | Unset = UNSET
    country_id: None | str | Unset = UNSET
    user_type: None | Unset | UserType = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        email = self.email

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        display_name: None | str | Unset
        if isinstance(self.display_name, Unset):
            display_name = UNSET
        else:
            display_name = self.display_name

        is_active: bool | None | Unset
        if isinstance(self.is_active, Unset):
            is_active = UNSET
        else:
            is_active = self.is_active

        role_codes: list[str] | None | Unset
        if isinstance(self.role_codes, Unset):
            role_codes = UNSET
        elif isinstance(self.role_codes, list):
            role_codes = self.role_codes

        else:
            role_codes = self.role_codes

        country_id: None | str | Unset
        if isinstance(self.country_id, Unset):
            country_id = UNSET
        else:
            country_id = self.country_id

        user_type: None | str | Unset
        if isinstance(self.user_type, Unset):
            user_type = UNSET
        elif isinstance(self.user_type, str):
            user_type = self.user_type
        else:
            user_type = self.user_type

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "email": email,
            }
        )
        if user_id is not UNSET:
            field_dict["user_id"] = user_id
        if display_name is not UNSET:
            field_dict["display_name"] = display_name
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if role_codes is not UNSET:
            field_dict["role_codes"] = role_codes
        if country_id is not UNSET:
            field_dict["country_id"] = country_id
        if user_type is not UNSET:
            field_dict["user_type"] = user_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        email = d.pop("email")

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("user_id", UNSET))

        def _parse_display_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        display_name = _parse_display_name(d.pop("display_name", UNSET))

        def _parse_is_active(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_active = _parse_is_active(d.pop("is_active", UNSET))

        def _parse_role_codes(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                role_codes_type_0 = cast(list[str], data)

                return role_codes_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        role_codes = _parse_role_codes(d.pop("role_codes", UNSET))

        def _parse_country_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        country_id = _parse_country_id(d.pop("country_id", UNSET))

        def _parse_user_type(data: object) -> None | Unset | UserType:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                user_type_type_0 = check_user_type(data)

                return user_type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UserType, data)

        user_type = _parse_user_type(d.pop("user_type", UNSET))

        user_entry = cls(
            email=email,
            user_id=user_id,
            display_name=display_name,
            is_active=is_active,
            role_codes=role_codes,
            country_id=country_id,
            user_type=user_type,
        )

        user_entry.additional_properties = d
        return user_entry

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
