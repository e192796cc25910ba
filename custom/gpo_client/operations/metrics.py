"""Metrics of an instance: how much it is used, how good and how fast answers are, and what they rest on.

This module loads what its operations need: it is loaded itself when the first metric is asked for.
"""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from typing import Any, Generic, TypeVar

import attrs

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
from gpo_client.operations.call import Call, ResponseDecoder, generated, list_of, page_of
from gpo_client.operations.context import Context
from gpo_client.operations.filters import DateReader, filter_from
from gpo_client.operations.generated import GeneratedModel, call_of
from gpo_core_client.api.metrics import (
    get_average_response_time,
    get_opinion,
    get_resolved_rate,
    get_sentiment_distribution,
    get_top_source_documents,
    get_total_conversations,
    get_total_engaged_users,
    get_total_questions,
    get_total_traffic,
    get_traffic_distribution,
    list_user_feedback,
)
from gpo_core_client.models import MetricFilter, QuestionMetricFilter, SourceDocumentFilter, UserFeedbackSearch

T = TypeVar("T")


@attrs.frozen
class Metric(Generic[T]):
    """An operation that takes a filter with a window of time: its id, its generated module, the class of the filter."""

    name: str
    operation: Any
    filter: type[GeneratedModel]
    decoder: ResponseDecoder[T]

    def __call__(self, context: Context, request: object, dates: DateReader, page: int | None = None) -> Call[T]:
        """Return the call."""
        body = filter_from(self.filter, request, dates, page)
        return call_of(self.name, self.operation._get_kwargs(body=body), context, self.decoder)


total_conversations = Metric("getTotalConversations", get_total_conversations, MetricFilter, generated(MetricTotal))
total_engaged_users = Metric("getTotalEngagedUsers", get_total_engaged_users, MetricFilter, generated(MetricTotal))
total_questions = Metric("getTotalQuestions", get_total_questions, QuestionMetricFilter, generated(MetricTotal))
total_traffic = Metric("getTotalTraffic", get_total_traffic, MetricFilter, generated(TotalTraffic))
traffic_distribution = Metric(
    "getTrafficDistribution", get_traffic_distribution, MetricFilter, list_of(generated(CountryTraffic))
)
average_response_time = Metric(
    "getAverageResponseTime", get_average_response_time, MetricFilter, generated(AverageResponseTime)
)
opinion = Metric("getOpinion", get_opinion, MetricFilter, generated(Opinion))
resolved_rate = Metric("getResolvedRate", get_resolved_rate, MetricFilter, generated(Resolution))
sentiment_distribution = Metric(
    "getSentimentDistribution", get_sentiment_distribution, MetricFilter, generated(SentimentDistribution)
)
top_source_documents = Metric(
    "getTopSourceDocuments", get_top_source_documents, SourceDocumentFilter, list_of(generated(TopSourceDocument))
)
user_feedback = Metric("listUserFeedback", list_user_feedback, UserFeedbackSearch, page_of(generated(UserFeedback)))
