"""HTTP clients as ours need them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from gpo_client.config import GPOConfig

#: What the clients accept as ``http_client``.
HttpClient = httpx.Client
AsyncHttpClient = httpx.AsyncClient


# RFC 9110 §8.6: these say the length even of no body.
_EXPECT_A_BODY = frozenset({"POST", "PUT", "PATCH"})


class _Client(httpx.Client):
    """An httpx client without what ours does not use: defaults to merge, authentication, redirects and cookies.

    They take as long as all the rest of a request.
    """

    def build_request(self, method: str, url: httpx.URL | str, **parts: Any) -> httpx.Request:
        return _request(method, url, **parts)

    def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        response = self._transport.handle_request(request)
        response.request = request
        return response


class _AsyncClient(httpx.AsyncClient):
    """The same for asynchronous clients."""

    def build_request(self, method: str, url: httpx.URL | str, **parts: Any) -> httpx.Request:
        return _request(method, url, **parts)

    async def send(self, request: httpx.Request, **_: Any) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response


def _request(
    method: str,
    url: httpx.URL | str,
    *,
    headers: Mapping[str, str],
    timeout: httpx.Timeout,
    content: bytes | None = None,
    params: Mapping[str, Any] | None = None,
) -> httpx.Request:
    """A request whose body is bytes; httpx looks longer for what kind of body it might be than at all the rest."""
    address = httpx.URL(url, params=params) if params else httpx.URL(url)
    given = {name.lower() for name in headers}
    fields = {} if "host" in given else {"Host": address.netloc.decode("ascii")}
    body = content or b""
    if (body or method in _EXPECT_A_BODY) and "content-length" not in given:
        fields["Content-Length"] = str(len(body))
    return httpx.Request(
        method,
        address,
        headers=fields | {**headers},
        stream=httpx.ByteStream(body),
        extensions={"timeout": timeout.as_dict()},
    )


def sync_http_client(config: GPOConfig) -> Callable[[], httpx.Client]:
    """Makes a blocking HTTP client when it is called; whoever calls closes it."""
    from gpo_client.transports.default import Transport  # for a client, not for importing the package

    return lambda: _Client(transport=Transport(config), trust_env=False)


def async_http_client(config: GPOConfig) -> Callable[[], httpx.AsyncClient]:
    """Makes an asynchronous HTTP client when it is called; whoever calls closes it."""
    from gpo_client.transports.default import (
        AsyncTransport,  # for a client, not in the event loop when it is first used
    )

    return lambda: _AsyncClient(transport=AsyncTransport(config), trust_env=False)


def same_pool(one: GPOConfig, other: GPOConfig) -> bool:
    """Whether clients with these settings can share their connections."""
    return _connection_settings(one) == _connection_settings(other)


def _connection_settings(config: GPOConfig) -> tuple[object, ...]:
    scheme = config.base_url.partition(":")[0]
    return scheme, config.verify_ssl, config.proxy, config.max_connections
