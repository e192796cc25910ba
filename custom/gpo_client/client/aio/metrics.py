"""Metrics."""

from __future__ import annotations

from gpo_client.client.aio.metrics_of_quality import QualityMetrics
from gpo_client.client.aio.metrics_of_use import UseMetrics


class MetricGroup(UseMetrics, QualityMetrics):
    """What goes on in an instance, in numbers: ``client.metrics``.

    All methods count what the users of the session's instance do, in a window of time that may be given in people's
    words::

        async with GPOCoreClient() as client:
            session = await client.session({"instance_id": "advisory-001", "user_id": "user-1"})
            asked = await client.metrics.total_questions(session, window="last month")
            print(asked.total, [(day.date, day.count) for day in asked.by_day])
    """

    __slots__ = ()
