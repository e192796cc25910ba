"""Feedback of users on answers and conversations: given, found and exported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.aio.core import AsyncPage, ClientCore, Group
from gpo_client.client.runtime import date_reader
from gpo_client.flows.options import CreateOptions, WindowOptions
from gpo_client.models.answer import Download
from gpo_client.operations import feedback
from gpo_client.operations.call import OnProgress
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.generated import RatedConversation
    from gpo_client.models.requests import (
        ConversationRatingDict,
        FeedbackDict,
        HandoffFeedbackDict,
        RatingExportDict,
        RatingSearchDict,
        Unchecked,
    )
    from gpo_core_client.models import ConversationRating, Feedback, HandoffFeedback, RatingExport, RatingSearch


class FeedbackMethods(ClientCore):
    """Verdicts on answers and conversations."""

    async def submit_feedback(
        self, context: Context, request: Feedback | FeedbackDict | Unchecked, **options: Unpack[CreateOptions]
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
        await self._call(feedback.submit_feedback(context, request), options)

    async def submit_handoff_feedback(
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
        await self._call(feedback.submit_handoff_feedback(context, request), options)

    async def rate_conversation(
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
        await self._call(feedback.rate_conversation(context, request), options)


class RatingGroup(Group):
    """How the users of an instance rated their conversations: ``client.ratings``.

    ``client.rate_conversation`` gives a rating.
    """

    __slots__ = ()

    async def search(
        self,
        context: Context,
        request: RatingSearch | RatingSearchDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> AsyncPage[RatedConversation]:
        """Return the ratings of conversations, the newest first unless sorted otherwise (operation searchRatings).

        Args:
            context: The session. What is found is what the users of its instance rated.
            request: A ``RatingSearch`` or a mapping with ``search_text``, ``sort_column`` (``"rated_at"``,
                ``"rating"``, ``"title"``), ``sort_order`` (``"Ascending"``, ``"Descending"``), ``filter`` (as for
                ``client.metrics``), ``rating_filters`` (``rating_values``, ``is_comment_not_provided``),
                ``page`` (the page to begin with) and ``page_size``, all optional. The dates in ``filter`` may be given
                in any form that ``window`` takes.
            options: ``window`` and ``time_zone``, as for ``client.metrics``; ``timeout`` (seconds for each page),
                ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            InvalidRequestError: ``page`` or ``page_size`` is out of range.
            GPOClientError: As for any call.
        """
        dates = date_reader(options)
        return await self._page(lambda number: feedback.search_ratings(context, request, dates, number), None, options)

    async def export(
        self,
        context: Context,
        request: RatingExport | RatingExportDict | Unchecked | None = None,
        to: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[WindowOptions],
    ) -> Download:
        """Everything that a search finds, as CSV (RFC 4180) in UTF-8 (operation exportRatings).

        Args:
            context: The session.
            request: A ``RatingExport`` or a mapping as for ``search``, without pages.
            to: The file to write, or a folder to put it in under the name the service gives it, made safe. The file
                appears when it is whole. Default: None, into memory, up to 64 MiB.
            on_progress: Called with the number of bytes so far and of all, None when not known.
            options: ``window`` and ``time_zone``, as for ``client.metrics``; times are written in that zone too, by
                default in UTC. ``timeout`` (seconds; into a file, without a single byte), ``max_retries``, ``headers``.

        Returns:
            The content, or the path it went to, with its name and media type.

        Raises:
            InvalidArgumentError: A date cannot be read, or a field of the request is unknown or of the wrong type.
            OSError: The file cannot be written.
            GPOClientError: As for any call.
        """
        call = feedback.export_ratings(context, request, date_reader(options))
        return await self._download(call, to, options, on_progress=on_progress, expected="text/csv")
