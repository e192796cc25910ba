"""Metrics of what the caller may see."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body
from gpo_sandbox.endpoints.replying import json_response
from gpo_sandbox.filters import MetricFilter, QuestionMetricFilter, SourceDocumentFilter, UserFeedbackSearch
from gpo_sandbox.sandbox import sandbox_of
from gpo_sandbox.store.metrics import Metrics
from gpo_sandbox.store.sessions import Caller

F = TypeVar("F", bound=MetricFilter)


def _metric(kind: type[F], count: Callable[[Metrics, Caller, F], object]) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint of a metric.

    Args:
        kind: What the body must be.
        count: Counts for a caller what the body asks for.
    """

    async def serve(request: Request) -> Response:
        sandbox = sandbox_of(request)
        caller = caller_of(sandbox, request)
        return json_response(count(sandbox.metrics, caller, await decode_body(request, kind)))

    return serve


get_average_response_time = _metric(MetricFilter, Metrics.response_time)
get_opinion = _metric(MetricFilter, Metrics.opinion)
get_resolved_rate = _metric(MetricFilter, Metrics.resolution)
get_sentiment_distribution = _metric(MetricFilter, Metrics.sentiment)
get_top_source_documents = _metric(SourceDocumentFilter, Metrics.source_documents)
get_total_conversations = _metric(MetricFilter, Metrics.conversations)
get_total_engaged_users = _metric(MetricFilter, Metrics.engaged_users)
get_total_questions = _metric(QuestionMetricFilter, Metrics.questions)
get_total_traffic = _metric(MetricFilter, Metrics.traffic)
get_traffic_distribution = _metric(MetricFilter, Metrics.by_country)
list_user_feedback = _metric(UserFeedbackSearch, Metrics.feedback)
