"""Relaying answers to browsers, from a web service that uses the client.

    from gpo_client.relay import sse_response, websocket_chat

    return sse_response(stream)                       # in a Starlette or FastAPI endpoint
    await websocket_chat(websocket, conversation)     # in a WebSocket endpoint
    sse_lines(stream, last_event_id=...)              # in Flask, Django and other blocking services

Browsers that lose their connection come back and continue; see docs/relay.md.
"""

from __future__ import annotations

try:
    import starlette as _starlette
except ModuleNotFoundError as error:
    if error.name != "starlette":
        raise
    raise ImportError('the relay needs starlette, which is not installed: pip install "gpo-client[relay]"') from error

from gpo_client.relay.aio.log import MemoryRelayLog, RelayLog
from gpo_client.relay.aio.relay import Relay
from gpo_client.relay.lines import SSELines, sse_lines
from gpo_client.relay.machines.entries import Entry, EventId
from gpo_client.relay.machines.logbook import LogPage, Seen
from gpo_client.relay.machines.problems import ProblemCode, PublicProblem
from gpo_client.relay.options import RelayOptions
from gpo_client.relay.sse import SSEResponse, sse_response
from gpo_client.relay.sync.log import SyncMemoryRelayLog, SyncRelayLog
from gpo_client.relay.sync.relay import SyncRelay
from gpo_client.relay.websocket import websocket_chat

__all__ = [
    "Entry",
    "EventId",
    "LogPage",
    "MemoryRelayLog",
    "ProblemCode",
    "PublicProblem",
    "Relay",
    "RelayLog",
    "RelayOptions",
    "SSELines",
    "SSEResponse",
    "Seen",
    "SyncMemoryRelayLog",
    "SyncRelay",
    "SyncRelayLog",
    "sse_lines",
    "sse_response",
    "websocket_chat",
]

del _starlette
