"""Making a client: CPU time after the first one in the process, and how many TLS contexts are made for many."""

from __future__ import annotations

import gc
import ssl
import time
from unittest import mock

from bench.clients import ours
from bench.measures.base import Job, Numbers, Part, Scale
from bench.subjects import SUBJECTS

_WITH_CONNECTIONS = 20


def measure(job: Job, address: str) -> Numbers:
    """Make many clients, and the connections of some of them; none is used."""
    times, options = job.sizes["times"], SUBJECTS[job.subject].options
    address, make = f"{job.what}://127.0.0.1:9", ours.Blocking if job.world == "sync" else ours.Asynchronous
    with mock.patch.object(ssl, "create_default_context", wraps=ssl.create_default_context) as contexts:
        clients = [make(address, **options)]
        gc.collect()
        begun = time.process_time()
        clients += [make(address, **options) for _ in range(times)]
        seconds = time.process_time() - begun
        for client in clients[:_WITH_CONNECTIONS]:
            _ = client.client.raw  # which needs the connections
    return {"cpu_us": seconds / times * 1e6, "tls_contexts": contexts.call_count}


def _jobs(scale: Scale) -> list[Job]:
    sizes = {"times": scale.constructions}
    return [
        Job(part="construction", what=what, subject="ours", world=world, sizes=sizes)
        for what in ("http", "https")
        for world in ("sync", "async")
    ]


CONSTRUCTION = Part(name="construction", jobs=_jobs, measure=measure)
