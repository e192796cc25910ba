"""A downloaded document."""

from __future__ import annotations

from pathlib import Path

import attrs

from gpo_client.models.portable import Answered


@attrs.frozen(kw_only=True)
class Download(Answered):
    """A document as it was downloaded.

    Attributes:
        content: The bytes; empty when they went to a file.
        path: The file they went to; None when they are in ``content``.
        file_name: The name the service gives the file, without any folder; None when it gives none.
        media_type: What the bytes are, such as ``"application/pdf"``; ``""`` when the service does not say.
        size_bytes: How many bytes there are.
    """

    content: bytes = attrs.field(repr=False)
    path: Path | None
    file_name: str | None
    media_type: str
    size_bytes: int


def is_file_name(name: str) -> bool:
    """Whether a text is the name of a file, and neither a path nor one that no file can have."""
    return name not in ("", ".", "..") and name.isprintable() and not set(name) & {"/", "\\"}
