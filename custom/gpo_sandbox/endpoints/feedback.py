"""Taking feedback and ratings."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body, idempotency_key
from gpo_sandbox.endpoints.replying import done
from gpo_sandbox.requests import ConversationRating, Feedback, HandoffFeedback
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.store.sessions import Caller


async def submit_feedback(request: Request) -> Response:
    """Serve submitFeedback."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, Feedback)

    def give() -> None:
        sandbox.messages.check(caller, body.message_id)
        sandbox.opinions.give_feedback(body)

    return _stored(sandbox, request, caller, ["submitFeedback", body], give)


async def submit_handoff_feedback(request: Request) -> Response:
    """Serve submitHandoffFeedback. A clarified conversation is closed; one that is not is open (again)."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, HandoffFeedback)

    def judge() -> None:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.opinions.judge_handoff(body)
        sandbox.conversations.set_closed(body.conversation_id, closed=body.is_clarified)

    return _stored(sandbox, request, caller, ["submitHandoffFeedback", body], judge)


async def rate_conversation(request: Request) -> Response:
    """Serve rateConversation."""
    sandbox = sandbox_of(request)
    caller, body = caller_of(sandbox, request), await decode_body(request, ConversationRating)

    def rate() -> None:
        sandbox.conversations.check(caller, body.conversation_id, field="conversation_id")
        sandbox.opinions.rate(body)

    return _stored(sandbox, request, caller, ["rateConversation", body], rate)


def _stored(sandbox: Sandbox, request: Request, caller: Caller, asked: object, act: Callable[[], None]) -> Response:
    def outcome() -> bytes:
        act()
        return b""

    sandbox.once(caller, idempotency_key(request), asked, outcome)
    return done()
