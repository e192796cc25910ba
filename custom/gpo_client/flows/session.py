"""Sessions that are remembered, so that they can be renewed."""

from __future__ import annotations

from gpo_client.flows.call import call_flow
from gpo_client.flows.effects import Flow
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.flows.runtime import Runtime
from gpo_client.models.session import Session
from gpo_client.operations.call import Call


def open_session_flow(runtime: Runtime, call: Call[Session], options: CreateOptions) -> Flow[Session]:
    """Open a session and remember how.

    Raises:
        GPOClientError: As for any call.
    """
    session = yield from call_flow(runtime, call, options)
    if runtime.config.auto_renew_token:
        # Not under the same idempotency key: that would give the same session, with the token that has expired.
        again: CallOptions = {"headers": options.get("headers", {})}
        runtime.tokens.remember(session, lambda within: call_flow(runtime, call, again, within))
    return session


def end_session_flow(runtime: Runtime, call: Call[None], options: CallOptions) -> Flow[None]:
    """End a session and forget it.

    Raises:
        GPOClientError: As for any call.
    """
    yield from call_flow(runtime, call, options)
    if call.token is not None:
        runtime.tokens.forget(call.token)
