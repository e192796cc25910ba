"""Sessions, conversations and questions: createSession, logout, startConversation, chat, chatSensitive."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from gpo_client.models.answer import ChatResponse, SensitiveChatResponse
from gpo_client.models.session import ChatContext, Session
from gpo_client.operations.call import Call, ResponseDecoder, generated, typed
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.generated import given, model_from, request_from

if TYPE_CHECKING:
    from gpo_client.models.generated import Conversation
    from gpo_core_client.models import (
        ChatRequest,
        ConversationRequest,
        KnowledgeAssistantTag,
        SensitiveChatRequest,
        SessionContext,
        StreamingChatRequest,
    )


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


T = TypeVar("T")


def start_conversation(
    context: Context,
    request: ConversationRequest | Mapping[str, Any] | None,
    knowledge_assistant_tag: KnowledgeAssistantTag | None,
) -> Call[Conversation]:
    """startConversation: begin a conversation in a session."""
    from gpo_client.models.generated import Conversation
    from gpo_core_client.api.chat import start_conversation as operation
    from gpo_core_client.models import ConversationRequest

    context = read_context(context)
    body = model_from(ConversationRequest, {} if request is None else request, "request", session_id=context.session_id)
    kwargs = operation._get_kwargs(body=body, knowledge_assistant_tag=given(knowledge_assistant_tag))
    return Call("startConversation", request_from(kwargs), generated(Conversation), token=context.token, creates=True)


def chat(
    context: Context,
    request: ChatRequest | StreamingChatRequest | Mapping[str, Any],
    *,
    stream: bool = False,
    names_session: bool = True,
) -> Call[ChatResponse]:
    """chat: ask a question.

    A question that does not name its session is the same one under any token of the user, so that its idempotency key
    holds beyond the session.

    The two kinds of request differ in ``stream`` alone, and whoever calls has said by the method which it is. So
    either kind is accepted for either method, and a question can be asked again the other way.
    """
    from gpo_core_client.api.chat import chat as operation
    from gpo_core_client.models import StreamingChatRequest

    context = read_context(context)
    body = model_from(
        StreamingChatRequest,
        request,
        "request",
        session_id=context.session_id if names_session else None,
        conversation_id=context.conversation_id,
    )
    body.stream = stream
    kwargs = operation._get_kwargs(body=body)
    return _question("chat", kwargs, typed(ChatResponse), context, body)


def chat_sensitive(context: Context, request: SensitiveChatRequest | Mapping[str, Any]) -> Call[SensitiveChatResponse]:
    """chatSensitive: ask a question that may hold sensitive data."""
    from gpo_core_client.api.chat import chat_sensitive as operation
    from gpo_core_client.models import SensitiveChatRequest

    context = read_context(context)
    body = model_from(
        SensitiveChatRequest, request, "request", session_id=context.session_id, conversation_id=context.conversation_id
    )
    kwargs = operation._get_kwargs(body=body)
    return _question("chatSensitive", kwargs, typed(SensitiveChatResponse), context, body)


def _question(
    operation: str,
    kwargs: Mapping[str, Any],
    decoder: ResponseDecoder[T],
    context: ChatContext,
    body: StreamingChatRequest | SensitiveChatRequest,
) -> Call[T]:
    return Call(
        operation,
        request_from(kwargs),
        decoder,
        token=context.token,
        creates=True,
        question=body.query,
        conversation_id=body.conversation_id or None,
    )
