"""Linearity: how much longer twice as much takes."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator

import httpx

from bench.clients import ours
from bench.events import Scenario, events
from bench.measures.base import Job, Numbers, Part, Scale
from bench.subjects import SUBJECTS

_PIECE = 1024
_ROUNDS = 3


class OneRead(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in a single read, however large it is. No socket does that, but a transport may."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        yield self._data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._data


def _in_one_read(count: int) -> httpx.MockTransport:
    """A transport that answers with so many events in one read."""
    body, head = b"".join(events(count)), {"content-type": "text/event-stream"}
    return httpx.MockTransport(lambda _: httpx.Response(200, headers=head, stream=OneRead(body)))


def _seconds(client: ours.Blocking, question: str) -> float:
    gc.collect()
    begun = time.process_time()
    with client.stream(question) as chunks:
        for _ in chunks:
            pass
    return time.process_time() - begun


async def _aseconds(client: ours.Asynchronous, question: str) -> float:
    gc.collect()
    begun = time.process_time()
    async with client.stream(question) as chunks:
        async for _ in chunks:
            pass
    return time.process_time() - begun


def _client_options(job: Job, size: int) -> dict[str, object]:
    options = dict(SUBJECTS[job.subject].options)
    if job.what == "many":
        client = httpx.Client if job.runtime == "sync" else httpx.AsyncClient
        options["http_client"] = client(transport=_in_one_read(size))
    return options


def _measure(job: Job, address: str, sizes: list[int]) -> list[float]:
    """The best of several rounds for each size, the sizes in turn."""
    clients = [ours.Blocking(address, **_client_options(job, size)) for size in sizes]
    questions = [Scenario(mode="huge", size=size, per=_PIECE).ask() for size in sizes]
    rounds = [[_seconds(*pair) for pair in zip(clients, questions, strict=True)] for _ in range(_ROUNDS)]
    return [min(seconds) for seconds in zip(*rounds, strict=True)]


async def _ameasure(job: Job, address: str, sizes: list[int]) -> list[float]:
    clients = [ours.Asynchronous(address, **_client_options(job, size)) for size in sizes]
    questions = [Scenario(mode="huge", size=size, per=_PIECE).ask() for size in sizes]
    rounds = [[await _aseconds(*pair) for pair in zip(clients, questions, strict=True)] for _ in range(_ROUNDS)]
    for client in clients:
        await client.aclose()
    return [min(seconds) for seconds in zip(*rounds, strict=True)]


def measure(job: Job, address: str) -> Numbers:
    """CPU time of a size and of its double."""
    sizes = [job.sizes["size"], 2 * job.sizes["size"]]
    best = _measure(job, address, sizes) if job.runtime == "sync" else asyncio.run(_ameasure(job, address, sizes))
    return {"cpu_us": best[0] * 1e6, "double_cpu_us": best[1] * 1e6, "ratio": best[1] / best[0], "size": sizes[0]}


def _least_ratio(samples: list[Numbers]) -> Numbers:
    return min(samples, key=lambda sample: sample["ratio"])


def _jobs(scale: Scale) -> list[Job]:
    cases = (("huge", "ours", scale.huge_chars), ("many", "ours", scale.many_events))
    return [
        Job(part="linearity", what=what, subject=name, runtime=runtime, sizes={"size": size})
        for what, name, size in cases
        for runtime in ("sync", "async")
    ]


LINEARITY = Part(name="linearity", jobs=_jobs, measure=measure, pick=_least_ratio, repeats=lambda s: min(s.repeat, 3))
