"""Questions with their answers, row by row: searches, exports, and the columns of exports."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.answer import QuestionDetail
from gpo_client.models.page import Page
from gpo_client.operations.call import Call
from gpo_client.operations.context import Context, read_context
from gpo_client.operations.filters import DateReader, search_from
from gpo_client.operations.generated import model_from, request_from
from gpo_client.operations.responses import generated, page_of, typed

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

    body = search_from(QuestionDetailSearch, request, dates)
    body.page = body.page if page is None else page
    kwargs, decoder = operation._get_kwargs(body=body), page_of(typed(QuestionDetail))
    return Call("searchQuestionDetails", request_from(kwargs), decoder, token=read_context(context).token)


def export_question_details(
    context: Context,
    request: QuestionDetailExport | Mapping[str, Any] | None,
    dates: DateReader,
    time_zone: str | None,
) -> Call[None]:
    """exportQuestionDetails: the same as CSV. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.question_details import export_question_details as operation
    from gpo_core_client.models import QuestionDetailExport

    body = search_from(QuestionDetailExport, request, dates, time_zone=time_zone)
    kwargs = operation._get_kwargs(body=body)
    return Call("exportQuestionDetails", request_from(kwargs), None, token=read_context(context).token)


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
    kwargs = operation._get_kwargs(body=model_from(QuestionColumnSelection, fields, "request"))
    decoder, token = generated(SelectedQuestionColumns), read_context(context).token
    return Call("selectQuestionColumns", request_from(kwargs), decoder, token=token, creates=True)
