"""The page as it is served: its parts put together, and the headers that keep everything else out of it."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

import attrs

_STYLES = ("style.css",)
# In this order: each uses what is before it.
_SCRIPTS = ("inline.js", "markdown.js", "answer.js", "history.js", "page.js")


@attrs.frozen
class Page:
    """The page.

    Attributes:
        body: The document, which needs nothing else.
        headers: Its response headers.
    """

    body: bytes
    headers: dict[str, str]

    @classmethod
    def load(cls) -> Page:
        """Put the page together from its parts."""
        folder = files("gpo_sandbox.playground") / "assets"
        style = "\n".join((folder / name).read_text("utf-8") for name in _STYLES)
        script = "\n".join((folder / name).read_text("utf-8") for name in _SCRIPTS)
        body = (folder / "page.html").read_text("utf-8")
        body = body.replace("/*style*/", style, 1).replace("/*script*/", script, 1)
        return cls(body.encode(), _headers(style, script))


def _headers(style: str, script: str) -> dict[str, str]:
    # Nothing runs that is not in the page itself, nothing is loaded, and text cannot become markup (Trusted Types).
    policy = (
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
