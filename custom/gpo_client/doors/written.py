"""Answers as far as they have been written: text, citations with addresses, size. Sans-I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from gpo_client.doors.asked import Asked
from gpo_client.doors.callers import RefusalError
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry
from gpo_client.relay.machines.ui_message import CitedAnswer

# About how many bytes of text make a token. The service does not count tokens; clients want a number.
_BYTES_PER_TOKEN = 4

#: A citation that is certain: ``start_index`` and ``end_index`` in characters, ``url``, ``title``.
Cited = dict[str, Any]
#: Gives the address of a source.
Link = Callable[[CitationSource], str]


class Written(ABC):
    """One answer, which a protocol writes as one object or as events.

    Args:
        answer_id: What it is called in the protocol.
        asked: The question.
        link: Gives the address of a source.
        created: When, in seconds since 1970.
    """

    def __init__(self, answer_id: str, asked: Asked, link: Link, created: int) -> None:
        self.answer_id = answer_id
        self.asked = asked
        self.created = created
        self.citations: list[Cited] = []
        #: What went wrong; None for as long as nothing has.
        self.refusal: RefusalError | None = None
        self._link = link
        self._texts: list[str] = []
        self._answer = CitedAnswer()

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self._texts)

    @property
    def tokens(self) -> tuple[int, int]:
        """Estimates for the question, with all that was said before, and for the answer."""
        size = sum(len(text.encode("utf-8", "replace")) for text in self._texts)
        return -(-self.asked.prompt_bytes // _BYTES_PER_TOKEN), -(-size // _BYTES_PER_TOKEN)

    def take(self, entry: Entry) -> bytes:
        """Take in an entry of the relay's log; return the events that it becomes in a stream."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            self.refusal = RefusalError.of(piece.problem)
            return self.failed(self.refusal)
        if piece.text:
            self._texts.append(piece.text)
        certain = [self._citation(each.source, each.start, each.end) for each in piece.citations]
        if entry.is_last:
            certain += self._uncited([*self.citations, *certain])
        events = self._text_event(piece.text) if piece.text else b""
        events += self._citation_events(certain) if certain else b""
        self.citations += certain
        return events + self._ending() if entry.is_last else events

    @abstractmethod
    def opening(self) -> bytes:
        """Return the first events of a stream."""

    @abstractmethod
    def failed(self, refusal: RefusalError) -> bytes:
        """Return the events that end a stream which is not whole."""

    @abstractmethod
    def whole(self) -> dict[str, Any]:
        """Return the answer as one object, once the last entry has been taken in."""

    @abstractmethod
    def _text_event(self, text: str) -> bytes: ...

    @abstractmethod
    def _citation_events(self, citations: Sequence[Cited]) -> bytes: ...

    @abstractmethod
    def _ending(self) -> bytes: ...

    def _uncited(self, cited: list[Cited]) -> list[Cited]:
        """Return the sources that no marker stands for, with an empty place at the end of the text."""
        end, known = len(self.text), {each["url"] for each in cited}
        found = [self._citation(source, end, end) for source in self._answer.sources]
        return [each for each in found if each["url"] not in known]

    def _citation(self, source: CitationSource, start: int, end: int) -> Cited:
        title = source.title or source.id or ""
        return {"start_index": start, "end_index": end, "url": self._link(source), "title": title}
