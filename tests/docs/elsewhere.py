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


def run_by(command: str) -> str | None:
    """The test that runs a command; None where the tests of the documents do."""
    return next((test for start, test in RUN_BY.items() if command.startswith(start)), None)
