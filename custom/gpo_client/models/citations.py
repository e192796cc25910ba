"""Citation markers in the text of an answer, and the sources they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import attrs

from gpo_client.markdown import CodeTracker
from gpo_client.models.portable import Portable
from gpo_client.models.stream import CitationSource

# A marker that a backslash escapes, or that is the text of a link, is none.
_MARKER = re.compile(r"\\.|\[ ?([0-9]{1,6}(?: ?[,;] ?[0-9]{1,6})*) ?\](?!\()", re.DOTALL)
_NUMBER = re.compile(r"[0-9]+")


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
    found: list[Citation] = []
    for start, part in _parts_without_code(text):
        for marker in _MARKER.finditer(part):
            for digits in _NUMBER.findall(marker[1] or ""):
                if 1 <= (number := int(digits)) <= len(sources):
                    place = start + marker.start(), start + marker.end()
                    found.append(Citation(start=place[0], end=place[1], number=number, source=sources[number - 1]))
    return found


def _parts_without_code(text: str) -> Iterator[tuple[int, str]]:
    code = CodeTracker()
    start = 0
    for is_code, part in (*code.feed(text), *code.close()):
        if not is_code:
            yield start, part
        start += len(part)
