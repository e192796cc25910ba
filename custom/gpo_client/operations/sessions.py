"""Sessions: createSession, logout."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.models.session import Session
from gpo_client.operations.answers import typed
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.generated import model_from, request_from

if TYPE_CHECKING:
    from gpo_core_client.models import SessionContext


def create_session(context: SessionContext | Mapping[str, Any]) -> Call[Session]:
    """createSession: open a session for a user."""
    from gpo_core_client.api.session import create_session as operation
    from gpo_core_client.models import SessionContext

    body = model_from(SessionContext, context, "context")
    return Call("createSession", request_from(operation._get_kwargs(body=body)), typed(Session), creates=True)


def logout(context: Context) -> Call[None]:
    """logout: end a session."""
    from gpo_core_client.api.session import logout as operation

    return Call("logout", request_from(operation._get_kwargs()), None, token=read_context(context).token)
