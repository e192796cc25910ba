"""Metrics: how much users ask, how good and how fast answers are, and what they rest on."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from gpo_client.models.page import AnswerList, Page
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.filters import DateReader, filter_from
from gpo_client.operations.generated import request_from
from gpo_client.operations.responses import ResponseDecoder, generated, list_of, page_of

if TYPE_CHECKING:
    from gpo_client.models.generated import (
        AverageResponseTime,
        CountryTraffic,
        MetricTotal,
        Opinion,
        Resolution,
        SentimentDistribution,
        TopSourceDocument,
        TotalTraffic,
        UserFeedback,
    )
    from gpo_core_client.models import MetricFilter, QuestionMetricFilter, SourceDocumentFilter, UserFeedbackSearch

    Filter = MetricFilter | Mapping[str, Any] | None

T = TypeVar("T")


def total_conversations(context: Context, request: Filter, dates: DateReader) -> Call[MetricTotal]:
    """getTotalConversations: how many conversations were started."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_conversations as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getTotalConversations", operation, body, generated(MetricTotal), context)


def total_engaged_users(context: Context, request: Filter, dates: DateReader) -> Call[MetricTotal]:
    """getTotalEngagedUsers: how many different users asked something."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_engaged_users as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getTotalEngagedUsers", operation, body, generated(MetricTotal), context)


def total_questions(
    context: Context, request: QuestionMetricFilter | Mapping[str, Any] | None, dates: DateReader
) -> Call[MetricTotal]:
    """getTotalQuestions: how many questions were asked."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_questions as operation
    from gpo_core_client.models import QuestionMetricFilter

    body = filter_from(QuestionMetricFilter, request, dates)
    return _metric("getTotalQuestions", operation, body, generated(MetricTotal), context)


def total_traffic(context: Context, request: Filter, dates: DateReader) -> Call[TotalTraffic]:
    """getTotalTraffic: how much was going on."""
    from gpo_client.models.generated import TotalTraffic
    from gpo_core_client.api.metrics import get_total_traffic as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getTotalTraffic", operation, body, generated(TotalTraffic), context)


def traffic_distribution(context: Context, request: Filter, dates: DateReader) -> Call[AnswerList[CountryTraffic]]:
    """getTrafficDistribution: the traffic by country."""
    from gpo_client.models.generated import CountryTraffic
    from gpo_core_client.api.metrics import get_traffic_distribution as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getTrafficDistribution", operation, body, list_of(generated(CountryTraffic)), context)


def average_response_time(context: Context, request: Filter, dates: DateReader) -> Call[AverageResponseTime]:
    """getAverageResponseTime: how long answers took."""
    from gpo_client.models.generated import AverageResponseTime
    from gpo_core_client.api.metrics import get_average_response_time as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getAverageResponseTime", operation, body, generated(AverageResponseTime), context)


def opinion(context: Context, request: Filter, dates: DateReader) -> Call[Opinion]:
    """getOpinion: likes and dislikes."""
    from gpo_client.models.generated import Opinion
    from gpo_core_client.api.metrics import get_opinion as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getOpinion", operation, body, generated(Opinion), context)


def resolved_rate(context: Context, request: Filter, dates: DateReader) -> Call[Resolution]:
    """getResolvedRate: whether conversations clarified what was asked."""
    from gpo_client.models.generated import Resolution
    from gpo_core_client.api.metrics import get_resolved_rate as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getResolvedRate", operation, body, generated(Resolution), context)


def sentiment_distribution(context: Context, request: Filter, dates: DateReader) -> Call[SentimentDistribution]:
    """getSentimentDistribution: how opinions spread from positive to negative."""
    from gpo_client.models.generated import SentimentDistribution
    from gpo_core_client.api.metrics import get_sentiment_distribution as operation
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, request, dates)
    return _metric("getSentimentDistribution", operation, body, generated(SentimentDistribution), context)


def top_source_documents(
    context: Context, request: SourceDocumentFilter | Mapping[str, Any] | None, dates: DateReader
) -> Call[AnswerList[TopSourceDocument]]:
    """getTopSourceDocuments: the documents that answers cite most."""
    from gpo_client.models.generated import TopSourceDocument
    from gpo_core_client.api.metrics import get_top_source_documents as operation
    from gpo_core_client.models import SourceDocumentFilter

    body = filter_from(SourceDocumentFilter, request, dates)
    return _metric("getTopSourceDocuments", operation, body, list_of(generated(TopSourceDocument)), context)


def user_feedback(
    context: Context,
    request: UserFeedbackSearch | Mapping[str, Any] | None,
    dates: DateReader,
    page: int | None,
) -> Call[Page[UserFeedback]]:
    """listUserFeedback: what users say of answers."""
    from gpo_client.models.generated import UserFeedback
    from gpo_core_client.api.metrics import list_user_feedback as operation
    from gpo_core_client.models import UserFeedbackSearch

    body = filter_from(UserFeedbackSearch, request, dates)
    body.page = body.page if page is None else page
    return _metric("listUserFeedback", operation, body, page_of(generated(UserFeedback)), context)


def _metric(name: str, operation: Any, body: object, decoder: ResponseDecoder[T], context: Context) -> Call[T]:
    request = request_from(operation._get_kwargs(body=body))
    return Call(name, request, decoder, token=read_context(context).token)
