"""Logs of a client, and a filter that keeps tokens and keys out of any log.

Each logger is below ``gpo_client``:

- ``gpo_client.calls``: what is sent and what comes back, at DEBUG; retries and resumes at INFO.
- ``gpo_client.trace``: the same at INFO, of clients with ``trace_requests=True``.
- ``gpo_client.observers``: observers that failed, at ERROR.
- ``gpo_client.relay`` and ``gpo_client.sandbox``: for operators of servers.
"""

from __future__ import annotations

from gpo_client.logs.redaction import RedactionFilter

__all__ = ["RedactionFilter"]
