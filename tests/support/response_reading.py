"""What becomes of an answer's bytes when they are fed to the reader of responses, piece by piece."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from gpo_client.http.errors import HttpError
from gpo_client.http.response import ResponseReader


@attrs.frozen
class Outcome:
    """What became of an answer's bytes."""

    status: int | None
    body: bytes
    error: type[Exception] | None
    is_complete: bool
    is_reusable: bool
    fields: tuple[tuple[str, str], ...] = ()


def read(pieces: Iterable[bytes], method: str = "GET") -> Outcome:
    """Feed pieces, taking all there is after each; an empty one is the end of the connection."""
    reader, body, error = ResponseReader(method), b"", None
    for piece in pieces:
        reader.feed(piece)
        try:
            if reader.has_news:
                reader.take_head()
            while reader.has_news and (data := reader.take()):
                body += data
        except HttpError as raised:
            error = type(raised)
            break
    head = reader.head
    outcome = Outcome(
        head.status if head else None, body, error, reader.is_complete, reader.is_reusable, head.fields if head else ()
    )
    reader.close()
    return outcome
