"""Lists that other operations refer to: listCountries, listServiceLines."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.models.page import AnswerList
from gpo_client.operations.answers import generated, list_of
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.generated import request_from

if TYPE_CHECKING:
    from gpo_client.models.generated import Country, ServiceLine


def list_countries(context: Context) -> Call[AnswerList[Country]]:
    """listCountries: the countries that users can belong to."""
    from gpo_client.models.generated import Country
    from gpo_core_client.api.reference import list_countries as operation

    answer = list_of(generated(Country))
    return Call("listCountries", request_from(operation._get_kwargs()), answer, token=read_context(context).token)


def list_service_lines(context: Context) -> Call[AnswerList[ServiceLine]]:
    """listServiceLines: the service lines that the service covers."""
    from gpo_client.models.generated import ServiceLine
    from gpo_core_client.api.reference import list_service_lines as operation

    answer = list_of(generated(ServiceLine))
    return Call("listServiceLines", request_from(operation._get_kwargs()), answer, token=read_context(context).token)
