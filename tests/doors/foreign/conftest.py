"""Real clients of the protocols, which nobody here wrote. Those that are not installed are left out, with a note."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["asyncio"])
def anyio_backend() -> str:
    """The clients run on asyncio."""
    return "asyncio"
