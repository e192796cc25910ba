"""CPU and wall time per chunk of one stream: in bursts, with each event in its own segment, and with pauses between."""

from __future__ import annotations

import gc
import time

from bench.events import Mode, Scenario
from bench.machine import waits
from bench.measures.base import Job, Numbers, Part, least_cpu, run
from bench.subjects import SUBJECTS, Subject

_CLIENTS = ("floor", "ours", "httpx-sse", "openai", "anthropic")
_WARM_UP_EVENTS = 2000
_ROUNDS = 3
# A client that takes this many microseconds an event is measured on fewer events.
_SLOW_US = 100
# The server's pace, in multiples of what an event costs the client: the rest is for the machine's other work.
_EASE = 3
# Events that were waited for one by one, as a share of all: less, and too many were read together.
_ALONE = 0.9


class _Meter:
    """Counts chunks from the second on: what comes before is the request's cost, not a chunk's."""

    def __init__(self) -> None:
        gc.collect()
        self._waits, self._wall, self._cpu = waits(), time.perf_counter(), time.process_time()

    def per_chunk(self, count: int) -> Numbers:
        cpu, wall = time.process_time() - self._cpu, time.perf_counter() - self._wall
        return {
            "cpu_us": cpu / count * 1e6,
            "wall_us": wall / count * 1e6,
            "waits": (waits() - self._waits) / count,
            "chunks": count + 1,
        }


def _sync(subject: Subject, address: str, scenarios: list[Scenario]) -> list[Numbers]:
    client, samples = subject.blocking(address), list[Numbers]()
    for scenario in scenarios:
        with client.stream(scenario.ask()) as chunks:
            iterator, count = iter(chunks), 0
            next(iterator)
            meter = _Meter()
            for _ in iterator:
                count += 1
            samples.append(meter.per_chunk(count))
    client.close()
    return samples


async def _async(subject: Subject, address: str, scenarios: list[Scenario]) -> list[Numbers]:
    client, samples = subject.asynchronous(address), list[Numbers]()
    for scenario in scenarios:
        async with client.stream(scenario.ask()) as chunks:
            iterator, count = aiter(chunks), 0
            await anext(iterator)
            meter = _Meter()
            async for _ in iterator:
                count += 1
            samples.append(meter.per_chunk(count))
    await client.aclose()
    return samples


def measure(job: Job, address: str) -> Numbers:
    """The best of a few streams, after a short one that warms up."""
    subject, events = SUBJECTS[job.subject], job.sizes["events"]
    mode: Mode = "bursts" if job.part == "bursts" else "segments"
    pace_us, rounds = (_EASE * subject.cost_us, 1) if job.part == "paced" else (0, _ROUNDS)
    warm_up = Scenario(events=_WARM_UP_EVENTS, event=subject.event)
    scenario = Scenario(mode=mode, events=events, event=subject.event, pace_us=pace_us)
    scenarios = [warm_up, *[scenario] * rounds]
    if job.runtime == "sync":
        _, *samples = _sync(subject, address, scenarios)
    else:
        _, *samples = run(job.runtime, _async(subject, address, scenarios))
    if any(sample["chunks"] != events for sample in samples):
        raise RuntimeError(f"{job.key} gave fewer or more than {events} chunks")
    return least_cpu(samples)


def _jobs(part: str, events: int) -> list[Job]:
    jobs: list[Job] = []
    for name in _CLIENTS:
        share = 5 if SUBJECTS[name].cost_us > _SLOW_US else 1
        sizes = {"events": max(events // share, 2)}
        jobs += [Job(part=part, subject=name, runtime="sync", sizes=sizes)]
        jobs += [Job(part=part, subject=name, runtime="async", sizes=sizes)]
    return jobs


def _least_cpu_alone(samples: list[Numbers]) -> Numbers:
    """The best of the samples whose events were waited for one by one; of all when in none they were."""
    return least_cpu([sample for sample in samples if sample["waits"] >= _ALONE] or samples)


# The shortest measurements of all: a machine whose speed changes for seconds at a time needs more of them.
BURSTS = Part(
    name="bursts",
    jobs=lambda scale: _jobs("bursts", scale.burst_events),
    measure=measure,
    repeats=lambda scale: 2 * scale.repeat,
)
SEGMENTS = Part(name="segments", jobs=lambda scale: _jobs("segments", scale.segment_events), measure=measure)
PACED = Part(
    name="paced",
    jobs=lambda scale: _jobs("paced", scale.paced_events),
    measure=measure,
    pick=_least_cpu_alone,
    repeats=lambda scale: min(scale.repeat, 3),
)
