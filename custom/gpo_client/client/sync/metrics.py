# Derived from custom/gpo_client/client/aio/metrics.py by `make sync`: edit that file, not this one.
"""Metrics: how good answers are, and all of them together."""

# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.runtime import date_reader
from gpo_client.client.sync.core import Group
from gpo_client.client.sync.metrics_of_use import UseMetrics
from gpo_client.client.sync.pages import SyncPage
from gpo_client.flows.options import CallOptions
from gpo_client.models.page import AnswerList
from gpo_client.operations import metrics as operations
from gpo_client.operations.context import Context
from gpo_client.operations.filters import DateWindow

if TYPE_CHECKING:
    from gpo_client.models.generated import (
        AverageResponseTime,
        Opinion,
        Resolution,
        SentimentDistribution,
        TopSourceDocument,
        UserFeedback,
    )
    from gpo_client.models.requests import MetricFilterDict, SourceDocumentFilterDict, Unchecked, UserFeedbackSearchDict
    from gpo_core_client.models import MetricFilter, SourceDocumentFilter, UserFeedbackSearch


class QualityMetrics(Group):
    """The speed of answers, what users think of them, and what they rest on, in numbers."""

    __slots__ = ()

    def average_response_time(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> AverageResponseTime:
        """How long answers took (operation getAverageResponseTime).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``MetricFilter`` or a mapping with ``country_ids``, ``user_types`` (``"internal"``,
                ``"external"``), ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date``
                and ``end_date`` may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The average, the fastest and the slowest in milliseconds, and the average of each day (UTC).

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.average_response_time(context, request, window, date_reader(time_zone))
        return self._client._call(call, options)

    def opinion(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Opinion:
        """How many answers were liked and disliked (operation getOpinion).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``MetricFilter`` or a mapping with ``country_ids``, ``user_types`` (``"internal"``,
                ``"external"``), ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date``
                and ``end_date`` may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The numbers, and the share of likes in the verdicts; None when there are no verdicts.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.opinion(context, request, window, date_reader(time_zone))
        return self._client._call(call, options)

    def resolved_rate(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Resolution:
        """How many conversations clarified what was asked (operation getResolvedRate).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``MetricFilter`` or a mapping with ``country_ids``, ``user_types`` (``"internal"``,
                ``"external"``), ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date``
                and ``end_date`` may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The numbers, and the share of the resolved in those decided; None when none is.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.resolved_rate(context, request, window, date_reader(time_zone))
        return self._client._call(call, options)

    def sentiment_distribution(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> SentimentDistribution:
        """How likes and ratings spread from positive to negative (operation getSentimentDistribution).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``MetricFilter`` or a mapping with ``country_ids``, ``user_types`` (``"internal"``,
                ``"external"``), ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date``
                and ``end_date`` may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The numbers, and their shares; None when there are no opinions.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.sentiment_distribution(context, request, window, date_reader(time_zone))
        return self._client._call(call, options)

    def top_source_documents(
        self,
        context: Context,
        request: SourceDocumentFilter | SourceDocumentFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> AnswerList[TopSourceDocument]:
        """Return the documents that answers cite most often (operation getTopSourceDocuments).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``SourceDocumentFilter`` or a mapping with ``search_text`` (of the questions), ``limit`` (1 to
                100, default 10), ``country_ids``, ``user_types`` (``"internal"``, ``"external"``),
                ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date`` and ``end_date``
                may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The documents with the number of answers that cite them, the most cited first.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.top_source_documents(context, request, window, date_reader(time_zone))
        return self._client._call(call, options)

    def user_feedback(
        self,
        context: Context,
        request: UserFeedbackSearch | UserFeedbackSearchDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> SyncPage[UserFeedback]:
        """Return what users say of answers, the newest first (operation listUserFeedback).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``UserFeedbackSearch`` or a mapping with ``search_text``, ``page`` (the page to begin with),
                ``page_size``, ``country_ids``, ``user_types`` (``"internal"``, ``"external"``),
                ``min_response_time_s`` and ``max_response_time_s``, all optional. Its ``start_date`` and ``end_date``
                may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        dates = date_reader(time_zone)
        return self._client._page(
            lambda number: operations.user_feedback(context, request, window, dates, number), None, options
        )


class MetricGroup(UseMetrics, QualityMetrics):
    """What goes on in an instance, in numbers: ``client.metrics``.

    All methods count what the users of the session's instance do, in a window of time that may be given in people's
    words::

        with SyncGPOCoreClient() as client:
            session = client.session({"instance_id": "advisory-001", "user_id": "user-1"})
            asked = client.metrics.total_questions(session, window="last month")
            print(asked.total, [(day.date, day.count) for day in asked.by_day])
    """

    __slots__ = ()
