"""JSON, made fit for a terminal."""

from __future__ import annotations

import json
import re
from typing import Any

from gpo_client.printable import CONTROLS, HALVES

_ESCAPED = re.compile(f"[{CONTROLS}{HALVES}]")


def json_line(value: Any, indent: int | None = None) -> str:
    r"""Return the value as JSON in one line (RFC 8259), with the characters spelt out that a terminal would obey.

    Args:
        value: What ``json`` can write.
        indent: How far to set members in, on lines of their own. Default: all in one line.

    >>> json_line({"content": "taxes\x9b2J é"})
    '{"content": "taxes\\u009b2J é"}'
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, indent=indent))
