"""The goals, as data: what is compared with what, and how far it may go; in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

from bench.measures.base import Scale
from bench.measures.relay import DOORS
from bench.results import Results

Compute = Callable[[Results], float | None]


@attrs.frozen(kw_only=True)
class Goal:
    """A goal.

    Attributes:
        what: What is measured.
        limit: How far it may go.
        unit: What ``limit`` counts: ``×`` for a ratio.
        at: Whether ``limit`` is the most or the least.
        how: How it is computed.
        compute: Computes it; None when what it needs was not measured.
        elsewhere: Where it is shown, when that is not here.
    """

    what: str
    limit: float
    how: str
    compute: Compute
    unit: str = "×"
    at: Literal["≤", "≥"] = "≤"
    elsewhere: str = ""

    def judge(self, results: Results) -> Verdict:
        """Hold it against what was measured."""
        measured = self.compute(results)
        held = None
        if measured is not None:
            held = measured <= self.limit if self.at == "≤" else measured >= self.limit
        return Verdict(goal=self, measured=measured, held=held)


@attrs.frozen(kw_only=True)
class Verdict:
    """Whether a goal is held; None: not measured."""

    goal: Goal
    measured: float | None
    held: bool | None

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        goal = attrs.asdict(self.goal, filter=lambda field, _: field.name != "compute")
        return {**goal, "measured": self.measured, "held": self.held}

    def is_missed(self, *, partly: bool) -> bool:
        """Whether the goal was missed, or should have been measured and was not.

        Args:
            partly: Whether only a part was to be measured.
        """
        unmeasured = self.held is None and not (partly or self.goal.elsewhere)
        return unmeasured or self.held is False


def number(part: str, key: str, name: str = "cpu_us", scale: float = 1.0) -> Compute:
    """One number, scaled."""

    def compute(results: Results) -> float | None:
        found = results.find(part, key, name)
        return None if found is None else found * scale

    return compute


def ratio(one: Compute, other: Compute) -> Compute:
    """One number divided by another."""

    def compute(results: Results) -> float | None:
        above, below = one(results), other(results)
        return None if above is None or not below else above / below

    return compute


def largest(*all_of: Compute) -> Compute:
    """The largest of several numbers, all of which must be there."""

    def compute(results: Results) -> float | None:
        found = [value for one in all_of if (value := one(results)) is not None]
        return max(found) if len(found) == len(all_of) else None

    return compute


def excess(one: Compute, other: Compute) -> Compute:
    """What one number has beyond another."""

    def compute(results: Results) -> float | None:
        more, less = one(results), other(results)
        return None if more is None or less is None else more - less

    return compute


_BOTH = ("sync", "async")
_PER_CHUNK = {"bursts": "bursts", "segments": "one event per segment", "paced": "each waited for"}
# Beside what a program has that does without us. The same on uvloop as on asyncio's own event loop.
_MOST = {"bursts": 1.8, "segments": 1.15, "paced": 0.75, "first_chunk": 1.0, "streams": 0.5}


def _beside(part: str, runtime: str, most: float) -> Goal:
    return Goal(
        what=f"CPU per chunk, {_PER_CHUNK[part]}, {runtime}, beside the typed floor",
        limit=most,
        how="ours / typed floor",
        compute=ratio(number(part, f"ours/{runtime}"), number(part, f"floor/{runtime}")),
    )


def _less(part: str, runtime: str, peer: str, label: str, least: float) -> Goal:
    return Goal(
        what=f"CPU per chunk, {_PER_CHUNK[part]}, {runtime}, less than {label}",
        limit=least,
        at="≥",
        how=f"{label} / ours",
        compute=ratio(number(part, f"{peer}/{runtime}"), number(part, f"ours/{runtime}")),
    )


_CHUNKS = [
    _beside("bursts", "sync", 1.6),
    _less("bursts", "sync", "httpx-sse", "httpx-sse + json.loads", 3),
    _less("bursts", "sync", "openai", "openai-python", 40),
    _beside("bursts", "async", _MOST["bursts"]),
    *(_beside(part, runtime, _MOST[part]) for part in ("segments", "paced") for runtime in _BOTH),
    *(_less("segments", runtime, "openai", "openai-python", 7) for runtime in _BOTH),
]


def _streams(subject: str, streams: int = 1000) -> Compute:
    return number("concurrency", f"{streams}/{subject}/async")


_CONCURRENCY = [
    Goal(
        what="1,000 streams: CPU per stream beside that of 10 streams",
        limit=1.5,
        how="ours at 1,000 / ours at 10",
        compute=ratio(_streams("ours"), _streams("ours", 10)),
    ),
    Goal(
        what="1,000 streams: beside one httpx.AsyncClient, 20 kept alive",
        limit=_MOST["streams"],
        how="ours / httpx with 20 connections kept alive",
        compute=ratio(_streams("ours"), _streams("httpx-20")),
    ),
    Goal(
        what="1,000 streams: beside one httpx.AsyncClient, all kept alive",
        limit=0.15,
        how="ours / httpx with all connections kept alive",
        compute=ratio(_streams("ours"), _streams("httpx-all")),
    ),
    Goal(
        what="1,000 streams: less than openai-python",
        limit=5,
        at="≥",
        how="openai-python / ours",
        compute=ratio(_streams("openai"), _streams("ours")),
    ),
]


def _memory(what: str, name: str = "mb") -> Compute:
    return largest(*(number("memory", f"{what}/ours/{runtime}", name) for runtime in _BOTH))


_MEMORY = [
    Goal(
        what="memory: growth over 1,000,000 chunks",
        limit=3,
        unit="MB",
        how="the larger of both shells; peak after warm-up",
        compute=_memory("iterate"),
    ),
    Goal(
        what="memory: growth over collect(max_chars=100_000) of 1,000,000 chunks",
        limit=3 + 4 * Scale().collect_chars / 1e6,
        unit="MB",
        how="the larger of both shells; as above, and 4 bytes a character",
        compute=_memory("collect"),
    ),
    *(
        Goal(
            what=f"memory: an idle open stream beyond its transport, {runtime}",
            limit=20,
            unit="KB",
            how="(ours - httpx alone) / streams",
            compute=excess(
                number("memory", f"idle/ours/{runtime}", "kb"), number("memory", f"idle/floor/{runtime}", "kb")
            ),
        )
        for runtime in _BOTH
    ),
    Goal(
        what="memory: an idle open stream with its connection",
        limit=17,
        unit="KB",
        how="the larger of both shells, of 2,000 streams",
        compute=_memory("idle", "kb"),
    ),
]
_START = [
    Goal(
        what="import gpo_client beside import httpx",
        limit=1.25,
        how="CPU time in fresh interpreters, the best of each",
        compute=ratio(number("imports", "gpo_client"), number("imports", "httpx")),
    ),
    Goal(
        what="import gpo_client: modules that should come later",
        limit=0,
        unit="modules",
        how="extras, dateutil, gpo_core_client.api",
        compute=number("imports", "gpo_client", "late_modules"),
    ),
    Goal(
        what="a client after the first in a process",
        limit=0.5,
        unit="ms",
        how="CPU time; the slowest of both shells on http and https",
        compute=largest(
            *(
                number("construction", f"{scheme}/ours/{runtime}", scale=1e-3)
                for scheme in ("http", "https")
                for runtime in _BOTH
            )
        ),
    ),
    Goal(
        what="TLS contexts made for 20 clients on https",
        limit=1,
        unit="contexts",
        how="calls of ssl.create_default_context, connections made",
        compute=largest(*(number("construction", f"https/ours/{runtime}", "tls_contexts") for runtime in _BOTH)),
    ),
    Goal(
        what="TLS contexts made for 20 clients on http",
        limit=0,
        unit="contexts",
        how="calls of ssl.create_default_context, connections made",
        compute=largest(*(number("construction", f"http/ours/{runtime}", "tls_contexts") for runtime in _BOTH)),
    ),
    *(
        Goal(
            what=f"time to first chunk, {runtime}, beside raw httpx and a parse",
            limit=_MOST["first_chunk"],
            how="medians in turn in one process",
            compute=number("first_chunk", f"ours/{runtime}", "ratio"),
        )
        for runtime in _BOTH
    ),
]
_CALLS = [
    Goal(
        what=f"a call, {runtime}: CPU beside httpx's post and a typed parse",
        limit=1.0,
        how="medians in turn in one process",
        compute=number("calls", f"ours/{runtime}", "ratio"),
    )
    for runtime in _BOTH
]


def _on_uvloop(key: str, what: str, most: str) -> Goal:
    return Goal(
        what=f"on uvloop: {what}",
        limit=_MOST[most],
        how="after each other in one process",
        compute=number("uvloop", f"{key}/ours/uvloop", "ratio"),
    )


_UVLOOP = [
    *(_on_uvloop(part, f"CPU per chunk, {name}, beside the typed floor", part) for part, name in _PER_CHUNK.items()),
    _on_uvloop("first_chunk", "time to first chunk, beside raw httpx and a parse", "first_chunk"),
    _on_uvloop("concurrency 1000", "1,000 streams, beside one httpx.AsyncClient, 20 kept alive", "streams"),
]
_LINEARITY = [
    Goal(
        what=f"{what}, {runtime}: twice the size",
        limit=2.2,
        how="CPU time of 2n / of n",
        compute=number("linearity", f"{key}/ours/{runtime}", "ratio"),
    )
    for key, what in (("huge", "one huge event in 1 KiB pieces"), ("many", "100,000 small events in one read"))
    for runtime in _BOTH
]

_BATCH = [
    Goal(
        what=f"bulk questions: CPU of each beyond the call itself, {runtime}",
        limit=0.3,
        unit="ms",
        how="in client.batch - by hand, 32 at once",
        compute=excess(
            number("batch", f"32 at once/ours/{runtime}", scale=1e-3),
            number("batch", f"32 at once/ours/{runtime}", "floor_us", scale=1e-3),
        ),
    )
    for runtime in _BOTH
]

_THREADS = Goal(
    what="threads: CPU of a stream by a client that 16 share, beside a client for each",
    limit=1.2,
    how="shared / own, in turn in one process",
    compute=number("threads", "16 threads/ours/sync", "ratio"),
)

_RELAY = [
    Goal(
        what=f"the relay, {service}, {browsers} browsers: CPU of the service per chunk, beside httpx's bytes passed on",
        limit=limit,
        how="ours / httpx raw",
        compute=ratio(number("relay", f"{service}/{browsers}"), number("relay", f"raw/{browsers}")),
    )
    for service, limit in (("memory", 0.8), ("websocket", 0.8), ("redis", 1.6))
    for browsers in (1, 50, 500)
]

_DOORS = [
    Goal(
        what=f"doors, {door}, {browsers} browsers: CPU of the service per chunk, beside the relay's own events",
        limit=1.5,
        how="door / relay, log in memory",
        compute=ratio(number("relay", f"{door}/{browsers}"), number("relay", f"memory/{browsers}")),
    )
    for door in DOORS
    for browsers in (1, 50, 500)
]


def _lost(results: Results) -> float | None:
    found = results.parts.get("networks", {})
    lost = [numbers["lost"] for key, numbers in found.items() if "/ours/" in key]
    return sum(lost) if lost else None


_NETWORKS = Goal(
    what="networks: streams that are not whole, whatever the network does",
    limit=0,
    unit="streams",
    how="ours, both shells, all networks below",
    compute=_lost,
)

GOALS: tuple[Goal, ...] = (
    *(*_CHUNKS, *_CONCURRENCY, *_MEMORY, *_START, *_UVLOOP, *_CALLS, *_LINEARITY),
    *(*_BATCH, _THREADS, *_RELAY, *_DOORS, _NETWORKS),
)
