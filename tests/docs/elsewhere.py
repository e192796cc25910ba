"""Commands of the documents that the tests of the documents do not type in: where they are tried, or why nowhere."""

from __future__ import annotations

#: What a command begins with, and the test that runs what it runs.
RUN_BY: dict[str, str] = {
    "make ": "tests/docs/test_make.py",
    "pip install": "tests/docs/test_make.py",
    "python -m pip install": "tests/docs/test_make.py",
    "python -m venv": "tests/packaging/test_wheel.py",
    "python -m bench": "tests/bench/test_measures.py",
    "python examples/fastapi_service/service.py --sandbox": "tests/examples/test_fastapi_service.py",
    "REDIS_URL=": "tests/examples/test_fastapi_service.py",
}


#: What a command begins with, and why no test runs it.
NOT_RUN: dict[str, str] = {
    ".venv/bin/pre-commit install": "it would change the hooks of whoever runs the tests",
    ".venv/bin/uv pip compile": "it would write constraints.txt, from whatever is newest today",
}


def is_left_out(command: str) -> bool:
    """Whether the tests of the documents leave a command to another test, or to nobody."""
    return command.startswith((*RUN_BY, *NOT_RUN))
