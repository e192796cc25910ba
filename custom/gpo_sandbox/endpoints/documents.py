"""Listing, searching, filing and downloading documents."""

from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.decoding import decode_body, decode_query, idempotency_key
from gpo_sandbox.endpoints.replying import json_response, raw_json
from gpo_sandbox.knowledge.filing import filed
from gpo_sandbox.requests import CategoryQuery, DiscoverFile, DocumentSearch, PageQuery
from gpo_sandbox.sandbox import sandbox_of


async def list_documents(request: Request) -> Response:
    """Serve listDocuments."""
    sandbox = sandbox_of(request)
    filings = sandbox.filings.of(caller_of(sandbox, request).instance_id)
    return json_response(sandbox.library.page(decode_query(request, PageQuery), filings))


async def search_documents(request: Request) -> Response:
    """Serve searchDocuments."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, DocumentSearch)
    return json_response(sandbox.library.search(wanted, sandbox.filings.of(caller.instance_id)))


async def list_document_categories(request: Request) -> Response:
    """Serve listDocumentCategories."""
    sandbox = sandbox_of(request)
    filings = sandbox.filings.of(caller_of(sandbox, request).instance_id)
    return json_response(
        sandbox.library.categories(decode_query(request, CategoryQuery).document_category_type, filings)
    )


async def list_document_solutions(request: Request) -> Response:
    """Serve listDocumentSolutions."""
    sandbox = sandbox_of(request)
    return json_response(sandbox.library.solutions(sandbox.filings.of(caller_of(sandbox, request).instance_id)))


async def save_discover_file(request: Request) -> Response:
    """Serve saveDiscoverFile."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, DiscoverFile)
    instance_id = caller.instance_id

    def save() -> bytes:
        document = sandbox.library.named(wanted.file_name)
        sandbox.filings.save(instance_id, wanted)
        return msgspec.json.encode(filed(document, sandbox.filings.of(instance_id)))

    return raw_json(sandbox.once(caller, idempotency_key(request), ["saveDiscoverFile", wanted], save))


async def download_document(request: Request) -> Response:
    """Serve downloadDocument: the bytes of the file as it was written."""
    sandbox = sandbox_of(request)
    caller_of(sandbox, request)
    found = sandbox.library.find(request.path_params["document_id"])
    # RFC 6266: the starred form carries any name, and a name in plain ASCII for those who do not know it
    plain = found.document.file_name.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(found.document.file_name, safe='')}"
    return Response(found.data, media_type=found.document.media_type, headers={"Content-Disposition": disposition})
