"""Memory: what a long stream leaves behind, and what an open one takes."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from contextlib import AsyncExitStack, ExitStack

from bench.clients import ours
from bench.events import Scenario
from bench.machine import measures_memory, peak, resident
from bench.measures.base import Job, Numbers, Part, Scale, worst
from bench.subjects import SUBJECTS, Runtime, Subject

_WARM_UP = Scenario(events=5000).ask()
_WARM_UP_STREAMS = 50
_MB, _KB = 1e6, 1e3


def _before() -> int:
    gc.collect()
    return resident()


def _iterate(subject: Subject, address: str, question: str) -> Numbers:
    """Growth over a long stream whose chunks are dropped as they come."""
    client, base = subject.blocking(address), 0
    for asked in (_WARM_UP, question):
        base = _before()
        with client.stream(asked) as chunks:
            deque(chunks, maxlen=0)
    return {"mb": (peak() - base) / _MB}


async def _aiterate(subject: Subject, address: str, question: str) -> Numbers:
    client, base = subject.asynchronous(address), 0
    for asked in (_WARM_UP, question):
        base = _before()
        async with client.stream(asked) as chunks:
            async for _ in chunks:
                pass
    return {"mb": (peak() - base) / _MB}


def _collect(subject: Subject, address: str, question: str, chars: int) -> Numbers:
    """Growth over ``collect(max_chars=…)`` of a long stream."""
    client, base = ours.Blocking(address, **subject.options), 0
    for asked in (_WARM_UP, question):
        base = _before()
        client.stream(asked).collect(max_chars=chars)
    return {"mb": (peak() - base) / _MB}


async def _acollect(subject: Subject, address: str, question: str, chars: int) -> Numbers:
    client, base = ours.Asynchronous(address, **subject.options), 0
    for asked in (_WARM_UP, question):
        base = _before()
        await client.stream(asked).collect(max_chars=chars)
    return {"mb": (peak() - base) / _MB}


def _idle(subject: Subject, address: str, question: str, streams: int) -> Numbers:
    """What a stream takes that has had its first chunk and waits for the second, its connection included."""
    client, base = subject.blocking(address), 0
    with ExitStack() as stack:
        held = []
        for count in (_WARM_UP_STREAMS, streams):
            base = _before()
            for _ in range(count):
                held.append(iter(stack.enter_context(client.stream(question))))
                next(held[-1])
        gc.collect()
        return {"kb": (resident() - base) / streams / _KB}


async def _aidle(subject: Subject, address: str, question: str, streams: int) -> Numbers:
    client, base = subject.asynchronous(address), 0
    async with AsyncExitStack() as stack:
        held = []
        for count in (_WARM_UP_STREAMS, streams):
            base = _before()
            for _ in range(count):
                held.append(aiter(await stack.enter_async_context(client.stream(question))))
                await anext(held[-1])
        gc.collect()
        return {"kb": (resident() - base) / streams / _KB}


def measure(job: Job, address: str) -> Numbers:
    """Growth in MB, or KB to a stream."""
    subject, is_sync = SUBJECTS[job.subject], job.runtime == "sync"
    long = Scenario(events=job.sizes["events"]).ask()
    if job.what == "iterate":
        return _iterate(subject, address, long) if is_sync else asyncio.run(_aiterate(subject, address, long))
    if job.what == "collect":
        chars = job.sizes["chars"]
        return (
            _collect(subject, address, long, chars)
            if is_sync
            else asyncio.run(_acollect(subject, address, long, chars))
        )
    idle, streams = Scenario(mode="idle").ask(), job.sizes["streams"]
    return _idle(subject, address, idle, streams) if is_sync else asyncio.run(_aidle(subject, address, idle, streams))


def _jobs(scale: Scale) -> list[Job]:
    if not measures_memory():
        return []
    runtimes: tuple[Runtime, Runtime] = ("sync", "async")
    sizes = {"events": scale.memory_events, "chars": scale.collect_chars, "streams": scale.idle_streams}
    subjects = {"iterate": ("ours",), "collect": ("ours",), "idle": ("floor", "ours")}
    return [
        Job(part="memory", what=what, subject=name, runtime=runtime, sizes=sizes)
        for what, names in subjects.items()
        for name in names
        for runtime in runtimes
    ]


MEMORY = Part(name="memory", jobs=_jobs, measure=measure, pick=worst, repeats=lambda scale: min(scale.repeat, 2))
