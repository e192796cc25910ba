# Derived from custom/gpo_client/client/aio/users.py by `make sync`: edit that file, not this one.
"""The users of an instance, and the lists that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.sync.core import Group, SyncPage
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.page import AnswerList, Page
from gpo_client.operations import users as operations
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.generated import Country, ServiceLine, User
    from gpo_client.models.requests import Unchecked, UserEntryDict
    from gpo_core_client.models import SortOrder, UserEntry, UserSortColumn


class UserGroup(Group):
    """The users of an instance: ``client.users``."""

    __slots__ = ()

    def search(
        self,
        context: Context,
        *,
        search_text: str | None = None,
        role_codes: Sequence[str] | None = None,
        is_active: bool | None = None,
        sort_column: UserSortColumn | None = None,
        sort_order: SortOrder | None = None,
        page: int = 1,
        page_size: int = 20,
        **options: Unpack[CallOptions],
    ) -> SyncPage[User]:
        """Return the users, sorted by id unless said otherwise (operation listUsers).

        Args:
            context: The session.
            search_text: Only those whose id, e-mail address or name holds this text. Default: all.
            role_codes: Only those who have at least one of these roles. Default: all.
            is_active: Only those who are active, or only those who are not. Default: both.
            sort_column: ``"user_id"``, ``"email"``, ``"display_name"``, ``"created_at"`` or ``"last_seen_at"``.
            sort_order: ``"Ascending"`` (the default) or ``"Descending"``.
            page: The page to begin with, from 1.
            page_size: Items to a page, 1 to 100.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: ``role_codes`` is a single text.
            InvalidRequestError: ``page`` or ``page_size`` is out of range, or a value is not accepted.
            GPOClientError: As for any call.
        """

        def call(number: int | None) -> Call[Page[User]]:
            return operations.list_users(
                context,
                number or page,
                page_size,
                role_codes=role_codes,
                is_active=is_active,
                search_text=search_text,
                sort_column=sort_column,
                sort_order=sort_order,
            )

        return self._page(call, page, options)

    def save(
        self, context: Context, users: Iterable[UserEntry | UserEntryDict | Unchecked], **options: Unpack[CreateOptions]
    ) -> AnswerList[User]:
        """Add users, or change those who have the same e-mail address; all of them or none (operation saveUsers).

        Args:
            context: The session.
            users: Each a ``UserEntry`` or a mapping with ``email`` and perhaps ``user_id``, ``display_name``,
                ``is_active``, ``role_codes``, ``country_id`` and ``user_type`` (``"internal"``, ``"external"``). What
                is left out stays as it is.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The users as they are now, in the same order.

        Raises:
            InvalidArgumentError: A field is missing, unknown or of the wrong type, or ``users`` is a single one.
            ConflictError: An e-mail address or an id belongs to another user.
            GPOClientError: As for any call.
        """
        return self._call(operations.save_users(context, users), options)


class ReferenceGroup(Group):
    """Lists that other methods refer to: ``client.reference``."""

    __slots__ = ()

    def countries(self, context: Context, **options: Unpack[CallOptions]) -> AnswerList[Country]:
        """Return the countries that users can belong to, sorted by name (operation listCountries).

        Args:
            context: The session.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        return self._call(operations.list_countries(context), options)

    def service_lines(self, context: Context, **options: Unpack[CallOptions]) -> AnswerList[ServiceLine]:
        """Return the service lines that the service covers, sorted by name (operation listServiceLines).

        Args:
            context: The session.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        return self._call(operations.list_service_lines(context), options)
