"""Transports that the suites run on (``pytest --transport``), and the tests that one of them cannot pass."""

from __future__ import annotations

import re

#: The values of the setting; the first is the default.
TRANSPORTS = ("own", "httpx", "httpx2")

_NONSENSE = "take a server that sends nonsense for one that hangs up"
_UNINTERRUPTED = "cannot be interrupted before the head of a response"

#: Patterns of test ids, each with what clients of httpx and httpx2 do otherwise; docs/integration.md tells users.
EXCEPTIONS = {
    r"test_stream_scenarios.*-(no HTTP|bad chunk size)\]": _NONSENSE,
    r"test_resume.*-errors that pass while resuming\]": _NONSENSE,
    r"test_hostile.*::test_head_without_end": _NONSENSE,
    r"test_deadlines.*::test_drips": "wait anew for each piece that arrives, whatever it brings",
    r"test_reuse.*::test_(connection_is_reused|end_that_comes_late)": "connect anew after a stream",
    r"test_closing.*::test_closed_by_another_thread_before": _UNINTERRUPTED,
    r"test_batch.*::test_leaving_early\[sync\]": _UNINTERRUPTED,
    r"test_asked_keys.*::test_event_loops_side_by_side": "serve one event loop",
    r"test_closing.*::test_interpreter_exit\[async stream left open\]": "complain when a loop ends amid a stream",
}


def exception_of(test_id: str, transport: str) -> str | None:
    """Why a test is left out on a transport; None: it is not."""
    if transport == TRANSPORTS[0]:
        return None
    return next((f"they {what}" for pattern, what in EXCEPTIONS.items() if re.search(pattern, test_id)), None)
