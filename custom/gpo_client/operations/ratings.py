"""How users rated their conversations: searchRatings, exportRatings."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.models.page import Page
from gpo_client.operations.answers import generated, page_of
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.dates import DateReader, DateWindow
from gpo_client.operations.filters import search_from
from gpo_client.operations.generated import request_from

if TYPE_CHECKING:
    from gpo_client.models.generated import RatedConversation
    from gpo_core_client.models import RatingExport, RatingSearch


def search_ratings(
    context: Context,
    request: RatingSearch | Mapping[str, Any] | None,
    window: DateWindow | None,
    dates: DateReader,
    page: int | None,
) -> Call[Page[RatedConversation]]:
    """searchRatings: ratings by stars, words and time."""
    from gpo_client.models.generated import RatedConversation
    from gpo_core_client.api.ratings import search_ratings as operation
    from gpo_core_client.models import RatingSearch

    body = search_from(RatingSearch, request, window, dates)
    body.page = body.page if page is None else page
    kwargs, answer = operation._get_kwargs(body=body), page_of(generated(RatedConversation))
    return Call("searchRatings", request_from(kwargs), answer, token=read_context(context).token)


def export_ratings(
    context: Context,
    request: RatingExport | Mapping[str, Any] | None,
    window: DateWindow | None,
    dates: DateReader,
    time_zone: str | None,
) -> Call[None]:
    """exportRatings: the same as CSV. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.ratings import export_ratings as operation
    from gpo_core_client.models import RatingExport

    body = search_from(RatingExport, request, window, dates, time_zone=time_zone)
    kwargs = operation._get_kwargs(body=body)
    return Call("exportRatings", request_from(kwargs), None, token=read_context(context).token)
