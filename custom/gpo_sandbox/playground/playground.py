"""The playground's parts: the page as it is served; one client, one relay, and who the visitors are."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from importlib.resources import files
from types import TracebackType
from typing import Self

import attrs
from starlette.requests import Request

from gpo_client.client import GPOCoreClient
from gpo_client.models.session import Session
from gpo_client.relay import Relay, RelayOptions
from gpo_sandbox.sandbox import Sandbox
from gpo_sandbox.store.sessions import scope_of

COOKIE = "gpo_playground"

# As many as the memory of a demonstration should hold; who has been away for longest gets a new session.
_MOST_VISITORS = 1000
_OPTIONS = RelayOptions(max_query_chars=4000, max_running=100)


@attrs.frozen
class Visitor:
    """One browser: a user whose id nobody outside this process knows, and a session in an instance of its own."""

    user_id: str
    session: Session


class Playground:
    """The service behind the page, open while its context lasts, and the address of its sandbox."""

    def __init__(self, address: str, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        api_key = sandbox.settings.api_key
        # The sandbox is in this very process, by whatever address it may be reached.
        self.client = GPOCoreClient(base_url=address, api_key=api_key, auto_renew_token=True, allow_insecure_http=True)
        self.relay = Relay(_OPTIONS)
        self._visitors: dict[str, Visitor] = {}
        # What closes the connection that a page receives its answer on, by its visitor and the id that the page made up
        # for itself, which says nothing of whose it is.
        self._connections: dict[tuple[str, str], Callable[[], object]] = {}

    async def visitor(self, request: Request) -> Visitor | None:
        """Whoever sends a request; None when it brings no cookie that was given out here."""
        name = self.name_of(request)
        if name is None:
            return None
        visitor = self._visitors.pop(name, None)
        if visitor is None:
            user_id, instance_id = f"visitor-{name}", f"playground-{name}"
            session = await self.client.session({"instance_id": instance_id, "user_id": user_id})
            visitor = Visitor(user_id, session)
            # For the page's slow motion.
            self._sandbox.faults.trust(scope_of(instance_id, user_id))
        self._visitors[name] = visitor
        while len(self._visitors) > _MOST_VISITORS:
            del self._visitors[next(iter(self._visitors))]
        return visitor

    def name_of(self, request: Request) -> str | None:
        """Name the visitor whose cookie a request brings, if it was given out here."""
        cookie = request.cookies.get(COOKIE)
        return self._sandbox.visitors.named(cookie) if cookie else None

    def welcome(self) -> str:
        """Return the cookie of a new visitor."""
        return self._sandbox.visitors.welcome()

    def connected(self, visitor: Visitor, page_id: str, hang_up: Callable[[], object]) -> None:
        """Note that a page of the visitor's receives its answer on a connection."""
        self._connections[visitor.user_id, page_id] = hang_up
        while len(self._connections) > _MOST_VISITORS:
            del self._connections[next(iter(self._connections))]

    def disconnected(self, visitor: Visitor, page_id: str, hang_up: Callable[[], object]) -> None:
        """Note that the answer has ended; the page may have another connection by now."""
        if self._connections.get((visitor.user_id, page_id)) is hang_up:
            del self._connections[visitor.user_id, page_id]

    def cut(self, visitor: Visitor, page_id: str) -> bool:
        """Close the connection of a visitor's page as if the network had broken; False when there is none."""
        hang_up = self._connections.pop((visitor.user_id, page_id), None)
        if hang_up is not None:
            hang_up()
        return hang_up is not None

    async def __aenter__(self) -> Self:
        """Begin to serve."""
        await self.relay.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End everything."""
        await self.relay.__aexit__(kind, error, traceback)
        await self.client.aclose()


_STYLES = ("style.css",)
# In this order: each uses what is before it.
_SCRIPTS = ("inline.js", "markdown.js", "answer.js", "history.js", "page.js")


@attrs.frozen
class Page:
    """The page: a document that needs nothing else, and its response headers."""

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
