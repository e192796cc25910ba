"""CPU time per stream when many streams of 100 chunks go on at once in one event loop, connections included."""

from __future__ import annotations

import asyncio
import gc
import time

from bench.clients.base import AsynchronousClient
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, run
from bench.subjects import SUBJECTS, Subject

_CLIENTS = ("ours", "httpx-20", "httpx-all", "openai")
_CHUNKS = 100
# So many streams in all, in waves: a few streams alone would be over before the clock has ticked.
_STREAMS_IN_ALL = 200


async def _read(client: AsynchronousClient, question: str) -> int:
    count = 0
    async with client.stream(question) as chunks:
        async for _ in chunks:
            count += 1
    return count


async def _wave(client: AsynchronousClient, scenario: Scenario) -> float:
    """Seconds of CPU time for all streams of a scenario."""
    gc.collect()
    begun = time.process_time()
    counts = await asyncio.gather(*(_read(client, scenario.ask()) for _ in range(scenario.streams)))
    seconds = time.process_time() - begun
    if counts != [scenario.events] * scenario.streams:
        raise RuntimeError("some streams lost chunks")
    return seconds


async def _waves(subject: Subject, address: str, streams: int, chunks: int) -> Numbers:
    warm_up = Scenario(mode="together", streams=min(streams, 10), events=10)
    scenario = Scenario(mode="together", streams=streams, events=chunks)
    waves, seconds = max(_STREAMS_IN_ALL // streams, 1), 0.0
    for number in range(waves + 1):
        # A client for each wave: no wave finds the connections of the one before it. Making it is not counted.
        client = subject.asynchronous(address)
        if number == 0:
            await _wave(client, warm_up)
        else:
            seconds += await _wave(client, scenario)
        await client.aclose()
    return {"cpu_us": seconds / (waves * streams) * 1e6, "streams": streams}


def measure(job: Job, address: str) -> Numbers:
    """Waves of streams, each wave on fresh connections."""
    return run(job.runtime, _waves(SUBJECTS[job.subject], address, job.sizes["streams"], job.sizes["chunks"]))


def _jobs(scale: Scale) -> list[Job]:
    return [
        Job(
            part="concurrency",
            subject=name,
            runtime="async",
            what=str(streams),
            sizes={"streams": streams, "chunks": _CHUNKS},
        )
        for streams in scale.streams
        for name in _CLIENTS
    ]


CONCURRENCY = Part(name="concurrency", jobs=_jobs, measure=measure, repeats=lambda scale: min(scale.repeat, 3))
