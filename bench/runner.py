"""Runs measurements: each in a fresh process, the repeats of all of them interleaved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import cast

import attrs

from bench.machine import ROOT, facts, measures_memory
from bench.measures import loops
from bench.measures.base import Job, Numbers, Part, Scale
from bench.measures.parts import PARTS
from bench.results import Results
from bench.server import running_server
from bench.subjects import SUBJECTS

_SECONDS = 900
# Requests go to this machine, whatever proxy it uses for others.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


class MeasurementError(RuntimeError):
    """A measurement failed."""


def run(scale: Scale, parts: Sequence[str], clients: Sequence[str], tell: Callable[[str], None]) -> Results:
    """Measure.

    Args:
        scale: How much.
        parts: Which parts.
        clients: Which clients, by their names in ``SUBJECTS``; none for all.
        tell: Told what is being done.

    Raises:
        MeasurementError: A measurement failed; the message is what it wrote.
    """
    results = Results(machine=facts())
    results.notes += [f"{SUBJECTS[name].label}: {why}" for name in SUBJECTS if (why := SUBJECTS[name].missing)]
    if not measures_memory():
        results.notes.append("memory: it can be measured on Linux only")
    if loops.is_missing():
        results.notes.append("uvloop: it is not installed (pip install 'gpo-client[bench]')")
    with running_server() as address:
        for name in parts:
            samples = _samples(PARTS[name], scale, clients, address, tell)
            results.samples[name] = samples
            results.parts[name] = {key: PARTS[name].pick(found) for key, found in samples.items()}
    return results


def _samples(
    part: Part, scale: Scale, clients: Sequence[str], address: str, tell: Callable[[str], None]
) -> dict[str, list[Numbers]]:
    jobs = [job for job in part.jobs(scale) if _wanted(job, clients)]
    samples: dict[str, list[Numbers]] = {job.key: [] for job in jobs}
    for repeat in range(part.repeats(scale)):
        for job in jobs:
            tell(f"{part.name} {repeat + 1}/{part.repeats(scale)}: {job.key}")
            samples[job.key].append(_measured(job, address))
    return samples


def _wanted(job: Job, clients: Sequence[str]) -> bool:
    return not job.subject or (SUBJECTS[job.subject].missing is None and (not clients or job.subject in clients))


def _measured(job: Job, address: str) -> Numbers:
    told = json.dumps({"job": attrs.asdict(job), "address": address})
    command = [sys.executable, "-m", "bench.measures.parts", told]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_SECONDS, env=_ENVIRONMENT, cwd=ROOT, check=False
    )
    if done.returncode:
        raise MeasurementError(f"{job.part} {job.key}: {done.stderr.strip() or done.returncode}")
    return cast("Numbers", json.loads(done.stdout))
