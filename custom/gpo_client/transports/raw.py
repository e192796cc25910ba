"""The generated client on connections that are ours."""

from __future__ import annotations

import httpx

from gpo_client.models.secret import Secret
from gpo_core_client import AuthenticatedClient


class _Shared(httpx.BaseTransport):
    """Sends through another client, and leaves it open when it is closed itself."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._http.send(request, stream=True, follow_redirects=False)


class _AsyncShared(httpx.AsyncBaseTransport):
    """Sends through another client, and leaves it open when it is closed itself."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._http.send(request, stream=True, follow_redirects=False)


def sync_raw_client(http: httpx.Client, base_url: str, token: str) -> AuthenticatedClient:
    """A generated client for blocking use, sharing the connections of ``http``.

    Args:
        http: The client whose connections to use.
        base_url: The address of the API.
        token: The bearer.
    """
    shared = httpx.Client(transport=_Shared(http), base_url=base_url, headers=_authorization(token))
    return _generated(base_url, token).set_httpx_client(shared)


def async_raw_client(http: httpx.AsyncClient, base_url: str, token: str) -> AuthenticatedClient:
    """A generated client for asynchronous use, sharing the connections of ``http``.

    Args:
        http: The client whose connections to use.
        base_url: The address of the API.
        token: The bearer.
    """
    shared = httpx.AsyncClient(transport=_AsyncShared(http), base_url=base_url, headers=_authorization(token))
    return _generated(base_url, token).set_async_httpx_client(shared)


def _generated(base_url: str, token: str) -> AuthenticatedClient:
    # The generated class shows its token in repr, and the header that it would make of prefix and token in that of
    # copies (with_headers …). Without a prefix both are the one Secret.
    return AuthenticatedClient(base_url=base_url, token=_bearer(token), prefix="")


def _authorization(token: str) -> dict[str, str]:
    return {"Authorization": _bearer(token)} if token else {}


def _bearer(token: str) -> Secret:
    return Secret("Bearer " + token)
