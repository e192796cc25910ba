"""Calls: operations of the API with their arguments, and the requests that they send; data, no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from gpo_client.models.secret import Secret
from gpo_client.operations.responses import ResponseDecoder

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


T = TypeVar("T")


@attrs.frozen
class Call(Generic[T]):
    """One operation of the API with its arguments, ready to be sent.

    Attributes:
        operation: The operationId in the OpenAPI document.
        request: What to send; the runtime adds the headers that are the same for all.
        decoder: How to read the body of the response; None when it has none.
        token: The bearer; None: the configured API key, if there is one.
        creates: Whether it creates something, so that it goes under an idempotency key.
        question: The text of a question, for observers. Not in ``repr``.
        conversation_id: The conversation that a question belongs to, for observers.
    """

    operation: str
    request: Request
    decoder: ResponseDecoder[T] | None
    token: Secret | None = None
    creates: bool = False
    question: str | None = attrs.field(default=None, repr=False)
    conversation_id: str | None = None
