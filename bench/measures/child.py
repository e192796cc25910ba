"""One measurement in a process of its own: a job and the server's address come in as JSON, numbers go out."""

from __future__ import annotations

import json
import os
import sys

from bench.machine import allow_many_sockets
from bench.measures.base import Job
from bench.measures.parts import PARTS


def main() -> None:
    """Measure."""
    allow_many_sockets()
    told = json.loads(sys.argv[1])
    job = Job(**told["job"])
    sys.stdout.write(json.dumps(PARTS[job.part].measure(job, told["address"])))
    sys.stdout.flush()
    os._exit(0)  # a thousand open streams need no tidying


if __name__ == "__main__":
    main()
