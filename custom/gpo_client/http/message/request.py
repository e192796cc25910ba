"""The bytes of a request (RFC 9112 §3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

from gpo_client.http.errors import ProtocolViolation
from gpo_client.http.exchange import Request

# RFC 9110 §8.6: these say the length even of no body.
_EXPECT_A_BODY = frozenset({"POST", "PUT", "PATCH"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUES = re.compile(r"[\r\n\0]")
# Small enough that a progress bar moves, large enough that it costs nothing.
_PIECE = 64 * 1024


class Message(bytes):
    """The bytes of a request, which hold its bearer: tracebacks with local variables show their number instead."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"

    def __getitem__(self, part: Any) -> Any:
        """Return a part of it is as little to be shown."""
        found = cast("Any", super()).__getitem__(part)
        return Message(found) if isinstance(found, bytes) else found


def request_bytes(request: Request, target: str, more: Mapping[str, str] = MappingProxyType({})) -> Message:
    """Head and body in one piece: every write is a system call, and wakes the server once more.

    Args:
        request: The request.
        target: What it is for; a proxy is told the whole address.
        more: Header fields for a proxy.

    Raises:
        ProtocolViolation: A name or a value would end its line.
    """
    fields = {**request.headers, **more} if more else request.headers
    for name, value in fields.items():
        if not _is_token(name) or _NOT_IN_VALUES.search(value):
            raise ProtocolViolation(f"the header field {name!r} cannot be sent: it would end its line")
    names = {name.lower(): name for name in fields}
    host = fields[names["host"]] if "host" in names else request.address.origin.netloc
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host}"]
    if (request.body or request.method in _EXPECT_A_BODY) and "content-length" not in names:
        lines.append(f"Content-Length: {len(request.body)}")
    lines.extend("".join((name, ": ", value)) for name, value in fields.items() if name != names.get("host"))
    try:
        return Message("\r\n".join((*lines, "", "")).encode("ascii") + request.body)
    except UnicodeEncodeError:
        raise ProtocolViolation("a header field holds what is no ASCII") from None


def pieces(message: Message, request: Request) -> Iterator[bytes]:
    """Return the message as it is written.

    In one piece, or where somebody wants to know in several, told as each is out.
    """
    if request.on_progress is None:
        yield message
        return
    total, head = len(request.body), len(message) - len(request.body)
    if head:
        yield message[:head]
    request.on_progress(0, total)
    for start in range(head, len(message), _PIECE):
        yield message[start : start + _PIECE]
        request.on_progress(min(start - head + _PIECE, total), total)


@lru_cache(maxsize=256)
def _is_token(name: str) -> bool:
    return _TOKEN.fullmatch(name) is not None
