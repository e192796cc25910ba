"""The contract, as the tests that look things up in it have it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# Written in C it reads the contract five times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTRACT = Path(__file__).parents[2] / "openapi.yaml"


def openapi(path: Path = _CONTRACT) -> dict[str, Any]:
    """Read the contract, or a changed copy of it."""
    document: dict[str, Any] = yaml.load(path.read_text("utf-8"), Loader=_LOADER)
    return document
