"""Fixtures for tests of what can be seen of calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer

from gpo_client.otel import OpenTelemetryObserver
from gpo_sandbox import running_sandbox
from tests.client.conftest import connect_once, serve
from tests.engine.conftest import free_port

__all__ = ["connect_once", "free_port", "serve"]


class Telemetry:
    """Spans and measurements, kept in memory."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self._tracers = TracerProvider(shutdown_on_exit=False)
        self._tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self._meters = MeterProvider([self._reader], shutdown_on_exit=False)

    def observer(self, **options: Any) -> OpenTelemetryObserver:
        """An observer that writes here."""
        return OpenTelemetryObserver(tracer_provider=self._tracers, meter_provider=self._meters, **options)

    @property
    def tracer(self) -> Tracer:
        """For spans of the caller's."""
        return self._tracers.get_tracer("tests")

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        """The spans that have ended, in that order."""
        return self._spans.get_finished_spans()

    @property
    def chats(self) -> list[ReadableSpan]:
        """Those of questions."""
        return [span for span in self.spans if span.name == "chat"]

    @property
    def points(self) -> list[Point]:
        """All measurements."""
        data = self._reader.get_metrics_data()
        if data is None:
            return []
        metrics = [metric for one in data.resource_metrics for scope in one.scope_metrics for metric in scope.metrics]
        return [
            Point(metric.name, dict(point.attributes or {}), getattr(point, "value", None), getattr(point, "count", 1))
            for metric in metrics
            for point in metric.data.data_points
        ]

    def measured(self, name: str) -> list[Point]:
        """The measurements of one instrument."""
        return [point for point in self.points if point.name == name]

    def close(self) -> None:
        """Let go of threads."""
        self._tracers.shutdown()
        self._meters.shutdown()


@attrs.frozen
class Point:
    """One measurement.

    Attributes:
        name: The instrument.
        attributes: What it is of.
        value: The sum of a counter; None of a histogram.
        count: How many values a histogram has.
    """

    name: str
    attributes: Mapping[str, Any]
    value: float | None
    count: int


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Spans and measurements, kept in memory."""
    kept = Telemetry()
    yield kept
    kept.close()


@pytest.fixture(scope="session")
def faulty() -> Iterator[Any]:
    """A sandbox whose requests may ask for faults (``X-GPO-Fault``)."""
    with running_sandbox(chunk_delay_s=0.0, retry_ms=0, faults=True) as running:
        yield running
