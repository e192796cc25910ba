"""The settings as keyword arguments."""

# Derived from GPOConfig by `make settings`: edit settings.py, not this file.

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Literal, TypedDict

from gpo_client.config.keys import KeyFunction, TokenCredential


class ConfigOverrides(TypedDict, total=False):
    """The settings of :class:`gpo_client.GPOConfig`, each optional."""

    base_url: str
    api_key: str | KeyFunction | TokenCredential | None
    api_key_scope: str | None
    timeout: float | None
    connect_timeout: float | None
    max_retries: int
    retry_backoff_factor: float
    retry_max_delay: float
    retry_max_elapsed: float | None
    max_resumes: int
    auto_renew_token: bool
    token_renewal_buffer: float
    stream_first_chunk_timeout: float | None
    stream_idle_timeout: float | None
    stream_heartbeat_timeout: float | None
    stream_total_timeout: float | None
    max_event_bytes: int
    max_sources: int
    max_source_bytes: int
    max_stream_bytes: int
    max_response_bytes: int
    max_download_bytes: int | None
    headers: Mapping[str, str] | str
    ca_bundle: str | os.PathLike[str] | None
    trust: Literal["system", "certifi"]
    client_cert: str | os.PathLike[str] | None
    client_key: str | os.PathLike[str] | None
    client_key_password: str | None
    ssl_context: ssl.SSLContext | None
    verify_ssl: bool
    allow_insecure_http: bool
    proxy: str | None
    max_connections: int
    max_concurrency: int | None
    requests_per_second: float | None
    adaptive: bool
    tcp_keepalive: float | None
    transport: Literal["own", "httpx", "httpx2"]
    user_agent: str
    trace_requests: bool
