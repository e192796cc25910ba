"""Entries that the log of an answer is made of: written from its chunks, and for a browser in one dialect or another.

The shape of the data is that of the GPO documents' own examples: ``content`` pieces, then ``is_complete`` with the
``sources``, or ``error``. On an event stream each is the data of one event (WHATWG HTML §9.2), on a WebSocket one
text message; both carry the same id. One object of a dialect writes one response.

When something goes wrong, a browser is told a code for programs and a sentence for people, nothing else: the texts of
upstream errors stay in the service, as they may name hosts, users or parts of questions.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

import attrs
import msgspec

from gpo_client.exceptions import (
    AuthenticationError,
    ConflictError,
    GPOClientError,
    GPOConnectionError,
    GPOTimeoutError,
    InvalidArgumentError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    StreamError,
    StreamServerError,
)
from gpo_client.models.plain import known_values
from gpo_client.models.stream import CitationSource, StreamingChunk

#: The position that stands for "everything": whoever comes back with it has nothing to come back for.
END = "end"

#: Keeps proxies and browsers from taking silence for a dead connection; a comment, so no event.
HEARTBEAT = b": heartbeat\n\n"

_encode = msgspec.json.Encoder().encode
_EVENT_ID = re.compile(r"([A-Za-z0-9_-]{16,64}):(0|[1-9][0-9]{0,8}|end)", re.ASCII)


class ProblemCode(StrEnum):
    """The kinds of problems a browser can be told; the values are what it reads."""

    INVALID_QUESTION = "invalid_question"
    NOT_AUTHORIZED = "not_authorized"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    RATE_LIMITED = "rate_limited"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    STOPPED = "stopped"
    TOO_LONG = "too_long"
    EXPIRED = "stream_expired"
    INTERNAL = "internal_error"


_SENTENCES: dict[ProblemCode, str] = {
    ProblemCode.INVALID_QUESTION: "This question cannot be asked. Please check it and try again.",
    ProblemCode.NOT_AUTHORIZED: "You are not signed in to the assistant any more. Please sign in again.",
    ProblemCode.NOT_FOUND: "This conversation does not exist any more. Please start a new one.",
    ProblemCode.CONFLICT: "This conversation takes no more questions. Please start a new one.",
    ProblemCode.RATE_LIMITED: "There are too many questions at the moment. Please try again shortly.",
    ProblemCode.BUSY: "The service is busy at the moment. Please try again shortly.",
    ProblemCode.UNAVAILABLE: "The assistant cannot be reached at the moment. Please try again later.",
    ProblemCode.TIMEOUT: "The assistant took too long to answer. Please try again.",
    ProblemCode.INTERRUPTED: "The answer was interrupted. Please ask again.",
    ProblemCode.STOPPED: "The answer was stopped.",
    ProblemCode.TOO_LONG: "The answer is longer than this service can pass on.",
    ProblemCode.EXPIRED: "This answer cannot be continued any more. Please ask again.",
    ProblemCode.INTERNAL: "Something went wrong. Please try again.",
}

# The first that fits decides, so the particular ones come first.
_KINDS: tuple[tuple[type[GPOClientError], ProblemCode], ...] = (
    (RateLimitError, ProblemCode.RATE_LIMITED),
    (AuthenticationError, ProblemCode.NOT_AUTHORIZED),
    (PermissionDeniedError, ProblemCode.NOT_AUTHORIZED),
    (NotFoundError, ProblemCode.NOT_FOUND),
    (ConflictError, ProblemCode.CONFLICT),
    (InvalidRequestError, ProblemCode.INVALID_QUESTION),
    (InvalidArgumentError, ProblemCode.INVALID_QUESTION),
    (ServerError, ProblemCode.UNAVAILABLE),
    (GPOTimeoutError, ProblemCode.TIMEOUT),
    (StreamServerError, ProblemCode.UNAVAILABLE),
    (StreamError, ProblemCode.INTERRUPTED),
    (GPOConnectionError, ProblemCode.UNAVAILABLE),
)


@attrs.frozen
class PublicProblem:
    """A problem as a browser is told it.

    Attributes:
        code: For programs; one of the values of ``ProblemCode``.
        error: For people: one sentence.

    >>> PublicProblem.of(RateLimitError("tenant 4711 is over its quota", status_code=429)).code
    'rate_limited'
    """

    code: str
    error: str

    @classmethod
    def of(cls, what: BaseException | ProblemCode, sentences: Mapping[str, str] | None = None) -> PublicProblem:
        """Return the problem for an error of the library, or for a code.

        Args:
            what: The error or the code; other errors are internal ones.
            sentences: Sentences by code that replace the usual English ones.
        """
        code = what if isinstance(what, ProblemCode) else _code_of(what)
        return cls(code.value, (sentences or {}).get(code.value) or _SENTENCES[code])


def _code_of(error: BaseException) -> ProblemCode:
    return next((code for kind, code in _KINDS if isinstance(error, kind)), ProblemCode.INTERNAL)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry in the log of an answer.

    Attributes:
        position: Its place in the answer, from 1 without gaps.
        data: The JSON object for the browser, as text without line ends.
        is_last: Whether the answer ends with it, whole or with an error.
    """

    position: int
    data: str
    is_last: bool = False


@attrs.frozen
class EventId:
    """The id of an event: which answer, and how far.

    Attributes:
        answer_id: Identifies the answer; hard to guess, because whoever knows it can read the answer.
        position: Of the last entry received; 0 before the first, None after the last.

    >>> EventId.parse("Zx81kq0-answer-01:3")
    EventId(answer_id='Zx81kq0-answer-01', position=3)
    >>> str(EventId("Zx81kq0-answer-01", None))
    'Zx81kq0-answer-01:end'
    """

    answer_id: str
    position: int | None

    @classmethod
    def parse(cls, text: str) -> EventId | None:
        """Read an id as :meth:`__str__` writes it; None when it is not one of ours."""
        if not (found := _EVENT_ID.fullmatch(text)):
            return None
        answer_id, position = found.groups()
        return cls(answer_id, None if position == END else int(position))

    def __str__(self) -> str:
        """Return the id as it travels."""
        return f"{self.answer_id}:{END if self.position is None else self.position}"


def opening_entry(answer_id: str) -> Entry:
    """Return what the first message on a WebSocket tells, before there is an answer."""
    return Entry(0, _encode({"answer_id": answer_id, "is_complete": False}).decode())


def message_of(answer_id: str, entry: Entry) -> str:
    """Return an entry as a WebSocket message: its data with the id in it."""
    return f'{{"id":"{answer_id}:{END if entry.is_last else entry.position}",{entry.data[1:]}'


SSE_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # no-transform: development proxies would compress events, and gather them for that
    "Cache-Control": "no-store, no-transform",
    # nginx would hold events back until it has a buffer full of them
    "X-Accel-Buffering": "no",
}


class Dialect(Protocol):
    """Writes the entries of an answer for one reader."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers of the response."""
        ...

    def opening(self, answer_id: str, *, is_new: bool) -> bytes:
        """Return the first bytes, for a reader that has asked (``is_new``) or come back."""
        ...

    def entry(self, answer_id: str, entry: Entry) -> bytes:
        """Return the next entry."""
        ...

    def heartbeat(self) -> bytes:
        """Return what fills silence."""
        ...

    def hint(self) -> bytes:
        """Return what is said before a stream ends that is not at its end."""
        ...


@attrs.frozen
class EventSourceDialect:
    """The relay's own, for ``EventSource`` (WHATWG HTML §9.2)."""

    retry_ms: int  # how long a browser shall wait before it comes back, in milliseconds
    headers: Mapping[str, str] = attrs.field(default=SSE_HEADERS, init=False)  # the headers of the response

    def opening(self, answer_id: str, *, is_new: bool) -> bytes:
        """Return what a browser needs to come back, even before there is an answer; one that has come back has it."""
        if not is_new:
            return self.hint()
        data = _encode({"answer_id": answer_id}).decode()
        return f"retry: {self.retry_ms}\nid: {EventId(answer_id, 0)}\nevent: start\ndata: {data}\n\n".encode()

    def entry(self, answer_id: str, entry: Entry) -> bytes:
        r"""Return an entry as a server-sent event.

        >>> EventSourceDialect(1000).entry("Zx81kq0-answer-01", Entry(1, '{"content":"Hello"}'))
        b'id: Zx81kq0-answer-01:1\ndata: {"content":"Hello"}\n\n'
        """
        return f"id: {answer_id}:{END if entry.is_last else entry.position}\ndata: {entry.data}\n\n".encode()

    def heartbeat(self) -> bytes:
        """Return a comment."""
        return HEARTBEAT

    def hint(self) -> bytes:
        """When to come back."""
        return f"retry: {self.retry_ms}\n\n".encode()


class AnswerWriter:
    """Writes the entries of one answer. Sans-I/O.

    Of the chunks' metadata a browser sees ``metadata_fields`` alone; the others stay here.

    >>> writer = AnswerWriter(metadata_fields=())
    >>> writer.chunk(StreamingChunk(content="Hello"))
    Entry(position=1, data='{"content":"Hello","is_complete":false}', is_last=False)
    """

    def __init__(self, metadata_fields: Collection[str]) -> None:
        self._metadata_fields = metadata_fields
        #: How many entries there are.
        self.written = 0
        #: Whether the last one is among them.
        self.ended = False

    def chunk(self, chunk: StreamingChunk) -> Entry | None:
        """Return the entry for a chunk; None when it holds nothing for a browser."""
        data: dict[str, Any] = {}
        if chunk.content:
            data["content"] = chunk.content
        if chunk.sources:
            data["sources"] = [_as_dict(source) for source in chunk.sources]
        elif chunk.is_complete:
            data["sources"] = []
        shown = {name: value for name, value in (chunk.metadata or {}).items() if name in self._metadata_fields}
        if shown:
            data["metadata"] = shown
        if not data and not chunk.is_complete:
            return None
        return self._entry({**data, "is_complete": chunk.is_complete}, is_last=chunk.is_complete)

    def chunks(self, chunks: Iterable[StreamingChunk]) -> list[Entry]:
        """Return the entries for several chunks."""
        entries: list[Entry] = []
        for chunk in chunks:
            if chunk.content and not (chunk.is_complete or chunk.sources or chunk.metadata):
                # Nearly all are of this kind, and most reads bring one: it is written without a call of its own.
                self.written += 1
                data = f'{{"content":{_encode(chunk.content).decode()},"is_complete":false}}'
                entries.append(Entry(self.written, data))
            elif (entry := self.chunk(chunk)) is not None:
                entries.append(entry)
        return entries

    def finish(self) -> list[Entry]:
        """Return the last entry of an answer whose final chunk was only an end marker; none when it has one."""
        return [] if self.ended else [self._entry({"sources": [], "is_complete": True}, is_last=True)]

    def fail(self, problem: PublicProblem) -> list[Entry]:
        """Return the last entry of an answer that failed; none when it had ended already."""
        return [] if self.ended else [self._entry(attrs.asdict(problem), is_last=True)]

    def take_back(self, position: int) -> None:
        """Count what was written after a position as not written: the log did not take it."""
        self.written = position

    def _entry(self, data: dict[str, Any], *, is_last: bool) -> Entry:
        self.written += 1
        self.ended = is_last
        return Entry(self.written, _encode(data).decode(), is_last)


def problem_entry(problem: PublicProblem) -> Entry:
    """Return an entry for a browser whose answer has no log (any more)."""
    return Entry(1, _encode(attrs.asdict(problem)).decode(), is_last=True)


def _as_dict(source: CitationSource) -> dict[str, Any]:
    # The documents' server calls it `relevance` and their browser reads `relevance_score`: both are served.
    return {**known_values(source), "relevance": source.relevance_score}
