# Derived from custom/gpo_client/client/aio/question_details.py by `make sync`: edit that file, not this one.
"""Questions and their answers, row by row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.runtime import date_reader
from gpo_client.client.sync.core import Group, SyncPage
from gpo_client.flows.options import CreateOptions, WindowOptions
from gpo_client.models.answer import Download, QuestionDetail
from gpo_client.operations import history
from gpo_client.operations.call import OnProgress
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.generated import SelectedQuestionColumns
    from gpo_client.models.requests import QuestionDetailExportDict, QuestionDetailSearchDict, Unchecked
    from gpo_core_client.models import QuestionColumn, QuestionDetailExport, QuestionDetailSearch


class QuestionDetailGroup(Group):
    """Questions of the users of an instance, with their answers: ``client.question_details``."""

    __slots__ = ()

    def search(
        self,
        context: Context,
        request: QuestionDetailSearch | QuestionDetailSearchDict | Unchecked | None = None,
        **options: Unpack[WindowOptions],
    ) -> SyncPage[QuestionDetail]:
        """Find questions with their answers, the newest first by default (operation searchQuestionDetails).

        Args:
            context: The session. What is found is what the users of its instance asked.
            request: A ``QuestionDetailSearch`` or a mapping with ``search_text``, ``sort_column`` (``"asked_at"``,
                ``"question"``, ``"response_time_ms"``, ``"relevance_score"``), ``sort_order`` (``"Ascending"``,
                ``"Descending"``), ``filter`` (as for ``client.metrics``),
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
        return self._page(
            lambda number: history.search_question_details(context, request, dates, number), None, options
        )

    def export(
        self,
        context: Context,
        request: QuestionDetailExport | QuestionDetailExportDict | Unchecked | None = None,
        to: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[WindowOptions],
    ) -> Download:
        """Everything that a search finds, as CSV (RFC 4180) in UTF-8 (operation exportQuestionDetails).

        Args:
            context: The session.
            request: A ``QuestionDetailExport`` or a mapping as for ``search``, without pages.
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
        call = history.export_question_details(context, request, date_reader(options))
        return self._download(call, to, options, on_progress=on_progress, expected="text/csv")

    def select_columns(
        self, context: Context, columns: Sequence[QuestionColumn] | None = None, **options: Unpack[CreateOptions]
    ) -> SelectedQuestionColumns:
        """Select the columns of the user's exports, or ask which are selected (operation selectQuestionColumns).

        Args:
            context: The session.
            columns: The names of the columns, each once, in the order of the file. Default: leave them as they are.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The columns that are selected now.

        Raises:
            InvalidArgumentError: A column is unknown, or ``columns`` is a single text.
            InvalidRequestError: A column is named twice, or none is named.
            GPOClientError: As for any call.
        """
        return self._call(history.select_question_columns(context, columns), options)
