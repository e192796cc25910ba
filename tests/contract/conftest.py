"""What the tests of the contract share."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.contract import openapi

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the project folder."""
    return ROOT


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    """Return the contract, with its references as they are written."""
    return openapi()
