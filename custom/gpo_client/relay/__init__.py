"""Relaying answers to browsers, from a web service that uses the client.

    from gpo_client.relay import sse_response, websocket_chat

    return sse_response(stream)                       # in a Starlette or FastAPI endpoint
    await websocket_chat(websocket, conversation)     # in a WebSocket endpoint
    sse_lines(stream, last_event_id=...)              # in Flask, Django and other blocking services
    ui_message_response(stream, chat_id=...)          # for pages that use the AI SDK; ui_message_lines when blocking

Browsers that lose their connection come back and continue; see docs/relay.md.
"""

from __future__ import annotations

try:
    import starlette as _starlette
except ModuleNotFoundError as error:
    if error.name != "starlette":
        raise
    raise ImportError('the relay needs starlette, which is not installed: pip install "gpo-client[relay]"') from error

from typing import TYPE_CHECKING, Any

from gpo_client.lazy import lazy_names
from gpo_client.relay.aio.log import MemoryRelayLog, RelayLog
from gpo_client.relay.aio.relay import Relay
from gpo_client.relay.machines.entries import Entry, EventId, ProblemCode, PublicProblem
from gpo_client.relay.machines.logbook import LogFull, LogPage, LogUnavailable, ReaderState
from gpo_client.relay.options import RelayOptions
from gpo_client.relay.sse import SSELines, SSEResponse, sse_lines, sse_response
from gpo_client.relay.sync.log import SyncMemoryRelayLog, SyncRelayLog
from gpo_client.relay.sync.relay import SyncRelay
from gpo_client.relay.ui_message import UIMessageResponse, ui_message_lines, ui_message_response
from gpo_client.relay.websocket import websocket_chat

if TYPE_CHECKING:
    from gpo_client.relay.aio.redis import RedisRelayLog
    from gpo_client.relay.sync.redis import SyncRedisRelayLog

__all__ = [
    "Entry", "EventId", "LogFull", "LogPage", "LogUnavailable", "MemoryRelayLog", "ProblemCode", "PublicProblem",
    "ReaderState", "RedisRelayLog", "Relay", "RelayLog", "RelayOptions", "SSELines", "SSEResponse",
    "SyncMemoryRelayLog", "SyncRedisRelayLog", "SyncRelay", "SyncRelayLog", "UIMessageResponse", "sse_lines",
    "sse_response", "ui_message_lines", "ui_message_response", "websocket_chat",
]  # fmt: skip

del _starlette


# They need an extra of their own, and are loaded when they are first used.
_load = lazy_names(
    __name__,
    {"gpo_client.relay.aio.redis": "RedisRelayLog", "gpo_client.relay.sync.redis": "SyncRedisRelayLog"},
)


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if error.name != "redis":
            raise
        raise ImportError(f'{name} needs redis, which is not installed: pip install "gpo-client[redis]"') from error
