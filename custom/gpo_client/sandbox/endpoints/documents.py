"""Listing, searching and downloading documents."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from gpo_client.sandbox.auth import caller_of
from gpo_client.sandbox.decoding import decode_body, decode_query
from gpo_client.sandbox.endpoints.replying import json_response
from gpo_client.sandbox.requests import CategoryQuery, DocumentSearch, PageQuery
from gpo_client.sandbox.services import Sandbox, sandbox_of


async def list_documents(request: Request) -> Response:
    """Serve listDocuments."""
    return json_response(_for_caller(request).library.page(decode_query(request, PageQuery)))


async def search_documents(request: Request) -> Response:
    """Serve searchDocuments."""
    sandbox = _for_caller(request)
    return json_response(sandbox.library.search(await decode_body(request, DocumentSearch)))


async def list_document_categories(request: Request) -> Response:
    """Serve listDocumentCategories."""
    sandbox = _for_caller(request)
    return json_response(sandbox.library.categories(decode_query(request, CategoryQuery).document_category_type))


async def list_document_solutions(request: Request) -> Response:
    """Serve listDocumentSolutions."""
    return json_response(_for_caller(request).library.solutions())


async def download_document(request: Request) -> Response:
    """Serve downloadDocument: the bytes of the file as it was written."""
    found = _for_caller(request).library.find(request.path_params["document_id"])
    # RFC 6266: the starred form carries any name, and a name in plain ASCII for those who do not know it
    plain = found.document.file_name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.document.file_name, safe='')}"
    return Response(found.data, media_type=found.document.media_type, headers={"Content-Disposition": disposition})


def _for_caller(request: Request) -> Sandbox:
    sandbox = sandbox_of(request)
    caller_of(sandbox, request)
    return sandbox
