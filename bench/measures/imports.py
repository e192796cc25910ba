"""Importing: CPU time in a fresh interpreter, which httpx alone takes most of."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.measures.base import Job, Numbers, Part, Scale

# What our package is made of. Whatever else comes that neither httpx nor Python itself brings should come later: the
# extras, dateutil, and the generated modules of single calls.
_OURS = {"gpo_client", "gpo_core_client", "attr", "attrs", "msgspec"}
_NEEDED_BY_HTTPX = {"anyio", "sniffio", "typing_extensions"}  # which imports them with its first request
_CALLS = "gpo_core_client.api."
# Nothing but this: what the benchmark itself imports would be there already.
_PROGRAM = """
import json, sys, time
begun = time.process_time()
import {module}
seconds = time.process_time() - begun
print(json.dumps([seconds, list(sys.modules)]))
"""


def measure(job: Job, address: str) -> Numbers:  # noqa: ARG001 - no server is needed
    """Import one package, and see which modules came with it that should come later."""
    seconds, modules = _import(job.what)
    if job.what == "httpx":
        return {"cpu_us": seconds * 1e6, "late_modules": 0}
    expected = (
        _OURS | _NEEDED_BY_HTTPX | {name.partition(".")[0] for name in _import("httpx")[1]} | sys.stdlib_module_names
    )
    late = [name for name in modules if name.partition(".")[0] not in expected or name.startswith(_CALLS)]
    return {"cpu_us": seconds * 1e6, "late_modules": len(late)}


def _import(module: str) -> tuple[float, list[str]]:
    """Seconds of CPU time, and all modules that are loaded then."""
    command = [sys.executable, "-c", _PROGRAM.format(module=module)]
    seconds, modules = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return seconds, modules


def _jobs(scale: Scale) -> list[Job]:  # noqa: ARG001 - an import has no size
    return [Job(part="imports", what=module) for module in ("httpx", "gpo_client")]


IMPORTS = Part(name="imports", jobs=_jobs, measure=measure, repeats=lambda scale: scale.imports)
