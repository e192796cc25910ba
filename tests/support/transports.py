"""Transports that the suites run on (``pytest --transport``), and the tests that one of them cannot pass."""

from __future__ import annotations

import re

#: The values of the setting; the first is the default.
TRANSPORTS = ("own", "httpx", "httpx2")

#: Patterns of test ids, each with the reason why transports of httpx and httpx2 are let off.
EXCEPTIONS: dict[str, str] = {}


def exception_of(test_id: str, transport: str) -> str | None:
    """Why a test is left out on a transport; None: it is not."""
    if transport == TRANSPORTS[0]:
        return None
    return next((reason for pattern, reason in EXCEPTIONS.items() if re.search(pattern, test_id)), None)
