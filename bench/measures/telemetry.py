"""Telemetry: CPU time of streams that nobody watches and of some with span and measurements, in turn in one process."""

from __future__ import annotations

import asyncio
import gc
import time
from statistics import median
from typing import Any

from bench.clients.base import AsynchronousClient, BlockingClient
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle
from bench.subjects import SUBJECTS

_WARM_UP = 5


def _watched() -> dict[str, Any]:
    """The options of a client that is traced, by the SDK, with every span recorded and none sent anywhere."""
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider

    from gpo_client.otel import OpenTelemetryObserver

    tracers, meters = TracerProvider(), MeterProvider([InMemoryMetricReader()])
    return {"observers": [OpenTelemetryObserver(tracer_provider=tracers, meter_provider=meters)]}


def _seconds(client: BlockingClient, question: str) -> float:
    begun = time.process_time()
    with client.stream(question) as chunks:
        for _ in chunks:
            pass
    return time.process_time() - begun


async def _aseconds(client: AsynchronousClient, question: str) -> float:
    begun = time.process_time()
    async with client.stream(question) as chunks:
        async for _ in chunks:
            pass
    return time.process_time() - begun


def _in_turn(job: Job, address: str, question: str) -> list[tuple[float, float]]:
    make = SUBJECTS[job.subject]
    off, on = make.blocking(address), make.blocking(address, **_watched())
    gc.collect()
    pairs = [(_seconds(off, question), _seconds(on, question)) for _ in range(job.sizes["times"] + _WARM_UP)]
    off.close()
    on.close()
    return pairs


async def _ain_turn(job: Job, address: str, question: str) -> list[tuple[float, float]]:
    make = SUBJECTS[job.subject]
    off, on = make.asynchronous(address), make.asynchronous(address, **_watched())
    gc.collect()
    times = job.sizes["times"] + _WARM_UP
    pairs = [(await _aseconds(off, question), await _aseconds(on, question)) for _ in range(times)]
    await off.aclose()
    await on.aclose()
    return pairs


def measure(job: Job, address: str) -> Numbers:
    """Medians of whole streams, and their ratio."""
    question = Scenario(events=job.sizes["events"]).ask()
    pairs = (
        _in_turn(job, address, question) if job.runtime == "sync" else asyncio.run(_ain_turn(job, address, question))
    )
    off, on = (median(seconds[_WARM_UP:]) for seconds in zip(*pairs, strict=True))
    return {"floor_us": off * 1e6, "cpu_us": on * 1e6, "ratio": on / off}


def _jobs(scale: Scale) -> list[Job]:
    return [
        Job(
            part="telemetry",
            what=f"{events:,} chunks",
            subject="ours",
            runtime=runtime,
            sizes={"events": events, "times": scale.first_chunks},
        )
        for events in (10, 1_000, 10_000)
        for runtime in ("sync", "async")
    ]


TELEMETRY = Part(name="telemetry", jobs=_jobs, measure=measure, pick=middle, repeats=lambda scale: min(scale.repeat, 3))
