"""Characters that a server has cut in two: one escaped half of a surrogate pair in a chunk, the other in the next."""

from __future__ import annotations

import re

from gpo_client.models.json_text import whole_text

#: What stands for half a character whose other half never came.
REPLACEMENT = "\ufffd"

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u[dD][89a-fA-F]")


def may_have_halves(data: bytes) -> bool:
    """Whether JSON may have halves of characters in it. Only escapes can be: UTF-8 has none for them."""
    return _ESCAPED.search(data) is not None


def has_halves(text: str) -> bool:
    """Whether a text has halves of characters in it."""
    return not text.isascii() and _HALF.search(text) is not None


def join_halves(before: str, text: str | None, *, is_last: bool) -> tuple[str | None, str]:
    r"""Return a chunk's text with whole characters only, and the half with which it ends.

    Args:
        before: The half with which the text of the chunk before ended; ``""`` when it ended well.
        text: The chunk's own text; None when it has none.
        is_last: Whether no other chunk follows.

    Returns:
        The text, beginning with ``before``; halves that stay alone are U+FFFD in it. And the half at its end, which the
        next chunk may complete and which is not in it.

    >>> text, half = join_halves("", "hi \ud83d", is_last=False)
    >>> text, ascii(half), ascii(join_halves(half, "\ude00!", is_last=False)[0])
    ('hi ', "'\\ud83d'", "'\\U0001f600!'")
    """
    if not text and not is_last:
        return text, before
    joined = before + (text or "")
    is_open = not is_last and "\ud800" <= joined[-1:] <= "\udbff"
    whole = whole_text(joined[:-1] if is_open else joined)
    return whole if whole or text is not None else None, joined[-1:] if is_open else ""
