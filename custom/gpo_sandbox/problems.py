"""RFC 9457 problem answers: the one place that knows which problems exist and how they are written."""

from http import HTTPStatus
from urllib.parse import quote

import msgspec
from starlette.responses import Response

PROBLEM_MEDIA_TYPE = "application/problem+json"

# code -> (status, title); the code is what clients decide on, so it never changes its meaning
_KINDS: dict[str, tuple[int, str]] = {
    "malformed_request": (400, "Malformed request"),
    "body_too_large": (400, "Body too large"),
    "unsupported_media_type": (415, "Unsupported media type"),
    "invalid_header": (400, "Invalid header"),
    "missing_token": (401, "Bearer token missing"),
    "invalid_token": (401, "Invalid token"),
    "token_expired": (401, "Token expired"),
    "permission_denied": (403, "Permission denied"),
    "cross_site": (403, "Cross-site request"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "Method not allowed"),
    "conversation_closed": (409, "Conversation closed"),
    "idempotency_key_reused": (409, "Idempotency key reused"),
    "user_conflict": (409, "User conflict"),
    "stream_expired": (410, "Stream expired"),
    "host_not_served": (421, "Host not served"),
    "validation_failed": (422, "Validation failed"),
    "internal_error": (500, "Internal server error"),
    "injected_fault": (503, "Injected fault"),
}


class ProblemBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A problem as it is written on the wire."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    field: str | None = None


class Problem(Exception):  # noqa: N818 - the name that RFC 9457 gives it
    """A request that cannot be served.

    Args:
        code: Which kind of problem; one of the codes of this module.
        detail: One sentence for the person who reads it.
        field: The field, parameter or header to blame.
        headers: Further response headers, such as `Allow`.
        status: HTTP status, where it is not the usual one of that code.
    """

    def __init__(
        self, code: str, detail: str, *, field: str | None = None, headers: dict[str, str] | None = None,
        status: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.code = code
        usual, self.title = _KINDS[code]
        self.status = status or usual
        self.detail = detail
        self.field = field
        self.headers = headers or {}
        if self.status == HTTPStatus.UNAUTHORIZED:
            self.headers.setdefault("WWW-Authenticate", "Bearer")

    def body(self, instance: str, request_id: str) -> ProblemBody:
        """Write the problem down for one request.

        Args:
            instance: Path of the request, decoded.
            request_id: Its request id.
        """
        return ProblemBody(
            type=f"https://docs.example.com/problems/{self.code}",
            title=self.title,
            status=self.status,
            detail=self.detail,
            instance=quote(instance, safe="/:@!$&'()*+,;=~"),  # a URI reference, as RFC 9457 §3.1.5 has it
            code=self.code,
            request_id=request_id,
            field=self.field,
        )


def problem_response(problem: Problem, instance: str, request_id: str) -> Response:
    """Make the response that carries a problem."""
    return Response(
        msgspec.json.encode(problem.body(instance, request_id)),
        status_code=problem.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=problem.headers,
    )
