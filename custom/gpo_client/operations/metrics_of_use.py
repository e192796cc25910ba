"""How much an instance is used: conversations, users, questions, traffic."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.models.page import AnswerList
from gpo_client.operations.answers import generated, list_of
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.dates import DateReader, DateWindow
from gpo_client.operations.filters import filter_from
from gpo_client.operations.generated import request_from

if TYPE_CHECKING:
    from gpo_client.models.generated import CountryTraffic, MetricTotal, TotalTraffic
    from gpo_core_client.models import MetricFilter, QuestionMetricFilter


def total_conversations(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[MetricTotal]:
    """getTotalConversations: how many conversations were started."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_conversations as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(MetricTotal)
    return Call("getTotalConversations", request_from(kwargs), answer, token=read_context(context).token)


def total_engaged_users(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[MetricTotal]:
    """getTotalEngagedUsers: how many different users asked something."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_engaged_users as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(MetricTotal)
    return Call("getTotalEngagedUsers", request_from(kwargs), answer, token=read_context(context).token)


def total_questions(
    context: Context,
    request: QuestionMetricFilter | Mapping[str, Any] | None,
    window: DateWindow | None,
    dates: DateReader,
) -> Call[MetricTotal]:
    """getTotalQuestions: how many questions were asked."""
    from gpo_client.models.generated import MetricTotal
    from gpo_core_client.api.metrics import get_total_questions as operation
    from gpo_core_client.models import QuestionMetricFilter

    kwargs = operation._get_kwargs(body=filter_from(QuestionMetricFilter, request, window, dates))
    answer = generated(MetricTotal)
    return Call("getTotalQuestions", request_from(kwargs), answer, token=read_context(context).token)


def total_traffic(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[TotalTraffic]:
    """getTotalTraffic: how much was going on."""
    from gpo_client.models.generated import TotalTraffic
    from gpo_core_client.api.metrics import get_total_traffic as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = generated(TotalTraffic)
    return Call("getTotalTraffic", request_from(kwargs), answer, token=read_context(context).token)


def traffic_distribution(
    context: Context, request: MetricFilter | Mapping[str, Any] | None, window: DateWindow | None, dates: DateReader
) -> Call[AnswerList[CountryTraffic]]:
    """getTrafficDistribution: the traffic by country."""
    from gpo_client.models.generated import CountryTraffic
    from gpo_core_client.api.metrics import get_traffic_distribution as operation
    from gpo_core_client.models import MetricFilter

    kwargs = operation._get_kwargs(body=filter_from(MetricFilter, request, window, dates))
    answer = list_of(generated(CountryTraffic))
    return Call("getTrafficDistribution", request_from(kwargs), answer, token=read_context(context).token)
