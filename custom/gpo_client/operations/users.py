"""The users of an instance, and the lists they belong to: listUsers, saveUsers, listCountries, listServiceLines."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.page import AnswerList, Page
from gpo_client.operations.call import Call, generated, list_of, page_of
from gpo_client.operations.context import Context
from gpo_client.operations.generated import call_of, fields_of, given, model_from, texts_of

if TYPE_CHECKING:
    from gpo_client.models.generated import Country, ServiceLine, User
    from gpo_core_client.models import SortOrder, UserEntry, UserSortColumn


def list_users(
    context: Context,
    page: int,
    page_size: int,
    *,
    role_codes: Sequence[str] | None,
    is_active: bool | None,
    search_text: str | None,
    sort_column: UserSortColumn | None,
    sort_order: SortOrder | None,
) -> Call[Page[User]]:
    """listUsers: users by role and words."""
    from gpo_client.models.generated import User
    from gpo_core_client.api.users import list_users as operation

    kwargs = operation._get_kwargs(
        role_codes=given(None if role_codes is None else texts_of(role_codes, "role_codes", "codes")),
        is_active=given(is_active),
        search_text=given(search_text),
        sort_column=given(sort_column),
        sort_order=given(sort_order),
        page=page,
        page_size=page_size,
    )
    return call_of("listUsers", kwargs, context, page_of(generated(User)))


def save_users(context: Context, users: Iterable[UserEntry | Mapping[str, Any]]) -> Call[AnswerList[User]]:
    """saveUsers: add or change users."""
    from gpo_client.models.generated import User
    from gpo_core_client.api.users import save_users as operation
    from gpo_core_client.models import UserBatch, UserEntry

    if isinstance(users, Mapping | str | UserEntry):
        raise InvalidArgumentError("users must be a list of users, not a single one", field="users")
    entries = [fields_of(user, f"users[{number}]", UserEntry) for number, user in enumerate(users)]
    kwargs = operation._get_kwargs(body=model_from(UserBatch, {"users": entries}, "request"))
    return call_of("saveUsers", kwargs, context, list_of(generated(User)), creates=True)


def list_countries(context: Context) -> Call[AnswerList[Country]]:
    """listCountries: the countries that users can belong to."""
    from gpo_client.models.generated import Country
    from gpo_core_client.api.reference import list_countries as operation

    return call_of("listCountries", operation._get_kwargs(), context, list_of(generated(Country)))


def list_service_lines(context: Context) -> Call[AnswerList[ServiceLine]]:
    """listServiceLines: the service lines that the service covers."""
    from gpo_client.models.generated import ServiceLine
    from gpo_core_client.api.reference import list_service_lines as operation

    return call_of("listServiceLines", operation._get_kwargs(), context, list_of(generated(ServiceLine)))
