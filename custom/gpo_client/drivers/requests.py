"""Requests and heads of answers, between flows and httpx."""

from __future__ import annotations

import httpx

from gpo_client.flows.effects import Open, Opened


def build_request(http: httpx.Client | httpx.AsyncClient, effect: Open) -> httpx.Request:
    """The httpx request for an effect."""
    request = effect.request
    timeout = httpx.Timeout(effect.read_timeout, connect=effect.connect_timeout)
    return http.build_request(
        request.method,
        request.url,
        params=request.params or None,
        content=request.content,
        headers=request.headers,
        timeout=timeout,
    )


def head_of(response: httpx.Response) -> Opened:
    """The head of an answer; httpx gives the names in lower case."""
    return Opened(response.status_code, dict(response.headers))
