"""Citation markers in the text of an answer, and the sources they stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from gpo_client.markdown import CodeTracker
from gpo_client.models.portable import Portable
from gpo_client.models.stream import CitationSource

# A marker that a backslash escapes, or that is the text of a link, is none.
_MARKER = re.compile(r"\\.|\[ ?([0-9]{1,6}(?: ?[,;] ?[0-9]{1,6}){0,24}) ?\](?!\()", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+")
# What may become a marker, or escape one, with the text that follows. No marker is longer.
_BEGINNING = re.compile(r"(?:\\|\[[ 0-9,;]{0,256}\]?)\Z")


@attrs.frozen(kw_only=True)
class Citation(Portable):
    """A place in a text where a source is cited.

    Attributes:
        start: Where the marker begins, counted in characters from the beginning of the text.
        end: Where it ends: ``text[start:end]`` is the marker, such as ``"[1]"``.
        number: The number in the marker. The numbers of one marker, as in ``"[1, 2]"``, share its place.
        source: The source that it stands for.
    """

    start: int
    end: int
    number: int
    source: CitationSource


def find_citations(text: str, sources: Sequence[CitationSource]) -> list[Citation]:
    """Resolve the markers in a text: ``[1]`` stands for the first source, ``[1, 2]`` for the first two.

    Brackets are no marker in code (between backticks or fences), after a backslash, as the text of a Markdown link
    (``[1](…)``), and when their number is that of no source.

    Args:
        text: The text of an answer.
        sources: Its sources, in the order in which the service listed them.

    Returns:
        The citations in the order of the text.
    """
    tracker = CitationTracker()
    tracker.sources(sources)
    return [*tracker.feed(text), *tracker.close()]


class CitationTracker:
    """Find the citations of a text that is still arriving, each as soon as it is certain. Sans-I/O.

    A marker is certain when the character after it is there, as ``[1](`` begins a link, and when its source is known.

    >>> tracker = CitationTracker()
    >>> tracker.feed("Exports: 0 %. [1"), tracker.feed("] Imports"), tracker.feed(" too.")
    ([], [], [])
    >>> [(each.start, each.end) for each in tracker.sources([CitationSource(id="s", title="VAT Act")])]
    [(14, 17)]
    """

    def __init__(self) -> None:
        self._code = CodeTracker()
        self._sources: Sequence[CitationSource] = ()
        self._tail = ""  # text, none of it code, that may still hold the beginning of a marker
        self._tail_start = 0  # where it begins
        self._waiting: list[tuple[int, int, int]] = []  # markers whose source is not known yet: start, end, number

    def sources(self, sources: Sequence[CitationSource]) -> list[Citation]:
        """Take in the sources known by now, all of them; return the citations that become certain."""
        self._sources = sources
        return self._resolved()

    def feed(self, text: str) -> list[Citation]:
        """Take in the next piece of text; return the citations that become certain."""
        self._take(self._code.feed(text))
        return self._resolved()

    def close(self) -> list[Citation]:
        """End the text; return the rest."""
        self._take(self._code.close())
        self._scan(is_over=True)
        return self._resolved()

    def _take(self, pieces: Sequence[tuple[bool, str]]) -> None:
        for is_code, part in pieces:
            if is_code:
                self._scan(is_over=True)
                self._tail_start += len(part)
            else:
                self._tail += part
                self._scan(is_over=False)

    def _scan(self, *, is_over: bool) -> None:
        done, size = 0, len(self._tail)
        for marker in _MARKER.finditer(self._tail):
            if marker[1] and marker.end() == size and not is_over:
                break
            done = marker.end()
            place = self._tail_start + marker.start(), self._tail_start + marker.end()
            self._waiting.extend((*place, int(digits)) for digits in _NUMBER.findall(marker[1] or ""))
        if not is_over and (beginning := _BEGINNING.search(self._tail, done)):
            size = beginning.start()
        self._tail, self._tail_start = self._tail[size:], self._tail_start + size

    def _resolved(self) -> list[Citation]:
        found, waiting, known = list[Citation](), self._waiting, len(self._sources)
        self._waiting = []
        for start, end, number in waiting:
            if 1 <= number <= known:
                source = self._sources[number - 1]
                found.append(Citation(start=start, end=end, number=number, source=source))
            else:
                self._waiting.append((start, end, number))
        return found
