"""Answers as far as they have been written: text, citations with addresses, size. Sans-I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpo_client.doors.asked import Asked
from gpo_client.doors.refusals import RefusalError
from gpo_client.models.stream import CitationSource
from gpo_client.relay import Entry
from gpo_client.relay.machines.ui_message import CitedAnswer

# About how many bytes of text make a token. The service does not count tokens; clients want a number.
_BYTES_PER_TOKEN = 4


class Written:
    """One answer.

    Args:
        asked: The question.
        link: Gives the address of a source.
    """

    def __init__(self, asked: Asked, link: Callable[[CitationSource], str]) -> None:
        self.asked = asked
        #: Those that are certain: ``start_index`` and ``end_index`` in characters, ``url``, ``title``.
        self.citations: list[dict[str, Any]] = []
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

    def read(self, entry: Entry) -> tuple[str, list[dict[str, Any]]]:
        """Take in an entry of the relay's log; return its text, and the citations that have become certain with it."""
        piece = self._answer.take(entry)
        if piece.problem is not None:
            self.refusal = RefusalError.of(piece.problem)
            return "", []
        if piece.text:
            self._texts.append(piece.text)
        certain = [self._citation(each.source, each.start, each.end) for each in piece.citations]
        if entry.is_last:
            certain += self._uncited([*self.citations, *certain])
        self.citations += certain
        return piece.text, certain

    def _uncited(self, cited: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the sources that no marker stands for, with an empty place at the end of the text."""
        end, known = len(self.text), {each["url"] for each in cited}
        found = [self._citation(source, end, end) for source in self._answer.sources]
        return [each for each in found if each["url"] not in known]

    def _citation(self, source: CitationSource, start: int, end: int) -> dict[str, Any]:
        title = source.title or source.id or ""
        return {"start_index": start, "end_index": end, "url": self._link(source), "title": title}
