"""How good answers are: their speed, what users think of them, and what they rest on."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.models.page import AnswerList, Page
from gpo_client.operations.answers import generated, list_of, page_of
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.dates import DateReader, DateWindow
from gpo_client.operations.filters import filter_from
from gpo_client.operations.generated import request_from

if TYPE_CHECKING:
    from gpo_client.models.generated import (
        AverageResponseTime,
        Opinion,
        Resolution,
        SentimentDistribution,
        TopSourceDocument,
        UserFeedback,
    )
    from gpo_core_client.models import MetricFilter, SourceDocumentFilter, UserFeedbackSearch


def average_response_time(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[AverageResponseTime]:
    """getAverageResponseTime: how long answers took."""
    from gpo_client.models.generated import AverageResponseTime
    from gpo_core_client.api.metrics import get_average_response_time as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(AverageResponseTime)
    return Call("getAverageResponseTime", request_from(kwargs), answer, token=read_context(context).token)


def opinion(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[Opinion]:
    """getOpinion: likes and dislikes."""
    from gpo_client.models.generated import Opinion
    from gpo_core_client.api.metrics import get_opinion as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(Opinion)
    return Call("getOpinion", request_from(kwargs), answer, token=read_context(context).token)


def resolved_rate(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[Resolution]:
    """getResolvedRate: whether conversations clarified what was asked."""
    from gpo_client.models.generated import Resolution
    from gpo_core_client.api.metrics import get_resolved_rate as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(Resolution)
    return Call("getResolvedRate", request_from(kwargs), answer, token=read_context(context).token)


def sentiment_distribution(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[SentimentDistribution]:
    """getSentimentDistribution: how opinions spread from positive to negative."""
    from gpo_client.models.generated import SentimentDistribution
    from gpo_core_client.api.metrics import get_sentiment_distribution as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(SentimentDistribution)
    return Call("getSentimentDistribution", request_from(kwargs), answer, token=read_context(context).token)


def top_source_documents(
    context: Context,
    request: SourceDocumentFilter | Mapping[str, Any] | None,
    window: DateWindow | None,
    dates: DateReader,
) -> Call[AnswerList[TopSourceDocument]]:
    """getTopSourceDocuments: the documents that answers cite most."""
    from gpo_client.models.generated import TopSourceDocument
    from gpo_core_client.api.metrics import get_top_source_documents as operation
    from gpo_core_client.models import SourceDocumentFilter

    kwargs = operation._get_kwargs(body=filter_from(SourceDocumentFilter, request, window, dates))
    answer = list_of(generated(TopSourceDocument))
    return Call("getTopSourceDocuments", request_from(kwargs), answer, token=read_context(context).token)


def user_feedback(
    context: Context,
    request: UserFeedbackSearch | Mapping[str, Any] | None,
    window: DateWindow | None,
    dates: DateReader,
    page: int | None,
) -> Call[Page[UserFeedback]]:
    """listUserFeedback: what users say of answers."""
    from gpo_client.models.generated import UserFeedback
    from gpo_core_client.api.metrics import list_user_feedback as operation
    from gpo_core_client.models import UserFeedbackSearch

    body = filter_from(UserFeedbackSearch, request, window, dates)
    body.page = body.page if page is None else page
    kwargs, answer = operation._get_kwargs(body=body), page_of(generated(UserFeedback))
    return Call("listUserFeedback", request_from(kwargs), answer, token=read_context(context).token)
