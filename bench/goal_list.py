"""All goals, in the order in which they are shown."""

from __future__ import annotations

from bench.goals import Compute, Goal, excess, largest, number, ratio
from bench.measures.base import Scale
from bench.measures.relay import DOORS
from bench.results import Results

_BOTH = ("sync", "async")
_PER_CHUNK = {"bursts": "bursts", "segments": "one event per segment"}


def _beside(part: str, world: str, most: float) -> Goal:
    return Goal(
        what=f"CPU per chunk, {_PER_CHUNK[part]}, {world}, beside the typed floor",
        limit=most,
        how="ours / typed floor",
        compute=ratio(number(part, f"ours/{world}"), number(part, f"floor/{world}")),
    )


def _less(part: str, world: str, peer: str, label: str, least: float) -> Goal:
    return Goal(
        what=f"CPU per chunk, {_PER_CHUNK[part]}, {world}, less than {label}",
        limit=least,
        at="≥",
        how=f"{label} / ours",
        compute=ratio(number(part, f"{peer}/{world}"), number(part, f"ours/{world}")),
    )


_CHUNKS = [
    _beside("bursts", "sync", 1.6),
    _less("bursts", "sync", "httpx-sse", "httpx-sse + json.loads", 3),
    _less("bursts", "sync", "openai", "openai-python", 40),
    _beside("bursts", "async", 1.8),
    *(_beside("segments", world, 1.15) for world in _BOTH),
    *(_less("segments", world, "openai", "openai-python", 7) for world in _BOTH),
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
        limit=0.5,
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
    return largest(*(number("memory", f"{what}/ours/{world}", name) for world in _BOTH))


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
            what=f"memory: an idle open stream beyond its transport, {world}",
            limit=20,
            unit="KB",
            how="(ours - httpx alone) / streams",
            compute=excess(number("memory", f"idle/ours/{world}", "kb"), number("memory", f"idle/floor/{world}", "kb")),
        )
        for world in _BOTH
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
                number("construction", f"{scheme}/ours/{world}", scale=1e-3)
                for scheme in ("http", "https")
                for world in _BOTH
            )
        ),
    ),
    Goal(
        what="TLS contexts made for 20 clients on https",
        limit=1,
        unit="contexts",
        how="calls of ssl.create_default_context, connections made",
        compute=largest(*(number("construction", f"https/ours/{world}", "tls_contexts") for world in _BOTH)),
    ),
    Goal(
        what="TLS contexts made for 20 clients on http",
        limit=0,
        unit="contexts",
        how="calls of ssl.create_default_context, connections made",
        compute=largest(*(number("construction", f"http/ours/{world}", "tls_contexts") for world in _BOTH)),
    ),
    *(
        Goal(
            what=f"time to first chunk, {world}, beside raw httpx and a parse",
            limit=1.2,
            how="medians in turn in one process",
            compute=number("first_chunk", f"ours/{world}", "ratio"),
        )
        for world in _BOTH
    ),
]
_LINEARITY = [
    Goal(
        what=f"{what}, {world}: twice the size",
        limit=2.2,
        how="CPU time of 2n / of n",
        compute=number("linearity", f"{key}/ours/{world}", "ratio"),
    )
    for key, what in (("huge", "one huge event in 1 KiB pieces"), ("many", "100,000 small events in one read"))
    for world in _BOTH
]

_BATCH = [
    Goal(
        what=f"bulk questions: CPU of each beyond the call itself, {world}",
        limit=0.3,
        unit="ms",
        how="in client.batch - by hand, 32 at once",
        compute=excess(
            number("batch", f"32 at once/ours/{world}", scale=1e-3),
            number("batch", f"32 at once/ours/{world}", "floor_us", scale=1e-3),
        ),
    )
    for world in _BOTH
]

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
    *(*_CHUNKS, *_CONCURRENCY, *_MEMORY, *_START, *_LINEARITY),
    *(*_BATCH, *_RELAY, *_DOORS, _NETWORKS),
)
