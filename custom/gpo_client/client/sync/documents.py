# Derived from custom/gpo_client/client/aio/documents.py by `make sync`: edit that file, not this one.
"""The documents that answers rest on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Unpack

from gpo_client.client.sync.core import ClientCore, SyncPage
from gpo_client.flows.options import CallOptions, CreateOptions
from gpo_client.models.answer import Download
from gpo_client.models.page import AnswerList
from gpo_client.operations import documents
from gpo_client.operations.call import OnProgress
from gpo_client.operations.context import Context

if TYPE_CHECKING:
    from gpo_client.models.generated import Document, DocumentCategory, DocumentSolution
    from gpo_client.models.requests import DiscoverFileDict, DocumentSearchDict, Unchecked
    from gpo_core_client.models import DiscoverFile, DocumentCategoryType, DocumentSearch


class DocumentMethods(ClientCore):
    """Listing, searching, filing and downloading documents."""

    def list_documents(
        self, context: Context, *, page: int = 1, page_size: int = 20, **options: Unpack[CallOptions]
    ) -> SyncPage[Document]:
        """All documents (operation listDocuments).

        Args:
            context: The session.
            page: The page to begin with, from 1.
            page_size: Items to a page, 1 to 100.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidRequestError: ``page`` or ``page_size`` is out of range.
            GPOClientError: As for any call.
        """
        return self._page(lambda number: documents.list_documents(context, number or page, page_size), page, options)

    def search_documents(
        self,
        context: Context,
        request: DocumentSearch | DocumentSearchDict | Unchecked | None = None,
        **options: Unpack[CallOptions],
    ) -> SyncPage[Document]:
        """Documents that hold a text, in a chosen order (operation searchDocuments).

        Args:
            context: The session.
            request: A ``DocumentSearch`` or a mapping with ``search_text``, ``sort_column``, ``sort_order``
                (``"Ascending"``, ``"Descending"``), ``page`` (the page to begin with) and ``page_size``, all optional.
            options: ``timeout`` (seconds for each page), ``max_retries``, ``headers``.

        Raises:
            InvalidArgumentError: A field of the request is unknown or of the wrong type.
            GPOClientError: As for any call.
        """
        return self._page(lambda number: documents.search_documents(context, request, number), None, options)

    def download_document(
        self,
        context: Context,
        document_id: str,
        to: str | os.PathLike[str] | None = None,
        *,
        on_progress: OnProgress | None = None,
        **options: Unpack[CallOptions],
    ) -> Download:
        """Download a document (operation downloadDocument).

        Args:
            context: The session.
            document_id: The document, from ``Document.document_id`` or ``CitationSource.document_id``.
            to: The file to write, or a folder to put it in under the name the service gives it, made safe. The file
                appears when it is whole. Default: None, into memory, up to 64 MiB.
            on_progress: Called while a file is written, with the bytes so far and with how many there are, None when
                the service does not say. What it raises ends the download. A second attempt begins at 0 again.
            options: ``timeout`` (seconds; into a file, without a single byte), ``headers``.

        Returns:
            The content, or the path it went to, with its name and media type.

        Raises:
            NotFoundError: There is no such document.
            OSError: The file cannot be written.
            GPOClientError: As for any call.
        """
        call = documents.download_document(context, document_id)
        return self._download(call, to, options, on_progress=on_progress)

    def save_discover_file(
        self, context: Context, request: DiscoverFile | DiscoverFileDict | Unchecked, **options: Unpack[CreateOptions]
    ) -> Document:
        """Say where the instance files a document, and whether lists show it (operation saveDiscoverFile).

        Args:
            context: The session.
            request: A ``DiscoverFile`` or a mapping with ``file_name`` and perhaps ``category_name``,
                ``sub_category_name``, ``solution_name`` and ``is_discover_file``. What is left out stays as it is.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``, ``idempotency_key``.

        Returns:
            The document as it is filed now.

        Raises:
            InvalidArgumentError: A field is missing, unknown or of the wrong type, or ``file_name`` is a path.
            NotFoundError: There is no such file.
            GPOClientError: As for any call.
        """
        return self._call(documents.save_discover_file(context, request), options)

    def list_document_categories(
        self,
        context: Context,
        *,
        document_category_type: DocumentCategoryType | None = None,
        **options: Unpack[CallOptions],
    ) -> AnswerList[DocumentCategory]:
        """Return the categories that documents fall into (operation listDocumentCategories).

        Args:
            context: The session.
            document_category_type: ``"Category"`` or ``"SubCategory"``. Default: both.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        return self._call(documents.list_document_categories(context, document_category_type), options)

    def list_document_solutions(self, context: Context, **options: Unpack[CallOptions]) -> AnswerList[DocumentSolution]:
        """Return the solutions that documents belong to (operation listDocumentSolutions).

        Args:
            context: The session.
            options: ``timeout`` (seconds), ``max_retries``, ``headers``.

        Raises:
            GPOClientError: As for any call.
        """
        return self._call(documents.list_document_solutions(context), options)
