# Derived from custom/gpo_client/client/aio/metrics.py by `make sync`: edit that file, not this one.
"""Metrics."""

from __future__ import annotations

from gpo_client.client.sync.metrics_of_quality import QualityMetrics
from gpo_client.client.sync.metrics_of_use import UseMetrics


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
