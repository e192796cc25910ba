"""Reference data."""

from starlette.requests import Request
from starlette.responses import Response

from gpo_sandbox.auth import caller_of
from gpo_sandbox.endpoints.replying import json_response
from gpo_sandbox.reference import countries, service_lines
from gpo_sandbox.sandbox import sandbox_of


async def list_countries(request: Request) -> Response:
    """Serve listCountries."""
    caller_of(sandbox_of(request), request)
    return json_response(countries())


async def list_service_lines(request: Request) -> Response:
    """Serve listServiceLines."""
    caller_of(sandbox_of(request), request)
    return json_response(service_lines())
