"""Feedback of users: submitFeedback, submitHandoffFeedback, rateConversation, searchRatings, exportRatings."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.models.page import Page
from gpo_client.operations.call import Call, generated, page_of
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.filters import DateReader, search_from
from gpo_client.operations.generated import call_of, model_from

if TYPE_CHECKING:
    from gpo_client.models.generated import RatedConversation
    from gpo_core_client.models import ConversationRating, Feedback, HandoffFeedback, RatingExport, RatingSearch


def submit_feedback(context: Context, request: Feedback | Mapping[str, Any]) -> Call[None]:
    """submitFeedback: a verdict on one answer."""
    from gpo_core_client.api.feedback import submit_feedback as operation
    from gpo_core_client.models import Feedback

    body = model_from(Feedback, request, "request")
    return call_of("submitFeedback", operation._get_kwargs(body=body), context, None, creates=True)


def submit_handoff_feedback(context: Context, request: HandoffFeedback | Mapping[str, Any]) -> Call[None]:
    """submitHandoffFeedback: whether handing over to a person clarified the question."""
    from gpo_core_client.api.feedback import submit_handoff_feedback as operation
    from gpo_core_client.models import HandoffFeedback

    context = read_context(context)
    body = model_from(HandoffFeedback, request, "request", conversation_id=context.conversation_id)
    return call_of("submitHandoffFeedback", operation._get_kwargs(body=body), context, None, creates=True)


def rate_conversation(context: Context, request: ConversationRating | Mapping[str, Any]) -> Call[None]:
    """rateConversation: stars for a conversation as a whole."""
    from gpo_core_client.api.feedback import rate_conversation as operation
    from gpo_core_client.models import ConversationRating

    context = read_context(context)
    body = model_from(ConversationRating, request, "request", conversation_id=context.conversation_id)
    return call_of("rateConversation", operation._get_kwargs(body=body), context, None, creates=True)


def search_ratings(
    context: Context, request: RatingSearch | Mapping[str, Any] | None, dates: DateReader, page: int | None
) -> Call[Page[RatedConversation]]:
    """searchRatings: ratings by stars, words and time."""
    from gpo_client.models.generated import RatedConversation
    from gpo_core_client.api.ratings import search_ratings as operation
    from gpo_core_client.models import RatingSearch

    body = search_from(RatingSearch, request, dates, page)
    return call_of("searchRatings", operation._get_kwargs(body=body), context, page_of(generated(RatedConversation)))


def export_ratings(context: Context, request: RatingExport | Mapping[str, Any] | None, dates: DateReader) -> Call[None]:
    """exportRatings: the same as CSV. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.ratings import export_ratings as operation
    from gpo_core_client.models import RatingExport

    body = search_from(RatingExport, request, dates, time_zone=dates.time_zone)
    return call_of("exportRatings", operation._get_kwargs(body=body), context, None)
