"""Observers, as users see them: whoever wants to know what a client does (logs, traces, metrics, tests).

    from gpo_client.observers import CallObserver, Observer

This module hands on names and defines none. See docs/observability.md.
"""

from __future__ import annotations

from gpo_client.flows.observers import (
    AttemptDetails,
    CallDetails,
    CallObserver,
    CallResult,
    Observer,
    ResumeDetails,
    RetryDetails,
    WaitDetails,
)

__all__ = [
    "AttemptDetails", "CallDetails", "CallObserver", "CallResult", "Observer", "ResumeDetails", "RetryDetails",
    "WaitDetails",
]  # fmt: skip
