"""How much an instance is used."""

# pyright: reportPrivateUsage=false
# A group is a part of its client, apart only by name: it sends through the client's own methods.

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.aio.core import Group
from gpo_client.client.runtime import date_reader
from gpo_client.flows.options import CallOptions
from gpo_client.models.page import AnswerList
from gpo_client.operations import metrics as operations
from gpo_client.operations.context import Context
from gpo_client.operations.filters import DateWindow

if TYPE_CHECKING:
    from gpo_client.models.generated import CountryTraffic, MetricTotal, TotalTraffic
    from gpo_client.models.requests import MetricFilterDict, QuestionMetricFilterDict, Unchecked
    from gpo_core_client.models import MetricFilter, QuestionMetricFilter


class UseMetrics(Group):
    """Conversations, users, questions and traffic, in numbers."""

    __slots__ = ()

    async def total_conversations(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> MetricTotal:
        """How many conversations were started (operation getTotalConversations).

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
            The number in all, and that of each day (UTC) that had any.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.total_conversations(context, request, window, date_reader(time_zone))
        return await self._client._call(call, options)

    async def total_engaged_users(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> MetricTotal:
        """How many different users asked something (operation getTotalEngagedUsers).

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
            The number in all, and that of each day (UTC) that had any.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.total_engaged_users(context, request, window, date_reader(time_zone))
        return await self._client._call(call, options)

    async def total_questions(
        self,
        context: Context,
        request: QuestionMetricFilter | QuestionMetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> MetricTotal:
        """How many questions were asked (operation getTotalQuestions).

        Args:
            context: The session. What is counted is what the users of its instance do.
            request: A ``QuestionMetricFilter`` or a mapping with ``search_text``, ``country_ids``, ``user_types``
                (``"internal"``, ``"external"``), ``min_response_time_s`` and ``max_response_time_s``, all optional. Its
                ``start_date`` and ``end_date`` may be given in any form that ``window`` takes.
            window: The window of time: ``"last month"``, ``"1 Nov 2026"``, a date, or a pair of dates, datetimes or
                texts, of which one may be None. A day is all of that day. Default: no limit.
            time_zone: The IANA name of the time zone that dates mean where they name none. Default: this machine's.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Returns:
            The number in all, and that of each day (UTC) that had any.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.total_questions(context, request, window, date_reader(time_zone))
        return await self._client._call(call, options)

    async def total_traffic(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> TotalTraffic:
        """How much was going on (operation getTotalTraffic).

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
            Conversations, questions and answers, and the questions of each hour of the day (UTC).

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.total_traffic(context, request, window, date_reader(time_zone))
        return await self._client._call(call, options)

    async def traffic_distribution(
        self,
        context: Context,
        request: MetricFilter | MetricFilterDict | Unchecked | None = None,
        *,
        window: DateWindow | None = None,
        time_zone: str | None = None,
        **options: Unpack[CallOptions],
    ) -> AnswerList[CountryTraffic]:
        """How questions and users spread over countries (operation getTrafficDistribution).

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
            The countries with their traffic, the busiest first. Users of unknown country come under None.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: The service does not accept a value.
            GPOClientError: As for any call.
        """
        call = operations.traffic_distribution(context, request, window, date_reader(time_zone))
        return await self._client._call(call, options)
