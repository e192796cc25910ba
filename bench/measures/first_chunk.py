"""Time to the first chunk: from the call, on open connections, ours and the floor's in turn in one process."""

from __future__ import annotations

import time
from statistics import median

from bench.clients.base import AsynchronousClient, BlockingClient
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle, run
from bench.subjects import SUBJECTS, Subject

_QUESTION = Scenario(events=3, per=1).ask()
_WARM_UP = 10


def _first(client: BlockingClient) -> float:
    """Seconds to the first chunk. The rest is read as well, so that the connection can be used again."""
    begun = time.perf_counter()
    with client.stream(_QUESTION) as chunks:
        iterator = iter(chunks)
        next(iterator)
        seconds = time.perf_counter() - begun
        for _ in iterator:
            pass
    return seconds


async def _afirst(client: AsynchronousClient) -> float:
    begun = time.perf_counter()
    async with client.stream(_QUESTION) as chunks:
        iterator = aiter(chunks)
        await anext(iterator)
        seconds = time.perf_counter() - begun
        async for _ in iterator:
            pass
    return seconds


def _in_turn(ours: Subject, floor: Subject, address: str, times: int) -> Numbers:
    one, other = ours.blocking(address), floor.blocking(address)
    pairs = [(_first(one), _first(other)) for _ in range(times + _WARM_UP)]
    one.close()
    other.close()
    return _compared(pairs)


async def _ain_turn(ours: Subject, floor: Subject, address: str, times: int) -> Numbers:
    one, other = ours.asynchronous(address), floor.asynchronous(address)
    pairs = [(await _afirst(one), await _afirst(other)) for _ in range(times + _WARM_UP)]
    await one.aclose()
    await other.aclose()
    return _compared(pairs)


def _compared(pairs: list[tuple[float, float]]) -> Numbers:
    ours, floor = (median(seconds[_WARM_UP:]) for seconds in zip(*pairs, strict=True))
    return {"wall_us": ours * 1e6, "floor_us": floor * 1e6, "ratio": ours / floor}


def measure(job: Job, address: str) -> Numbers:
    """Medians of both, and their ratio."""
    ours, floor, times = SUBJECTS[job.subject], SUBJECTS["floor"], job.sizes["times"]
    if job.runtime == "sync":
        return _in_turn(ours, floor, address, times)
    return run(job.runtime, _ain_turn(ours, floor, address, times))


def _jobs(scale: Scale) -> list[Job]:
    return [
        Job(part="first_chunk", subject="ours", runtime=runtime, sizes={"times": scale.first_chunks})
        for runtime in ("sync", "async")
    ]


FIRST_CHUNK = Part(name="first_chunk", jobs=_jobs, measure=measure, pick=middle)
