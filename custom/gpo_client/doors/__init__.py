"""Doors: the assistant behind protocols that programs already speak.

    from gpo_client.doors import mcp_server, openai_app

    app = openai_app(client, keys=["…"], instance_id="advisory-001")    # OpenAI's protocols; docs/openai.md
    server = mcp_server(client, instance_id="advisory-001")             # the Model Context Protocol; docs/mcp.md

The third door, for pages that use the AI SDK, is ``gpo_client.relay.ui_message_response``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.doors.callers import ANYONE
    from gpo_client.doors.mcp import mcp_app, mcp_server
    from gpo_client.doors.openai import openai_app

__all__ = ["ANYONE", "mcp_app", "mcp_server", "openai_app"]

__getattr__ = lazy_names(
    __name__,
    {
        "gpo_client.doors.callers": "ANYONE",
        "gpo_client.doors.mcp": "mcp_app mcp_server",
        "gpo_client.doors.openai": "openai_app",
    },
)
