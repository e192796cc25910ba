"""Questions with their answers, row by row: searches, exports, and the columns of exports."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.answer import QuestionDetail
from gpo_client.models.page import Page
from gpo_client.operations.call import Call, generated, page_of, typed
from gpo_client.operations.context import Context
from gpo_client.operations.filters import DateReader, search_from
from gpo_client.operations.generated import call_of, model_from

if TYPE_CHECKING:
    from gpo_client.models.generated import SelectedQuestionColumns
    from gpo_core_client.models import QuestionColumn, QuestionDetailExport, QuestionDetailSearch


def search_question_details(
    context: Context,
    request: QuestionDetailSearch | Mapping[str, Any] | None,
    dates: DateReader,
    page: int | None,
) -> Call[Page[QuestionDetail]]:
    """searchQuestionDetails: questions with their answers, by words and time."""
    from gpo_core_client.api.question_details import search_question_details as operation
    from gpo_core_client.models import QuestionDetailSearch

    body = search_from(QuestionDetailSearch, request, dates, page)
    return call_of("searchQuestionDetails", operation._get_kwargs(body=body), context, page_of(typed(QuestionDetail)))


def export_question_details(
    context: Context, request: QuestionDetailExport | Mapping[str, Any] | None, dates: DateReader
) -> Call[None]:
    """exportQuestionDetails: the same as CSV. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.question_details import export_question_details as operation
    from gpo_core_client.models import QuestionDetailExport

    body = search_from(QuestionDetailExport, request, dates, time_zone=dates.time_zone)
    return call_of("exportQuestionDetails", operation._get_kwargs(body=body), context, None)


def select_question_columns(
    context: Context, columns: Sequence[QuestionColumn] | None
) -> Call[SelectedQuestionColumns]:
    """selectQuestionColumns: which columns exports have."""
    from gpo_client.models.generated import SelectedQuestionColumns
    from gpo_core_client.api.question_details import select_question_columns as operation
    from gpo_core_client.models import QuestionColumnSelection

    if isinstance(columns, str):  # a text is a sequence of texts, each a letter
        raise InvalidArgumentError("columns must be a list of names, not a single text", field="columns")
    fields = {} if columns is None else {"columns": list(columns)}
    body, decoder = model_from(QuestionColumnSelection, fields, "request"), generated(SelectedQuestionColumns)
    return call_of("selectQuestionColumns", operation._get_kwargs(body=body), context, decoder, creates=True)
