"""Text cut into sentences."""

from __future__ import annotations

from gpo_client.text.transforms.arguments import check_size
from gpo_client.text.transforms.machine import Machine
from gpo_client.text.transforms.protocol import Splitter
from gpo_client.text.transforms.sentence_ends import MORE, NO_END, find_candidate, judge, skip_space


def sentences(max_chars: int = 2000) -> Splitter[str]:
    r"""Cut a text into sentences, without the space around them; for reading aloud, for example.

    A sentence ends

    * after ``.``, ``!``, ``?`` or ``…`` (several of them, closing quotes, brackets and emphasis, and citation markers
      such as ``[1]`` belong to it) when space follows and then anything but a small letter,
    * after ``。``, ``！``, ``？`` and the full stops of other scripts (``।``, ``۔``, ``؟`` …: all with Unicode's
      property Sentence_Terminal), whatever follows,
    * at a blank line,
    * at a line break after a heading, or before a list item, heading, quotation, table row or code fence. Other line
      breaks are space within a sentence.

    A full stop ends no sentence after a known abbreviation of English or Spanish that stands before something ("Dr.",
    "art. 5"), after initials ("J.", "e.g.", "S.A."), after the number of a list item, and within a word or number
    ("3.5"): when in doubt, two sentences stay together. Code is not treated in a special way.

    Held back is the sentence that is not whole yet. One longer than ``max_chars`` is cut, at a space if there is one in
    its second half. To know that a sentence is whole, up to 500 characters after it are waited for (one usually).

    Args:
        max_chars: The longest sentence, in characters. Default: 2000.

    Raises:
        InvalidArgumentError: ``max_chars`` is less than 1.

    >>> splitter = sentences()
    >>> splitter.feed("Dr. Ruiz pays 3.5 % of it. [1] ¿Cuánto")
    ['Dr. Ruiz pays 3.5 % of it. [1]']
    >>> splitter.feed(" paga? Nada.\n- First item\n- "), splitter.close()
    (['¿Cuánto paga?', 'Nada.', '- First item'], ['-'])
    """
    return _Sentences(check_size("max_chars", max_chars))


class _Sentences(Machine[list[str]]):
    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._held = ""
        self._scanned = 0  # up to where the held text is known to have no end of a sentence

    def _take(self, text: str) -> list[str]:
        return self._cut(text, is_end=False)

    def _finish(self) -> list[str]:
        return self._cut("", is_end=True)

    def _cut(self, text: str, *, is_end: bool) -> list[str]:
        text = self._held + text
        found: list[str] = []
        start = 0 if self._scanned else skip_space(text, 0)
        scan = max(self._scanned, start)
        while start < len(text):
            limit = start + self._max_chars
            position = find_candidate(text, scan, min(limit, len(text)))
            end = judge(text, start, position, is_end=is_end) if position >= 0 else NO_END
            if end == MORE:
                scan = position
                break
            if end == NO_END and position >= 0:
                scan = position + 1
                continue
            if end == NO_END and len(text) <= limit:
                scan = len(text)
                break
            if end == NO_END or end > limit:
                end = self._forced_end(text, start)
            found.append(text[start:end].rstrip())
            start = scan = skip_space(text, end)
        self._held, self._scanned = text[start:], scan - start
        if is_end and self._held:
            found.append(self._held.rstrip())
            self._held = ""
        return found

    def _forced_end(self, text: str, start: int) -> int:
        """Where to cut a sentence that is too long."""
        limit = start + self._max_chars
        space = max(text.rfind(space, start + self._max_chars // 2, limit) for space in (" ", "\n"))
        return space if space > start else limit
