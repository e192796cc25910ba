"""Traces and metrics of a client's calls, for OpenTelemetry (extra ``otel``).

    from gpo_client import GPOCoreClient
    from gpo_client.otel import OpenTelemetryObserver

    client = GPOCoreClient(observers=[OpenTelemetryObserver()])

Names follow OpenTelemetry's semantic conventions for generative AI and for HTTP clients; what they have no name for
begins with ``gpo.``. See docs/observability.md.
"""

from __future__ import annotations

try:
    import opentelemetry as _api
except ModuleNotFoundError as error:
    raise ImportError(
        'gpo_client.otel needs opentelemetry-api, which is not installed: pip install "gpo-client[otel]"'
    ) from error

from gpo_client.otel.observer import OpenTelemetryObserver

__all__ = ["OpenTelemetryObserver"]

del _api
