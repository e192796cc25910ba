"""Keywords marked in a text."""

from __future__ import annotations

from collections.abc import Iterable

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.markdown import CodeTracker
from gpo_client.text.transforms.arguments import check_list, check_text
from gpo_client.text.transforms.keywords import KeywordMarker
from gpo_client.text.transforms.machine import Machine
from gpo_client.text.transforms.protocol import TextTransform


def highlight(
    keywords: Iterable[str],
    before: str = "**",
    after: str = "**",
    *,
    ignore_case: bool = True,
    inside_code: bool = False,
) -> TextTransform:
    r"""Put ``before`` and ``after`` around keywords, wherever the text is cut.

    Keywords are found as whole words: next to a letter, a digit, ``_`` or a combining mark there is none, so "tax" is
    found in "tax-free", and not in "taxes" or "tax_rate". (An edge of a keyword that is no such character itself, as in
    "C++", is not held to this.) Where several begin, the longest is taken; found ones never overlap. Space within
    a keyword stands for one space of any kind, a line break included.

    Letters are compared by Unicode's canonical caseless matching (D145 of the standard), or by its canonical
    equivalence when case matters: "straße" finds "STRASSE", and "é" is found written as one character or as two. No
    language has rules of its own: "i" finds neither "İ" nor "ı".

    Held back is what may still become a keyword, no more characters than the longest one has (a letter such as ß counts
    as many as it folds to), and, unless ``inside_code`` is set, a line that may still be a code fence (see
    :func:`code_blocks`).

    Args:
        keywords: What to look for.
        before: What to put before each. Default: ``"**"``, bold in Markdown.
        after: What to put after each. Default: ``"**"``.
        ignore_case: Whether upper and lower case are the same. Default: True.
        inside_code: Whether to look in code too, in fenced blocks and between backticks. Default: False. A backtick
            that is never closed begins code up to the end of its paragraph.

    Raises:
        InvalidArgumentError: There are no keywords, or one is no text or blank.

    >>> marker = highlight(["tax", "income tax"])
    >>> marker.feed("Income t"), marker.feed("ax and taxes, `tax` a"), marker.feed("nd tax"), marker.close()
    ('', '**Income tax** and taxes, `tax` a', 'nd ', '**tax**')
    """
    words = [check_text("keywords", keyword) for keyword in check_list("keywords", keywords, "words")]
    if not all(word.strip() for word in words):
        raise InvalidArgumentError("keywords must not be blank: one of them is", field="keywords")
    before, after = check_text("before", before), check_text("after", after)
    marker = KeywordMarker(words, ignore_case=ignore_case, mark=lambda found: f"{before}{found}{after}")
    return _Highlighter(marker, None if inside_code else CodeTracker())


class _Highlighter(Machine[str]):
    def __init__(self, marker: KeywordMarker, code: CodeTracker | None) -> None:
        self._marker = marker
        self._code = code

    def _take(self, text: str) -> str:
        return self._marked(self._code.feed(text)) if self._code else self._marker.feed(text)

    def _finish(self) -> str:
        rest = self._marked(self._code.close()) if self._code else ""
        return rest + self._marker.flush()

    def _marked(self, pieces: list[tuple[bool, str]]) -> str:
        parts: list[str] = []
        for is_code, text in pieces:
            if is_code:
                parts += (self._marker.flush(), text)
            else:
                parts.append(self._marker.feed(text))
        return "".join(parts)
