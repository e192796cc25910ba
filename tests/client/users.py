"""Users of the shared sandbox: each test has one of its own, whose conversations nobody else sees."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from gpo_client import Session

RESICO = "What is the tax rate under RESICO?"


def somebody() -> dict[str, str]:
    """The session context of a user nobody has seen before."""
    return {"instance_id": "advisory-001", "user_id": f"user-{uuid4().hex[:12]}"}


async def open_session(client: Any) -> Session:
    """A session of a new user."""
    session = await client.session(somebody())
    assert isinstance(session, Session)
    return session
