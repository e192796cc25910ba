"""Parts, jobs and samples."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from importlib import import_module
from statistics import median
from typing import Any, TypeVar

import attrs

from bench.subjects import Runtime

#: What one measurement found. The unit is in the name.
Numbers = dict[str, float]


@attrs.frozen(kw_only=True)
class Scale:
    """How much to measure. The defaults are those of ``make bench``."""

    repeat: int = 5
    burst_events: int = 100_000
    segment_events: int = 20_000
    paced_events: int = 4_000
    streams: tuple[int, ...] = (10, 100, 1000)
    memory_events: int = 1_000_000
    collect_chars: int = 100_000
    idle_streams: int = 2000
    imports: int = 20
    constructions: int = 200
    first_chunks: int = 200
    calls: int = 500
    huge_chars: int = 4 << 20
    many_events: int = 100_000
    batch_questions: int = 1_000
    outage_ms: int = 20_000
    sequential: int = 10_000


QUICK = Scale(
    repeat=2,
    burst_events=20_000,
    segment_events=10_000,
    paced_events=1_000,
    streams=(10, 100),
    memory_events=200_000,
    idle_streams=200,
    imports=5,
    constructions=50,
    first_chunks=50,
    calls=100,
    huge_chars=1 << 20,
    many_events=20_000,
    batch_questions=300,
    outage_ms=2_000,
    sequential=300,
)


@attrs.frozen(kw_only=True)
class Job:
    """One measurement.

    Attributes:
        part: The part it belongs to.
        subject: The client, by its name in ``SUBJECTS``; empty when the measurement is not of one client.
        runtime: Which shell.
        what: What is measured, where a part measures several things.
        sizes: Its numbers.
    """

    part: str
    subject: str = ""
    runtime: Runtime = "sync"
    what: str = ""
    sizes: dict[str, int] = attrs.field(factory=dict[str, int])

    @property
    def key(self) -> str:
        """Its name among the results of its part."""
        return "/".join(word for word in (self.what, self.subject, self.runtime if self.subject else "") if word)


T = TypeVar("T")


def run(runtime: Runtime, work: Coroutine[Any, Any, T]) -> T:
    """Run what is asynchronous, on asyncio's own event loop or on uvloop."""
    make = import_module("uvloop").new_event_loop if runtime == "uvloop" else None
    with asyncio.Runner(loop_factory=make) as runner:
        return runner.run(work)


def least_cpu(samples: list[Numbers]) -> Numbers:
    """The sample that took the least CPU time."""
    return min(samples, key=lambda sample: sample["cpu_us"])


def middle(samples: list[Numbers]) -> Numbers:
    """Each number's median, for what varies both ways."""
    return {name: median(sample[name] for sample in samples) for name in samples[0]}


def worst(samples: list[Numbers]) -> Numbers:
    """Each number's maximum, for what must never be more."""
    return {name: max(sample[name] for sample in samples) for name in samples[0]}


@attrs.frozen(kw_only=True)
class Part:
    """A part of the benchmark.

    Attributes:
        name: Its name.
        jobs: Its measurements, on a scale.
        measure: Makes one of them in this process; the second argument is the server's address.
        pick: What the samples of one measurement come to.
        repeats: How often each measurement is made.
    """

    name: str
    jobs: Callable[[Scale], list[Job]]
    measure: Callable[[Job, str], Numbers]
    pick: Callable[[list[Numbers]], Numbers] = least_cpu
    repeats: Callable[[Scale], int] = attrs.field(default=lambda scale: scale.repeat)
