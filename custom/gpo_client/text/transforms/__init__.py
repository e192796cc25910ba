"""Transforms of a text that is still arriving: what spans two chunks is found as if they were one. No I/O.

Each function makes an object for one text, with ``feed(text)``, which gives what may leave now, and ``close()``, which
gives the rest. In whatever portions the text arrives, the joined results are the same.

Thread and task safety: such an object has one owner; calls must not overlap.
"""

from gpo_client.text.transforms.code_blocks import Segment, code_blocks, lines
from gpo_client.text.transforms.highlight import escape_html, highlight
from gpo_client.text.transforms.machine import Pipeline, Splitter, TextTransform
from gpo_client.text.transforms.redact import redact
from gpo_client.text.transforms.sentences import sentences

__all__ = [
    "Pipeline", "Segment", "Splitter", "TextTransform", "code_blocks", "escape_html", "highlight", "lines", "redact",
    "sentences",
]  # fmt: skip
