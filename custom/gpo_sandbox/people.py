"""Users, as clients send them and get them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gpo_sandbox.filters import SortOrder, UserType
from gpo_sandbox.requests import Identifier, Label, PageQuery, SearchText

Email = Annotated[str, Meta(pattern=r"^[^@\x00-\x20\x7f]{1,64}@[^@\x00-\x20\x7f]{1,255}\Z", max_length=254)]
RoleCode = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,31}\Z")]
RoleCodes = Annotated[list[RoleCode], Meta(max_length=20)]


class UserQuery(PageQuery, kw_only=True):
    """Query of listUsers."""

    role_codes: RoleCodes | None = None
    is_active: bool | None = None
    search_text: SearchText | None = None
    sort_column: Literal["user_id", "email", "display_name", "created_at", "last_seen_at"] | None = None
    sort_order: SortOrder | None = None


class UserEntry(msgspec.Struct, kw_only=True):
    """A user to add or to change; what is absent stays as it is."""

    email: Email
    user_id: Identifier | None = None
    display_name: Annotated[str, Meta(max_length=200)] | None = None
    is_active: bool | None = None
    role_codes: RoleCodes | None = None
    country_id: Label | None = None
    user_type: UserType | None = None


class UserBatch(msgspec.Struct, kw_only=True):
    """Body of saveUsers."""

    users: Annotated[list[UserEntry], Meta(min_length=1, max_length=100)]


class User(msgspec.Struct, kw_only=True):
    """A user of an instance."""

    user_id: str
    email: str | None
    display_name: str | None
    is_active: bool
    role_codes: list[str]
    country_id: str | None
    user_type: str | None
    created_at: str
    last_seen_at: str | None
