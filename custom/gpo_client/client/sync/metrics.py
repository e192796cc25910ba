# Derived from custom/gpo_client/client/aio/metrics.py by `make sync`: edit that file, not this one.
"""Metrics: how much an instance is used, how good and how fast answers are, and what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, Unpack

from gpo_client.client.runtime import date_reader
from gpo_client.client.sync.core import Group, SyncPage
from gpo_client.flows.options import WindowOptions
from gpo_client.models.page import AnswerList
from gpo_client.operations import metrics as operations
from gpo_client.operations.context import Context
from gpo_client.operations.metrics import Metric

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
    from gpo_client.models.requests import (
        MetricFilterDict,
        QuestionMetricFilterDict,
        SourceDocumentFilterDict,
        Unchecked,
        UserFeedbackSearchDict,
    )
    from gpo_core_client.models import MetricFilter, QuestionMetricFilter, SourceDocumentFilter, UserFeedbackSearch

    Filter = MetricFilter | MetricFilterDict | Unchecked | None

T = TypeVar("T")


class MetricGroup(Group):
    """Metrics of an instance: ``client.metrics``.

    All methods count what the users of the session's instance do, in a window of time that may be given in people's
    words::

        with SyncGPOCoreClient() as client:
            session = client.session({"instance_id": "advisory-001", "user_id": "user-1"})
            asked = client.metrics.total_questions(session, window="last month")
            print(asked.total, [(day.date, day.count) for day in asked.by_day])

    They take the same arguments: a session, a request and options. ``window`` is ``"last month"``, ``"1 Nov 2026"``, a
    date, or a pair of dates, datetimes or texts, of which one may be None; a day is all of that day; default: no limit.
    ``time_zone`` is the IANA name of the zone that dates mean where they name none; default: this machine's. A request
    is a model or a mapping, with ``country_ids``, ``user_types`` (``"internal"``, ``"external"``),
    ``min_response_time_s`` and ``max_response_time_s``, all optional, and perhaps ``start_date`` and ``end_date`` in
    place of ``window``; default: no limits. The other options are ``timeout`` (seconds), ``max_retries`` and
    ``headers``. They raise GPOClientError as any call; an InvalidArgumentError names what cannot be read.
    """

    __slots__ = ()

    def _metric(self, metric: Metric[T], context: Context, request: object, options: WindowOptions) -> T:
        return self._call(metric(context, request, date_reader(options)), options)

    def total_conversations(
        self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]
    ) -> MetricTotal:
        """Count the conversations that were started (operation getTotalConversations).

        Returns:
            The number in all, and that of each day (UTC) that had any.
        """
        return self._metric(operations.total_conversations, context, request, options)

    def total_engaged_users(
        self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]
    ) -> MetricTotal:
        """Count the different users who asked something (operation getTotalEngagedUsers).

        Returns:
            The number in all, and that of each day (UTC) that had any.
        """
        return self._metric(operations.total_engaged_users, context, request, options)

    def total_questions(
        self,
        context: Context,
        request: QuestionMetricFilter | QuestionMetricFilterDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> MetricTotal:
        """Count the questions that were asked (operation getTotalQuestions).

        The request is a ``QuestionMetricFilter`` or a mapping, which has besides ``search_text``.

        Returns:
            The number in all, and that of each day (UTC) that had any.
        """
        return self._metric(operations.total_questions, context, request, options)

    def total_traffic(self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]) -> TotalTraffic:
        """Count conversations, questions and answers (operation getTotalTraffic).

        Returns:
            Conversations, questions and answers, and the questions of each hour of the day (UTC).
        """
        return self._metric(operations.total_traffic, context, request, options)

    def traffic_distribution(
        self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]
    ) -> AnswerList[CountryTraffic]:
        """Return how questions and users spread over countries (operation getTrafficDistribution).

        Returns:
            The countries with their traffic, the busiest first. Users of unknown country come under None.
        """
        return self._metric(operations.traffic_distribution, context, request, options)

    def average_response_time(
        self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]
    ) -> AverageResponseTime:
        """Return how long answers took (operation getAverageResponseTime).

        Returns:
            The average, the fastest and the slowest in milliseconds, and the average of each day (UTC).
        """
        return self._metric(operations.average_response_time, context, request, options)

    def opinion(self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]) -> Opinion:
        """Count the answers that were liked and disliked (operation getOpinion).

        Returns:
            The numbers, and the share of likes in the verdicts; None when there are no verdicts.
        """
        return self._metric(operations.opinion, context, request, options)

    def resolved_rate(self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]) -> Resolution:
        """Count the conversations that clarified what was asked (operation getResolvedRate).

        Returns:
            The numbers, and the share of the resolved in those decided; None when none is.
        """
        return self._metric(operations.resolved_rate, context, request, options)

    def sentiment_distribution(
        self, context: Context, request: Filter = None, **options: Unpack[WindowOptions]
    ) -> SentimentDistribution:
        """Return how likes and ratings spread from positive to negative (operation getSentimentDistribution).

        Returns:
            The numbers, and their shares; None when there are no opinions.
        """
        return self._metric(operations.sentiment_distribution, context, request, options)

    def top_source_documents(
        self,
        context: Context,
        request: SourceDocumentFilter | SourceDocumentFilterDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> AnswerList[TopSourceDocument]:
        """Return the documents that answers cite most often (operation getTopSourceDocuments).

        The request is a ``SourceDocumentFilter`` or a mapping, which has besides ``search_text`` (of the questions) and
        ``limit`` (1 to 100, default 10).

        Returns:
            The documents with the number of answers that cite them, the most cited first.
        """
        return self._metric(operations.top_source_documents, context, request, options)

    def user_feedback(
        self,
        context: Context,
        request: UserFeedbackSearch | UserFeedbackSearchDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> SyncPage[UserFeedback]:
        """Return what users say of answers, the newest first (operation listUserFeedback).

        The request is a ``UserFeedbackSearch`` or a mapping, which has besides ``search_text``, ``page`` (the first)
        and ``page_size``; ``timeout`` is for each page.
        """
        dates = date_reader(options)
        return self._page(lambda number: operations.user_feedback(context, request, dates, number), None, options)
