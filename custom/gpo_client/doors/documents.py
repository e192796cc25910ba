"""Documents behind signed links, which work in a browser that has no token."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from urllib.parse import quote

import attrs
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gpo_client.client import GPOCoreClient
from gpo_client.doors.callers import Callers, RefusalError
from gpo_client.doors.chats import Chats
from gpo_client.http.errors import ConnectFailed
from gpo_client.http.options import address_of
from gpo_client.models.answer import Download
from gpo_client.models.stream import CitationSource

_SIGNATURE_BYTES = 32
_BYTES = "application/octet-stream"


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """What an address lets whoever has it download.

    Attributes:
        user: On whose behalf.
        document_id: Which document.
        until: Until when, in seconds since 1970.
    """

    user: str
    document_id: str
    until: int


_TICKET = msgspec.json.Decoder(Ticket)


@attrs.frozen
class Signer:
    """Writes tickets that nobody else can write, and reads them (HMAC with SHA-256, RFC 2104).

    >>> signer = Signer(b"k" * 32)
    >>> signer.read(signer.write(Ticket("user-1", "doc_01", 100)), now=99)
    Ticket(user='user-1', document_id='doc_01', until=100)
    >>> signer.read(signer.write(Ticket("user-1", "doc_01", 100)), now=100) is None
    True
    """

    key: bytes = attrs.field(repr=False)

    def write(self, ticket: Ticket) -> str:
        """Return the ticket as part of an address."""
        data = msgspec.json.encode(ticket)
        return base64.urlsafe_b64encode(self._signature(data) + data).rstrip(b"=").decode()

    def read(self, text: str, now: float) -> Ticket | None:
        """Return the ticket, if it was written here and has not ended."""
        try:
            signed = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        signature, data = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(data)):
            return None
        ticket = _TICKET.decode(data)
        return ticket if now < ticket.until else None

    def _signature(self, data: bytes) -> bytes:
        return hmac.new(self.key, data, hashlib.sha256).digest()


class Documents:
    """Links to what answers cite, and the endpoint that signed links lead to.

    Args:
        client: Whom to ask for documents.
        chats: Has the sessions.
        callers: Limits how much is downloaded on behalf of each user.
        signing_key: What links are signed with; None: new bytes, so that links end with the process.
        link_s: How long a link works, in seconds.
    """

    def __init__(
        self, client: GPOCoreClient, chats: Chats, callers: Callers, signing_key: bytes | None, link_s: float
    ) -> None:
        self._client = client
        self._chats = chats
        self._callers = callers
        self._signer = Signer(signing_key or secrets.token_bytes(32))
        self._link_s = link_s
        self.route = Route("/v1/documents/{ticket}/{name:path}", self._send)

    def link(self, request: Request, user: str, source: CitationSource) -> str:
        """Return the address of a source for somebody without a token."""
        url, name = source.url, source.document_id
        if url and _is_elsewhere(url, self._client.config.base_url):
            return url
        if not name:
            # Protocols want an address in any case: a URN (RFC 8141) is one that leads nowhere.
            return f"urn:gpo:source:{source.id or 'unknown'}"
        ticket = self._signer.write(Ticket(user, name, int(time.time() + self._link_s)))
        here = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
        return f"{here}/v1/documents/{ticket}/{quote(name, safe='')}"

    async def _send(self, request: Request) -> Response:
        ticket = self._signer.read(request.path_params["ticket"], time.time())
        if ticket is None:
            raise RefusalError(404, "This link is not valid any more.", None, "link_expired")
        with self._callers.asking(f"documents of {ticket.user}"):
            session = await self._chats.session(ticket.user)
            found = await self._client.download_document(session, ticket.document_id)
        return Response(found.content, headers=_headers(found, ticket), media_type=found.media_type or _BYTES)


def _headers(found: Download, ticket: Ticket) -> dict[str, str]:
    name = quote(found.file_name or ticket.document_id, safe="")
    return {
        # Whatever it is, it must not become a page of this origin.
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }


def _is_elsewhere(url: str, api: str) -> bool:
    """Whether an address leads to another origin (RFC 6454) than the API, where a token is wanted."""
    if not url.lower().startswith(("https://", "http://")):
        return False
    try:
        origin = address_of(url).origin
    except ConnectFailed:
        return False
    return bool(origin.host) and origin != address_of(api).origin
