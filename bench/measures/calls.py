"""What a whole call costs: ``chat()``, and httpx's ``post`` with a typed parse, in turn in one process."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from statistics import median

from bench.clients import floors, ours
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle, run

_QUESTION = Scenario(mode="call").ask()
_WARM_UP = 10


class _Watch:
    """Takes the CPU and the wall time of one call after the other."""

    def __init__(self) -> None:
        gc.collect()
        self.laps: list[tuple[float, float]] = []
        self._begun = time.process_time(), time.perf_counter()

    def lap(self) -> None:
        now = time.process_time(), time.perf_counter()
        self.laps.append((now[0] - self._begun[0], now[1] - self._begun[1]))
        self._begun = time.process_time(), time.perf_counter()


def _in_turn(address: str, times: int) -> Numbers:
    one, other = ours.Blocking(address), floors.Blocking(address)
    watch = _Watch()
    for _ in range(times + _WARM_UP):
        one.ask(_QUESTION)
        watch.lap()
        other.ask(_QUESTION)
        watch.lap()
    one.close()
    other.close()
    return _compared(watch.laps)


async def _ain_turn(address: str, times: int) -> Numbers:
    one, other = ours.Asynchronous(address), floors.Asynchronous(address)
    watch = _Watch()
    for _ in range(times + _WARM_UP):
        await one.ask(_QUESTION)
        watch.lap()
        await other.ask(_QUESTION)
        watch.lap()
    await one.aclose()
    await other.aclose()
    return _compared(watch.laps)


def _compared(laps: Sequence[tuple[float, float]]) -> Numbers:
    counted = laps[2 * _WARM_UP :]
    (cpu, wall), (floor, floor_wall) = (map(median, zip(*counted[first::2], strict=True)) for first in (0, 1))
    return {
        "cpu_us": cpu * 1e6,
        "floor_us": floor * 1e6,
        "ratio": cpu / floor,
        "wall_us": wall * 1e6,
        "floor_wall_us": floor_wall * 1e6,
    }


def measure(job: Job, address: str) -> Numbers:
    """Medians of both, and the ratio of their CPU time."""
    times = job.sizes["times"]
    return _in_turn(address, times) if job.runtime == "sync" else run(job.runtime, _ain_turn(address, times))


def _jobs(scale: Scale) -> list[Job]:
    sizes = {"times": scale.calls}
    return [Job(part="calls", subject="ours", runtime=runtime, sizes=sizes) for runtime in ("sync", "async")]


CALLS = Part(name="calls", jobs=_jobs, measure=measure, pick=middle)
