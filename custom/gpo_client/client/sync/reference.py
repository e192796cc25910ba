# Derived from custom/gpo_client/client/aio/reference.py by `make sync`: edit that file, not this one.
"""Reference data."""

# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.sync.group import Group
from gpo_client.flows.options import CallOptions
from gpo_client.models.page import AnswerList
from gpo_client.operations import reference
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.generated import Country, ServiceLine


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
        return self._client._call(reference.list_countries(context), options)

    def service_lines(self, context: Context, **options: Unpack[CallOptions]) -> AnswerList[ServiceLine]:
        """Return the service lines that the service covers, sorted by name (operation listServiceLines).

        Args:
            context: The session.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        return self._client._call(reference.list_service_lines(context), options)
