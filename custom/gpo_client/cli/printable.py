"""Text from elsewhere, made fit for a terminal.

What a service sends is not to be trusted with a terminal: an escape sequence in an answer could clear the screen,
retitle the window or put words on the clipboard, and characters that turn the direction of writing could hide what a
line says. Of such text only what can be seen is let through.
"""

from __future__ import annotations

import json
import re
from typing import Any

# C0 but tab and line feed, DEL and C1 (ECMA-48), the controls of the bidirectional algorithm (UAX #9), and halves of
# surrogate pairs, which JSON can spell and no encoding can write.
_CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f"[{_CONTROLS}]")
_HALVES = re.compile(r"[\ud800-\udfff]")
_ESCAPED = re.compile(f"[{_CONTROLS}\ud800-\udfff]")


def printable(text: str) -> str:
    r"""The text without what a terminal would obey instead of showing it.

    >>> printable("taxes\x1b[2J in\tMexico\n")
    'taxes[2J in\tMexico\n'
    """
    return _HALVES.sub("\ufffd", _UNSAFE.sub("", text))


def one_line(text: str) -> str:
    r"""The text in a single line: for cells of tables, and for errors.

    >>> one_line("a\r\n b\tc")
    'a b c'
    """
    return printable(" ".join(text.split()))


def json_line(value: Any) -> str:
    r"""The value as JSON in one line (RFC 8259), with the characters spelt out that a terminal would obey.

    >>> json_line({"content": "taxes\x9b2J é"})
    '{"content": "taxes\\u009b2J é"}'
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
