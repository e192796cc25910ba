"""Networks that are late, narrow, lossy, dark or cut: what arrives of some streams, and when."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import attrs
import httpx

from bench.events import Scenario
from bench.measures.base import Job, Numbers, Part, Scale, middle
from bench.network import NGINX, Link, Network, Running, running_network, through_nginx
from bench.subjects import SUBJECTS, Runtime
from gpo_client import GPOClientError

# Enough to come back after an outage of some ten seconds; the rest is at its defaults.
_PATIENT: dict[str, Any] = {"max_resumes": 10, "max_retries": 10}
_PACE = 0.02


@attrs.frozen(kw_only=True)
class Trouble:
    """What goes wrong.

    Attributes:
        link: The network.
        outage: What happens once the streams have begun.
        share: How much of the part's outage that lasts.
        times: How often it happens.
        streams: How many streams at once.
        events: Chunks of each.
        pace: Seconds from one to the next.
        nginx_idle: What stands before the network is nginx, which cuts after so many seconds of silence; 0: nothing.
        is_repeated: Whether all of this happens as often as the part says, one after the other.
    """

    link: Link = Link()
    outage: Callable[[Network, float], Coroutine[Any, Any, None]] | None = None
    share: float = 1.0
    times: int = 1
    streams: int = 20
    events: int = 100
    pace: float = _PACE
    nginx_idle: float = 0.0
    is_repeated: bool = False


TROUBLES = {
    "none": Trouble(),
    "150 ms each way": Trouble(link=Link(delay=0.15)),
    "50 kB a second": Trouble(link=Link(rate=50_000), pace=0, events=500),
    "1 segment in 20 lost": Trouble(link=Link(delay=0.02, loss=0.05)),
    "link down": Trouble(outage=Network.darken),
    "peer down": Trouble(outage=Network.stop, share=0.45),
    "restarted 4 times": Trouble(outage=Network.stop, share=0.01, times=4),
    "cut after 0.3 s of silence": Trouble(link=Link(idle=0.3), pace=0.5, events=6),
    "cut by nginx after 0.3 s of silence": Trouble(nginx_idle=0.3, pace=0.5, events=6),
    "no file to be opened": Trouble(outage=Network.starve, share=0.1),
    "one after the other": Trouble(streams=1, events=2, pace=0, is_repeated=True),
}
#: Those that a client survives which gives up a broken connection.
_FOR_ALL = ("none", "150 ms each way", "50 kB a second", "1 segment in 20 lost")


def measure(job: Job, _: str) -> Numbers:
    """How many streams there were, how many were not whole, and seconds."""
    trouble = TROUBLES[job.what]
    rounds = job.sizes["rounds"] if trouble.is_repeated else 1
    with running_network(trouble.link) as running, _before(running.address, trouble) as address:
        begun = time.perf_counter()
        outage = _begin(running, trouble, job.sizes["outage_ms"] / 1000 * trouble.share)
        read = _read_blocking if job.runtime == "sync" else _read_asynchronously
        whole = sum(read(job, trouble, address, rounds))
        seconds = time.perf_counter() - begun
        if outage is not None:
            outage.result(60)
    asked = trouble.streams * rounds
    return {"streams": asked, "lost": asked - whole, "seconds": seconds}


def _before(address: str, trouble: Trouble) -> AbstractContextManager[str]:
    return through_nginx(address, trouble.nginx_idle) if trouble.nginx_idle else nullcontext(address)


def _begin(running: Running, trouble: Trouble, seconds: float) -> Future[None] | None:
    if (outage := trouble.outage) is None:
        return None

    async def happen() -> None:
        for _ in range(trouble.times):
            await asyncio.sleep(0.3)
            await outage(running.network, seconds)

    return asyncio.run_coroutine_threadsafe(happen(), running.loop)


def _question(trouble: Trouble) -> str:
    return Scenario(mode="segments", events=trouble.events, pace_us=int(trouble.pace * 1e6)).ask()


def _options(job: Job) -> dict[str, Any]:
    return _PATIENT if job.subject == "ours" else {}


def _read_blocking(job: Job, trouble: Trouble, address: str, rounds: int) -> list[bool]:
    client, question = SUBJECTS[job.subject].blocking(address, **_options(job)), _question(trouble)

    def read(_: int) -> bool:
        count = 0
        try:
            with client.stream(question) as chunks:
                for _chunk in chunks:
                    count += 1
        except (GPOClientError, httpx.HTTPError):
            return False
        return count == trouble.events

    with ThreadPoolExecutor(trouble.streams) as threads:
        found = list(threads.map(read, range(trouble.streams * rounds)))
    client.close()
    return found


def _read_asynchronously(job: Job, trouble: Trouble, address: str, rounds: int) -> list[bool]:
    question = _question(trouble)

    async def read_all() -> list[bool]:
        client = SUBJECTS[job.subject].asynchronous(address, **_options(job))

        async def read() -> bool:
            count = 0
            try:
                async with client.stream(question) as chunks:
                    async for _chunk in chunks:
                        count += 1
            except (GPOClientError, httpx.HTTPError):
                return False
            return count == trouble.events

        found = [await asyncio.gather(*(read() for _ in range(trouble.streams))) for _ in range(rounds)]
        await client.aclose()
        return [each for all_of_them in found for each in all_of_them]

    return asyncio.run(read_all())


def _jobs(scale: Scale) -> list[Job]:
    runtimes: tuple[Runtime, Runtime] = ("sync", "async")
    sizes = {"outage_ms": scale.outage_ms, "rounds": scale.sequential}
    return [
        Job(part="networks", what=what, subject=name, runtime=runtime, sizes=sizes)
        for what, trouble in TROUBLES.items()
        if NGINX or not trouble.nginx_idle
        for name in (("ours", "floor") if what in _FOR_ALL else ("ours",))
        for runtime in runtimes
    ]


NETWORKS = Part(name="networks", jobs=_jobs, measure=measure, pick=middle, repeats=lambda _: 1)
