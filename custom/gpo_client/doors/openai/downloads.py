"""Signed addresses of documents: links in answers that work in a browser, which has no token. Sans-I/O."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import attrs
import msgspec

from gpo_client.models.stream import CitationSource

_SIGNATURE_BYTES = 32


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


def link_of(source: CitationSource, *, api: str, document: str | None) -> str:
    """Return the address of a source for somebody without a token.

    Args:
        source: The source.
        api: The address of the GPO API: what lies there needs a token.
        document: The signed address of its document; None when it has none.
    """
    if source.url and source.url.startswith(("https://", "http://")) and not _is_within(source.url, api):
        return source.url
    # OpenAI's clients want an address in any case: a URN (RFC 8141) is one that leads nowhere.
    return document or f"urn:gpo:source:{source.id or 'unknown'}"


def _is_within(url: str, api: str) -> bool:
    return url.split("/", 3)[:3] == api.split("/", 3)[:3]
