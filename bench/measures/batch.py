"""Bulk questions: CPU time of each beyond that of the call itself, asked side by side in the same process."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from statistics import median

from bench.clients import ours
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle

_WORKERS = 32
_ROUNDS = 5


def _by_hand(client: ours.Blocking, questions: Iterator[str]) -> None:
    """As many threads as a batch has, each asking one question after the other."""
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                question = next(questions, None)
            if question is None:
                return
            client.stream(question).collect()

    threads = [threading.Thread(target=work) for _ in range(_WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


async def _aby_hand(client: ours.Asynchronous, questions: Iterator[str]) -> None:
    async def work() -> None:
        for question in questions:
            await client.stream(question).collect()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(_WORKERS):
            tasks.create_task(work())


def _sync(address: str, questions: list[str]) -> Iterator[tuple[float, float]]:
    client = ours.Blocking(address)
    for _ in range(_ROUNDS):
        gc.collect()
        begun = time.process_time()
        _by_hand(client, iter(questions))
        between = time.process_time()
        for result in client.client.batch(questions, ours.CONTEXT, stream=True):
            assert result.ok
        yield between - begun, time.process_time() - between
    client.close()


async def _async(address: str, questions: list[str]) -> list[tuple[float, float]]:
    client, pairs = ours.Asynchronous(address), list[tuple[float, float]]()
    for _ in range(_ROUNDS):
        gc.collect()
        begun = time.process_time()
        await _aby_hand(client, iter(questions))
        between = time.process_time()
        async for result in client.client.batch(questions, ours.CONTEXT, stream=True):
            assert result.ok
        pairs.append((between - begun, time.process_time() - between))
    await client.aclose()
    return pairs


def measure(job: Job, address: str) -> Numbers:
    """Medians of a question asked by hand and in a batch, and what the batch adds."""
    questions = [Scenario(events=10, per=10).ask()] * job.sizes["questions"]
    pairs = list(_sync(address, questions)) if job.world == "sync" else asyncio.run(_async(address, questions))
    scale = 1e6 / len(questions)
    by_hand, in_batch = (median(seconds[1:]) * scale for seconds in zip(*pairs, strict=True))
    return {"floor_us": by_hand, "cpu_us": in_batch, "ratio": in_batch / by_hand}


def _jobs(scale: Scale) -> list[Job]:
    sizes = {"questions": scale.batch_questions}
    return [
        Job(part="batch", what="32 at once", subject="ours", world=world, sizes=sizes) for world in ("sync", "async")
    ]


BATCH = Part(name="batch", jobs=_jobs, measure=measure, pick=middle, repeats=lambda scale: min(scale.repeat, 3))
