"""The door for agents that speak the Model Context Protocol: ``gpo_client.doors.mcp_server`` and ``gpo mcp``."""

from __future__ import annotations

try:
    import mcp as _mcp
except ModuleNotFoundError as error:
    if error.name != "mcp":
        raise
    raise ImportError('the door needs mcp, which is not installed: pip install "gpo-client[mcp]"') from error

del _mcp
