"""From here to a server: directly, or through a proxy."""

from __future__ import annotations

import time

from gpo_client.http.address import Address, Origin
from gpo_client.http.errors import ConnectFailed, ConnectTimeout, HttpError, ProxyFailed, ReadTimeout, TlsFailed
from gpo_client.http.exchange import Request
from gpo_client.http.message.request import request_bytes
from gpo_client.http.message.response import ResponseReader
from gpo_client.http.network.backends import AsyncLine, async_connect
from gpo_client.http.options import Options, Proxy


async def connect_through(origin: Origin, options: Options, timeout: float | None) -> AsyncLine:
    """A line to an origin, as the options say.

    Raises:
        ConnectFailed: There is none.
        ConnectTimeout: It took too long.
    """
    ends = None if timeout is None else time.monotonic() + timeout
    proxy, context = options.proxy, options.context(origin)
    line = await (async_connect(origin, options, timeout) if proxy is None else _to_proxy(proxy, options, timeout))
    try:
        if proxy is not None and context is not None:
            await _tunnel(line, origin, proxy, _left(ends))
        if context is not None:
            await line.start_tls(context, origin.host, _left(ends))
    except BaseException:
        line.close()
        raise
    return line


async def _to_proxy(proxy: Proxy, options: Options, timeout: float | None) -> AsyncLine:
    where = f"the proxy at {proxy.origin.netloc}"
    try:
        line = await async_connect(proxy.origin, options, timeout)
    except ConnectFailed as error:
        raise ProxyFailed(f"{where} cannot be reached: {error}") from error.__cause__
    if options.proxy_tls is not None:
        try:
            await line.start_tls(options.proxy_tls, proxy.origin.host, timeout)
        except BaseException as error:
            line.close()
            if isinstance(error, TlsFailed):
                raise TlsFailed(f"{where}: {error}") from error.__cause__
            raise
    return line


async def _tunnel(line: AsyncLine, origin: Origin, proxy: Proxy, timeout: float | None) -> None:
    """Have the proxy connect the line with the origin (RFC 9110 §9.3.6)."""
    where, more = f"the proxy at {proxy.origin.netloc}", {"Host": origin.authority}
    if proxy.authorization is not None:
        more["Proxy-Authorization"] = proxy.authorization
    reader = ResponseReader("CONNECT")
    ends = None if timeout is None else time.monotonic() + timeout
    try:
        await line.write(
            request_bytes(Request("CONNECT", Address(origin, origin.authority), more), origin.authority), timeout
        )
        while not reader.has_news:
            reader.feed(await line.read(_left(ends)))
        head = reader.take_head()
    except ReadTimeout as error:
        raise ConnectTimeout(f"{where} does not answer") from error
    except HttpError as error:
        raise ProxyFailed(f"{where} does not open a tunnel: {error}") from error
    finally:
        is_clean = reader.is_reusable
        reader.close()
    if not 200 <= head.status < 300:
        raise ProxyFailed(f"{where} does not open a tunnel: it answers {head.status}", head.status)
    if not is_clean and head.version == "1.1":
        raise ProxyFailed(f"{where} sends more than its answer")


def _left(ends: float | None) -> float | None:
    if ends is None:
        return None
    left = ends - time.monotonic()
    if left <= 0:
        raise ConnectTimeout("connecting takes too long")
    return left
