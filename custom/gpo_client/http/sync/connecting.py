# Derived from custom/gpo_client/http/aio/connecting.py by `make sync`: edit that file, not this one.
"""The way from here to a server: directly, or through a proxy."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gpo_client.http import errors
from gpo_client.http.network.blocking import sync_connect, sync_resolve
from gpo_client.http.network.sockets import SyncOpening
from gpo_client.http.options import Address, Options, Origin, Proxy
from gpo_client.http.request import Request, request_bytes, socks_handshake
from gpo_client.http.response import ResponseReader
from gpo_client.http.tls import Trust, described, tls_context

if TYPE_CHECKING:
    from gpo_client.http.network.blocking import SyncLine

    #: Connects once more, to look at what was not accepted.
    _Again = Callable[[float | None], SyncLine]

# What is not the proxy's business: names that are resolved here, and the time for all of it.
_OURS = (errors.ConnectFailed, errors.ConnectTimeout)
# To look at a certificate that was not accepted may take so long at most.
_LOOK = 2.0
# What a proxy answers that will answer something else the next time, perhaps.
_PASSING = 500
_SURPLUS = "it sends more than its answer"


def connect_through(origin: Origin, options: Options, timeout: float | None, opening: SyncOpening) -> SyncLine:
    """Return a line to an origin within so many seconds; raises ``ConnectFailed``, ``ConnectTimeout``."""
    ends = None if timeout is None else time.monotonic() + timeout
    line = _reach(origin, options, opening, ends)
    if options.tls is not None and origin.is_tls:
        _encrypt(line, options.tls, origin.host, ends, partial(_reach, origin, options, opening))
    return line


def _encrypt(
    line: SyncLine, context: ssl.SSLContext, host: str, ends: float | None, again: _Again, *, whose: str = ""
) -> None:
    """Shake hands; what is wrong with a certificate is told, and whose it is if not the origin's."""
    try:
        line.start_tls(context, host, _left(ends))
    except errors.TlsFailed as error:
        line.close()
        is_refused = isinstance(error.__cause__, ssl.SSLCertVerificationError)
        told = _certificate(host, ends, again) if is_refused else ""
        raise errors.TlsFailed(f"{whose}{error}{told}") from error.__cause__
    except BaseException:
        line.close()
        raise


def _reach(origin: Origin, options: Options, opening: SyncOpening, ends: float | None) -> SyncLine:
    """Return a line to an origin on which nothing has been said yet."""
    proxy = options.proxy
    if proxy is None:
        return sync_connect(origin, options, _left(ends), opening)
    line = _to_proxy(proxy, options, opening, ends)
    try:
        if proxy.is_socks:
            _socks(line, origin, proxy, ends)
        elif origin.is_tls:
            _tunnel(line, origin, proxy, ends)
    except BaseException as error:
        line.close()
        is_ours = isinstance(error, _OURS) and not isinstance(error, errors.ProxyFailed)
        if is_ours or not isinstance(error, errors.HttpError):
            raise
        raise _of_proxy(error, proxy, origin) from error
    return line


def _of_proxy(error: errors.HttpError, proxy: Proxy, origin: Origin) -> errors.HttpError:
    """Return an error that came up on the way through a proxy, which is to blame."""
    if isinstance(error, errors.ReadTimeout):
        return errors.ConnectTimeout(f"{proxy.name} does not answer")
    kind = errors.ProxyDenied if isinstance(error, errors.ProxyDenied) else errors.ProxyFailed
    return kind(f"{proxy.name} does not connect to {origin.authority}: {error}")


def _to_proxy(proxy: Proxy, options: Options, opening: SyncOpening, ends: float | None) -> SyncLine:
    connect = partial(_proxy_line, proxy, options, opening)
    line = connect(ends)
    if options.proxy_tls is not None:
        _encrypt(line, options.proxy_tls, proxy.origin.host, ends, connect, whose=f"{proxy.name}: ")
    return line


def _proxy_line(proxy: Proxy, options: Options, opening: SyncOpening, ends: float | None) -> SyncLine:
    try:
        return sync_connect(proxy.origin, options, _left(ends), opening)
    except errors.LocalLimit:
        raise
    except errors.ConnectFailed as error:
        raise errors.ProxyFailed(f"{proxy.name} cannot be reached: {error}") from error.__cause__
    except errors.ConnectTimeout as error:
        raise errors.ConnectTimeout(f"{proxy.name} does not answer") from error


def _tunnel(line: SyncLine, origin: Origin, proxy: Proxy, ends: float | None) -> None:
    """Have a proxy of HTTP connect the line with the origin (RFC 9110 §9.3.6)."""
    more = {"Host": origin.authority}
    if proxy.authorization is not None:
        more["Proxy-Authorization"] = proxy.authorization
    reader = ResponseReader("CONNECT")
    try:
        request = Request("CONNECT", Address(origin, origin.authority), more)
        line.write(request_bytes(request, origin.authority), _left(ends))
        while not reader.has_news:
            reader.feed(line.read(_left(ends)))
        head = reader.take_head()
    finally:
        is_clean = reader.is_reusable
        reader.close()
    if not 200 <= head.status < 300:
        raise (errors.ProxyFailed if head.status >= _PASSING else errors.ProxyDenied)(f"it answers {head.status}")
    if not is_clean and head.version == "1.1":
        raise errors.ProxyFailed(_SURPLUS)


def _socks(line: SyncLine, origin: Origin, proxy: Proxy, ends: float | None) -> None:
    """Have a proxy of SOCKS 5 connect the line with the origin."""
    is_resolved_there = proxy.origin.scheme == "socks5h"
    host = origin.host if is_resolved_there else sync_resolve(origin, _left(ends))
    handshake = socks_handshake(host, origin.port, proxy.credentials)
    received = b""
    try:
        send, size = next(handshake)
        while True:
            if send:
                line.write(send, _left(ends))
            while len(received) < size:
                data = line.read(_left(ends))
                if not data:
                    raise errors.ProxyFailed("it hangs up")
                received += data
            wanted, received = received[:size], received[size:]
            send, size = handshake.send(wanted)
    except StopIteration:
        if received:
            raise errors.ProxyFailed(_SURPLUS) from None


def _certificate(host: str, ends: float | None, again: _Again) -> str:
    """Return what a certificate that was not accepted says. It is asked for once more; nothing else is sent."""
    soon = time.monotonic() + _LOOK
    ends = soon if ends is None else min(ends, soon)
    try:
        line = again(ends)
    except errors.HttpError:
        return ""
    try:
        line.start_tls(tls_context(Trust(is_verified=False)), host, _left(ends))
        told = described(line.certificate())
    except errors.HttpError:
        return ""
    finally:
        line.close()
    return told and f"; {told}"


def _left(ends: float | None) -> float | None:
    if ends is None:
        return None
    left = ends - time.monotonic()
    if left <= 0:
        raise errors.ConnectTimeout("connecting takes too long")
    return left
