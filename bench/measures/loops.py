"""The asynchronous measurements of streams again, on uvloop: ours and the floor's after each other in one process."""

from __future__ import annotations

from importlib.util import find_spec

import attrs

from bench.measures.base import Job, Numbers, Part, Scale, middle
from bench.measures.chunks import BURSTS, PACED, SEGMENTS
from bench.measures.concurrency import CONCURRENCY
from bench.measures.first_chunk import FIRST_CHUNK

_PARTS = {part.name: part for part in (BURSTS, SEGMENTS, PACED, FIRST_CHUNK, CONCURRENCY)}
# The typed floor that keeps no more connections than httpx does by itself: with all of them it is slower.
_FLOORS = {"concurrency": "httpx-20"}


def is_missing() -> bool:
    """Whether there is no uvloop here."""
    return find_spec("uvloop") is None


def measure(job: Job, address: str) -> Numbers:
    """What one of the other parts measures, of us and of the floor; and how they compare."""
    name, _, what = job.what.partition(" ")
    told = attrs.evolve(job, part=name, what=what)
    ours = _PARTS[name].measure(told, address)
    if "ratio" in ours:  # it has measured both
        return {"us": ours["wall_us"], "floor_us": ours["floor_us"], "ratio": ours["ratio"]}
    floor = _PARTS[name].measure(attrs.evolve(told, subject=_FLOORS.get(name, "floor")), address)
    return {"us": ours["cpu_us"], "floor_us": floor["cpu_us"], "ratio": ours["cpu_us"] / floor["cpu_us"]}


def _jobs(scale: Scale) -> list[Job]:
    return [
        attrs.evolve(job, part="uvloop", runtime="uvloop", what=f"{part.name} {job.what}".strip())
        for part in _PARTS.values()
        for job in part.jobs(scale)
        if job.subject == "ours" and job.runtime == "async" and not is_missing()
    ]


UVLOOP = Part(name="uvloop", jobs=_jobs, measure=measure, pick=middle)
