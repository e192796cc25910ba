"""What a start costs: importing the package, and making a client after the first one in the process."""

from __future__ import annotations

import gc
import json
import os
import ssl
import subprocess
import sys
import time
from unittest import mock

from bench.clients import ours
from bench.measures.base import Job, Numbers, Part, Scale
from bench.subjects import SUBJECTS

_WITH_CONNECTIONS = 20


def _make_clients(job: Job, address: str) -> Numbers:
    """Make many clients, and the connections of some of them; none is used."""
    times, options = job.sizes["times"], SUBJECTS[job.subject].options
    address, make = f"{job.what}://127.0.0.1:9", ours.Blocking if job.runtime == "sync" else ours.Asynchronous
    with mock.patch.object(ssl, "create_default_context", wraps=ssl.create_default_context) as contexts:
        clients = [make(address, **options)]
        gc.collect()
        begun = time.process_time()
        clients += [make(address, **options) for _ in range(times)]
        seconds = time.process_time() - begun
        for client in clients[:_WITH_CONNECTIONS]:
            _ = client.client.raw  # which needs the connections
    return {"cpu_us": seconds / times * 1e6, "tls_contexts": contexts.call_count}


def _clients(scale: Scale) -> list[Job]:
    sizes = {"times": scale.constructions}
    return [
        Job(part="construction", what=what, subject="ours", runtime=runtime, sizes=sizes)
        for what in ("http", "https")
        for runtime in ("sync", "async")
    ]


CONSTRUCTION = Part(name="construction", jobs=_clients, measure=_make_clients)


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


def _import_one(job: Job, address: str) -> Numbers:  # noqa: ARG001 - no server is needed
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
    """Seconds of CPU time, and all modules that are loaded then.

    The first of the two imports leaves bytecode behind, as an installer does: to compile is no part of an import.
    """
    command = [sys.executable, "-c", _PROGRAM.format(module=module)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    _, told = (subprocess.check_output(command, text=True, env=environment) for _ in range(2))
    seconds, modules = json.loads(told)
    return seconds, modules


def _packages(scale: Scale) -> list[Job]:  # noqa: ARG001 - an import has no size
    return [Job(part="imports", what=module) for module in ("httpx", "gpo_client")]


IMPORTS = Part(name="imports", jobs=_packages, measure=_import_one, repeats=lambda scale: scale.imports)
