# Derived from custom/gpo_client/client/aio/sessions.py by `make sync`: edit that file, not this one.
"""Sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.sync.core import ClientCore
from gpo_client.flows.call import end_session_flow, open_session_flow
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.session import Session
from gpo_client.operations import sessions
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.requests import SessionContextDict, Unchecked
    from gpo_core_client.models import SessionContext


class SessionMethods(ClientCore):
    """Opening and ending sessions."""

    def session(
        self, context: SessionContext | SessionContextDict | Unchecked, **options: Unpack[CreateOptions]
    ) -> Session:
        """Open a session for a user (operation createSession).

        Args:
            context: Who asks: a ``SessionContext`` or a mapping with ``instance_id`` and ``user_id``, and perhaps
                ``project_id`` and ``environment``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The session. Its ``chat_context()`` is the context of the calls made in it.

        Raises:
            InvalidArgumentError: A field of the context is missing, unknown or of the wrong type.
            AuthenticationError: The service wants an API key, and ``api_key`` is not a valid one.
            GPOClientError: As for any call.
        """
        return self._run(open_session_flow(self._runtime, sessions.create_session(context), options))

    def logout(self, context: Context, **options: Unpack[CallOptions]) -> None:
        """End a session: its token is not valid any more (operation logout).

        Args:
            context: The session to end.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        self._run(end_session_flow(self._runtime, sessions.logout(context), options))
