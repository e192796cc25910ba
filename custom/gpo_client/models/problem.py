"""The problem document of RFC 9457, as the GPO API fills it in."""

from __future__ import annotations

from typing import Any

import attrs

from gpo_client.models.portable import Portable
from gpo_client.models.problem_reading import problem_members
from gpo_client.models.secret import SHOWN, Secret


@attrs.frozen(kw_only=True)
class Problem(Portable):
    """Why the server refused or failed (``application/problem+json``, RFC 9457).

    Attributes:
        type: A URI that identifies the kind of problem; ``"about:blank"`` when only the status tells.
        title: The kind of problem in a few words.
        status: The HTTP status.
        detail: This very occurrence, in a sentence.
        instance: The path of the request, or another URI for this occurrence.
        code: The machine-readable code, such as ``"token_expired"``.
        request_id: The id of the request, for a report to the service's operators.
        field: The offending field of the request (400, 422).

    >>> Problem(title="Not Found", status=404, detail="no such conversation").summary
    'no such conversation'
    """

    type: str = "about:blank"
    title: str | None = None
    status: int | None = None
    detail: str | None = None
    instance: str | None = None
    code: str | None = None
    request_id: str | None = None
    field: str | None = None

    def without(self, secret: Secret) -> Problem:
        """Return a copy that does not repeat a token, as some servers do with one that they refuse.

        Args:
            secret: What is not to be shown; an empty one hides nothing.
        """
        if not secret:
            return self
        fields = attrs.asdict(self)
        masked: dict[str, Any] = {
            name: value.replace(secret, SHOWN) for name, value in fields.items() if isinstance(value, str)
        }
        return attrs.evolve(self, **masked)

    @property
    def summary(self) -> str:
        """The most telling text there is: detail, else title, else code."""
        return self.detail or self.title or self.code or "no further details"


def problem_from(raw: object) -> Problem:
    """Return the problem that any JSON tells of, member by member: what cannot be read is left out, the rest is kept.

    Besides the members of RFC 9457 it understands what services write in their place: FastAPI's list of ``loc`` and
    ``msg``, ``errors`` by the name of the field (ASP.NET) or as a list (JSON:API), an ``error`` that is an object of
    its own, a text or a code, ``message`` for ``detail``, a number as ``code``, and ``"status": "404"``. Several
    reasons become one ``detail``; ``field`` is the first field that is named.

    Args:
        raw: The decoded JSON, of any type.

    >>> problem_from({"detail": [{"loc": ["body", "query"], "msg": "too long"}]}).field
    'query'
    >>> problem_from({"error": {"message": "model overloaded", "type": "overloaded_error"}}).summary
    'model overloaded'
    """
    return Problem(**problem_members(raw))
