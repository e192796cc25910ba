"""Documents, listed, searched, filed and downloaded; and the countries and service lines that others refer to."""

from urllib.parse import quote

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.decoding import caller_of, decode_body, idempotency_key, json_response, raw_json, reading
from gpo_sandbox.knowledge.corpus import filed
from gpo_sandbox.reference import countries, service_lines
from gpo_sandbox.requests import CategoryQuery, DiscoverFile, DocumentSearch, PageQuery
from gpo_sandbox.sandbox import sandbox_of

list_documents = reading("query", PageQuery, lambda it, caller, wanted: it.library.page(wanted, it.filings.of(caller)))
search_documents = reading(
    "body", DocumentSearch, lambda it, caller, wanted: it.library.search(wanted, it.filings.of(caller))
)
list_document_categories = reading(
    "query",
    CategoryQuery,
    lambda it, caller, wanted: it.library.categories(wanted.document_category_type, it.filings.of(caller)),
)


async def list_document_solutions(request: Request) -> Response:
    """Serve listDocumentSolutions."""
    sandbox = sandbox_of(request)
    return json_response(sandbox.library.solutions(sandbox.filings.of(caller_of(sandbox, request))))


async def save_discover_file(request: Request) -> Response:
    """Serve saveDiscoverFile."""
    sandbox = sandbox_of(request)
    caller, wanted = caller_of(sandbox, request), await decode_body(request, DiscoverFile)

    def save() -> bytes:
        document = sandbox.library.named(wanted.file_name)
        sandbox.filings.save(caller, wanted)
        return msgspec.json.encode(filed(document, sandbox.filings.of(caller)))

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


async def list_countries(request: Request) -> Response:
    """Serve listCountries."""
    caller_of(sandbox_of(request), request)
    return json_response(countries())


async def list_service_lines(request: Request) -> Response:
    """Serve listServiceLines."""
    caller_of(sandbox_of(request), request)
    return json_response(service_lines())
