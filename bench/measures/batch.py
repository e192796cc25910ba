"""Many questions side by side: what a batch costs beyond the calls, and what threads pay that share one client."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator, Sequence
from statistics import median

from bench.clients import ours
from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle

_WORKERS = 32
_ROUNDS = 5


def _side_by_side(clients: Sequence[ours.Blocking], questions: Iterator[str]) -> None:
    """A thread for each client, or for each time that it is named, asks one question after the other."""
    lock = threading.Lock()

    def work(client: ours.Blocking) -> None:
        while True:
            with lock:
                question = next(questions, None)
            if question is None:
                return
            client.stream(question).collect()

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
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
        _side_by_side([client] * _WORKERS, iter(questions))
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
    pairs = list(_sync(address, questions)) if job.runtime == "sync" else asyncio.run(_async(address, questions))
    scale = 1e6 / len(questions)
    by_hand, in_batch = (median(seconds[1:]) * scale for seconds in zip(*pairs, strict=True))
    return {"floor_us": by_hand, "cpu_us": in_batch, "ratio": in_batch / by_hand}


def _jobs(scale: Scale) -> list[Job]:
    sizes = {"questions": scale.batch_questions}
    return [
        Job(part="batch", what="32 at once", subject="ours", runtime=runtime, sizes=sizes)
        for runtime in ("sync", "async")
    ]


BATCH = Part(name="batch", jobs=_jobs, measure=measure, pick=middle, repeats=lambda scale: min(scale.repeat, 3))


def _seconds(clients: Sequence[ours.Blocking], questions: Sequence[str]) -> tuple[float, float]:
    """CPU and wall time of all questions, a thread for each client."""
    gc.collect()
    begun, begun_cpu = time.perf_counter(), time.process_time()
    _side_by_side(clients, iter(questions))
    return time.process_time() - begun_cpu, time.perf_counter() - begun


def measure_threads(job: Job, address: str) -> Numbers:
    """Medians of a stream by clients of the threads' own and by a shared one, in turn; the first round is a warm-up."""
    questions, threads = [Scenario(events=10, per=10).ask()] * job.sizes["questions"], job.sizes["threads"]
    shared, own = ours.Blocking(address), [ours.Blocking(address) for _ in range(threads)]
    rounds = [(*_seconds(own, questions), *_seconds([shared] * threads, questions)) for _ in range(_ROUNDS)][1:]
    for client in (shared, *own):
        client.close()
    scale = 1e6 / len(questions)
    floor, floor_wall, cpu, wall = (median(seconds) * scale for seconds in zip(*rounds, strict=True))
    return {"floor_us": floor, "cpu_us": cpu, "ratio": cpu / floor, "floor_wall_us": floor_wall, "wall_us": wall}


def _jobs_of_threads(scale: Scale) -> list[Job]:
    return [
        Job(
            part="threads",
            what=f"{count} threads",
            subject="ours",
            sizes={"threads": count, "questions": scale.batch_questions},
        )
        for count in (1, 4, 16)
    ]


THREADS = Part(
    name="threads",
    jobs=_jobs_of_threads,
    measure=measure_threads,
    pick=middle,
    repeats=lambda scale: min(scale.repeat, 3),
)
