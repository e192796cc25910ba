# Derived from custom/gpo_client/client/aio/feedback.py by `make sync`: edit that file, not this one.
"""What users think of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from gpo_client.client.sync.core import ClientCore
from gpo_client.flows.options import CreateOptions
from gpo_client.operations import feedback
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.requests import ConversationRatingDict, FeedbackDict, HandoffFeedbackDict, Unchecked
    from gpo_core_client.models import ConversationRating, Feedback, HandoffFeedback


class FeedbackMethods(ClientCore):
    """Verdicts on answers and conversations."""

    def submit_feedback(
        self,
        context: Context,
        request: Feedback | FeedbackDict | Unchecked,
        **options: Unpack[CreateOptions],
    ) -> None:
        """Give a verdict on one answer (operation submitFeedback).

        Args:
            context: The session.
            request: A ``Feedback`` or a mapping with ``message_id`` and perhaps ``like``, ``feedback`` (text),
                ``hand_off`` and ``suggest_next_response``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            NotFoundError: There is no such message.
            GPOClientError: As for any call.
        """
        self._call(feedback.submit_feedback(context, request), options)

    def submit_handoff_feedback(
        self,
        context: Context,
        request: HandoffFeedback | HandoffFeedbackDict | Unchecked,
        **options: Unpack[CreateOptions],
    ) -> None:
        """Say whether handing over to a person clarified the question (operation submitHandoffFeedback).

        Args:
            context: The session and, unless the request names it, the conversation.
            request: A ``HandoffFeedback`` or a mapping with ``is_clarified`` and perhaps ``conversation_id``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        self._call(feedback.submit_handoff_feedback(context, request), options)

    def rate_conversation(
        self,
        context: Context,
        request: ConversationRating | ConversationRatingDict | Unchecked,
        **options: Unpack[CreateOptions],
    ) -> None:
        """Rate a conversation as a whole (operation rateConversation).

        Args:
            context: The session and, unless the request names it, the conversation.
            request: A ``ConversationRating`` or a mapping with ``rating`` (1 to 5) and perhaps ``rating_comment`` and
                ``conversation_id``.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Raises:
            InvalidArgumentError: A field of the request is missing, unknown or of the wrong type.
            InvalidRequestError: The rating is out of range.
            NotFoundError: There is no such conversation.
            GPOClientError: As for any call.
        """
        self._call(feedback.rate_conversation(context, request), options)
