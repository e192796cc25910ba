"""A running server of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.server import running_server


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Its address."""
    with running_server() as address:
        yield address
