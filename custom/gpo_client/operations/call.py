"""Calls: operations of the API with their arguments, what they send, and how responses are read; no I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from gpo_client.exceptions import InvalidResponseError
from gpo_client.models.generated import generated_class, lifted
from gpo_client.models.json_text import UNREADABLE, decode_json
from gpo_client.models.page import AnswerList, Page
from gpo_client.models.reader import read_as
from gpo_client.models.scalars import OddValueError
from gpo_client.models.secret import Secret

T = TypeVar("T")

#: Called while a body is under way, with the number of bytes so far and of all of them, None when not known.
OnProgress = Callable[[int, int | None], object]


@attrs.frozen
class Request:
    """An HTTP request."""

    method: str  # ``GET``, ``POST`` …
    url: str  # where to: the path below the base URL at first, the whole address once a call is under way
    params: Mapping[str, Any] = attrs.field(factory=dict[str, Any])  # the query parameters
    content: bytes | None = attrs.field(default=None, repr=False)  # the body; None for none
    # Header fields. Not in ``repr``: they hold the bearer
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    # The path as the OpenAPI document has it; None: the path itself, because nothing is filled in
    template: str | None = None
    # Whom to tell how much of the body has been sent
    on_progress: OnProgress | None = attrs.field(default=None, repr=False, eq=False)

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once (RFC 9110 §9.2.2): the service knows its key."""
        return self.method != "POST" or "Idempotency-Key" in self.headers

    def addressed(self, base_url: str, headers: Mapping[str, str]) -> Request:
        """Return a copy with its whole address, and more header fields; of two with one name, the new one counts."""
        url, fields = base_url + self.url, {**self.headers, **headers}
        return Request(self.method, url, self.params, self.content, fields, self.template, self.on_progress)


@attrs.frozen
class Call(Generic[T]):
    """One operation of the API with its arguments, ready to be sent."""

    operation: str  # the operationId in the OpenAPI document
    request: Request  # what to send; the runtime adds the headers that are the same for all
    decoder: ResponseDecoder[T] | None  # how to read the body of the response; None when it has none
    token: Secret | None = None  # the bearer; None: the configured API key, if there is one
    creates: bool = False  # whether it creates something, so that it goes under an idempotency key
    # The text of a question, for observers. Not in ``repr``
    question: str | None = attrs.field(default=None, repr=False)
    conversation_id: str | None = None  # the conversation that a question belongs to, for observers


@attrs.frozen
class ResponseDecoder(Generic[T]):
    """How to read one kind of body."""

    kind: Any  # what it is: a model, or a list of them
    read: Callable[[Any], T]  # makes it from decoded JSON


def typed(model: type[T]) -> ResponseDecoder[T]:
    """Return a model written by hand."""
    return ResponseDecoder(model, lambda raw: read_as(model, raw))


def generated(model: type[T]) -> ResponseDecoder[T]:
    """Return a generated model, which can do what the others can."""
    kind = generated_class(model)
    return ResponseDecoder(kind, lambda raw: lifted(read_as(kind, raw)))


def list_of(item: ResponseDecoder[T]) -> ResponseDecoder[AnswerList[T]]:
    """Return a bare list; null is an empty one."""
    kind = list[item.kind]  # type: ignore[name-defined]
    return ResponseDecoder(kind, lambda raw: AnswerList(() if raw is None else lifted(read_as(kind, raw))))


def page_of(item: ResponseDecoder[T]) -> ResponseDecoder[Page[T]]:
    """Return a page of a list."""
    return ResponseDecoder(Page[item.kind], lambda raw: _read_page(item.kind, raw))  # type: ignore[name-defined]


def read_response(decoder: ResponseDecoder[T], body: bytes, charset: str | None = None) -> T:
    """Return the model in a JSON body, in the charset that its media type names.

    Raises InvalidResponseError: the body is no JSON, or not what the contract says; ``path`` tells where.
    """
    try:
        return decoder.read(decode_json(body, charset))
    except OddValueError as error:
        message = f"the response breaks the contract at {error.where}: {error.reason}"
        raise InvalidResponseError(message, path=error.where) from _without_frames(error)
    except UNREADABLE as error:
        raise InvalidResponseError(f"the response is no JSON: {error}") from _without_frames(error)


#: The name that programs know it by.
read_answer = read_response


def _read_page(item: Any, raw: Any) -> Page[Any]:
    read: Page[Any] = read_as(Page[item], raw)
    page = attrs.evolve(read, items=lifted(read.items))
    lowest = {"page": 1, "page_size": 1, "total_count": 0}
    odd = {name: value for name, low in lowest.items() if (value := getattr(page, name)) is not None and value < low}
    changes: dict[str, Any] = {**dict.fromkeys(odd), "additional_properties": {**page.additional_properties, **odd}}
    return attrs.evolve(page, **changes) if odd else page


def _without_frames(error: Exception) -> Exception:
    """Return the cause of an error without the frames that hold the response, for tracebacks that show variables."""
    return error.with_traceback(None)
