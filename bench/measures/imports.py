"""Importing: CPU time in a fresh interpreter, which httpx alone takes most of."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.measures.base import Job, Numbers, Part, Scale

#: What nobody pays for who only imports the package: extras, and what only some calls need.
LATE_MODULES = ("dateutil", "gpo_core_client.api", "starlette", "uvicorn", "yaml", "pyreqwest", "sqlite3", "trio")
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
    command = [sys.executable, "-c", _PROGRAM.format(module=job.what)]
    seconds, modules = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    late = [name for name in modules if any(name == late or name.startswith(late + ".") for late in LATE_MODULES)]
    return {"cpu_us": seconds * 1e6, "late_modules": len(late)}


def _jobs(scale: Scale) -> list[Job]:  # noqa: ARG001 - an import has no size
    return [Job(part="imports", what=module) for module in ("httpx", "gpo_client")]


IMPORTS = Part(name="imports", jobs=_jobs, measure=measure, repeats=lambda scale: scale.imports)
