"""The documents that answers rest on: lists, searches, downloads and filing."""

# pyright: reportPrivateUsage=false
# The generated request builders are private to the generator's own client, and pinned with it.

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.models.answer import is_file_name
from gpo_client.models.page import AnswerList, Page
from gpo_client.operations.call import Call, generated, list_of, page_of
from gpo_client.operations.context import Context
from gpo_client.operations.generated import call_of, given, model_from, path_segment

if TYPE_CHECKING:
    from gpo_client.models.generated import Document, DocumentCategory, DocumentSolution
    from gpo_core_client.models import DiscoverFile, DocumentCategoryType, DocumentSearch


def list_documents(context: Context, page: int, page_size: int) -> Call[Page[Document]]:
    """listDocuments: all documents."""
    from gpo_client.models.generated import Document
    from gpo_core_client.api.documents import list_documents as operation

    kwargs = operation._get_kwargs(page=page, page_size=page_size)
    return call_of("listDocuments", kwargs, context, page_of(generated(Document)))


def search_documents(
    context: Context, request: DocumentSearch | Mapping[str, Any] | None, page: int | None
) -> Call[Page[Document]]:
    """searchDocuments: documents by words, in a chosen order."""
    from gpo_client.models.generated import Document
    from gpo_core_client.api.documents import search_documents as operation
    from gpo_core_client.models import DocumentSearch

    body = model_from(DocumentSearch, {} if request is None else request, "request")
    body.page = body.page if page is None else page
    return call_of("searchDocuments", operation._get_kwargs(body=body), context, page_of(generated(Document)))


def download_document(context: Context, document_id: str) -> Call[None]:
    """downloadDocument: the file itself. Its body is no JSON; the download flow reads it."""
    from gpo_core_client.api.documents import download_document as operation

    kwargs = operation._get_kwargs(path_segment(document_id, "document_id"))
    return call_of("downloadDocument", kwargs, context, None, template="/api/Documents/{document_id}/download")


def save_discover_file(context: Context, request: DiscoverFile | Mapping[str, Any]) -> Call[Document]:
    """saveDiscoverFile: where a file belongs."""
    from gpo_client.models.generated import Document
    from gpo_core_client.api.documents import save_discover_file as operation
    from gpo_core_client.models import DiscoverFile

    body = model_from(DiscoverFile, request, "request")
    if not is_file_name(body.file_name):
        message = f"request.file_name must be the name of a file, without any folder, not {body.file_name!r}"
        raise InvalidArgumentError(message, field="request.file_name")
    return call_of("saveDiscoverFile", operation._get_kwargs(body=body), context, generated(Document), creates=True)


def list_document_categories(
    context: Context, document_category_type: DocumentCategoryType | None
) -> Call[AnswerList[DocumentCategory]]:
    """listDocumentCategories: the categories that documents fall into."""
    from gpo_client.models.generated import DocumentCategory
    from gpo_core_client.api.documents import list_document_categories as operation

    kwargs = operation._get_kwargs(document_category_type=given(document_category_type))
    return call_of("listDocumentCategories", kwargs, context, list_of(generated(DocumentCategory)))


def list_document_solutions(context: Context) -> Call[AnswerList[DocumentSolution]]:
    """listDocumentSolutions: the solutions that documents belong to."""
    from gpo_client.models.generated import DocumentSolution
    from gpo_core_client.api.documents import list_document_solutions as operation

    kwargs = operation._get_kwargs()
    return call_of("listDocumentSolutions", kwargs, context, list_of(generated(DocumentSolution)))
