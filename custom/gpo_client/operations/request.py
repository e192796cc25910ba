"""A request as flows describe it: data, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

#: Called while a body is under way, with the number of bytes so far and of all of them, None when not known.
OnProgress = Callable[[int, int | None], object]


@attrs.frozen
class Request:
    """An HTTP request.

    Attributes:
        method: ``GET``, ``POST`` …
        url: Where to: the path below the base URL at first, the whole address once a call is under way.
        template: The path as the OpenAPI document has it; None: the path itself, because nothing is filled in.
        params: The query parameters.
        content: The body; None for none.
        headers: Header fields. Not in ``repr``: they hold the bearer.
        on_progress: Whom to tell how much of the body has been sent.
    """

    method: str
    url: str
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    content: bytes | None = attrs.field(default=None, repr=False)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    template: str | None = None
    on_progress: OnProgress | None = attrs.field(default=None, repr=False, eq=False)

    def addressed(self, base_url: str, headers: Mapping[str, str]) -> Request:
        """Return a copy with its whole address, and more header fields; of two with one name, the new one counts."""
        url, fields = base_url + self.url, {**self.headers, **headers}
        return Request(self.method, url, self.params, self.content, fields, self.template, self.on_progress)
