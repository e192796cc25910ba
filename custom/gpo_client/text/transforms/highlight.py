"""Text for pages: made safe for HTML, and keywords marked in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import escape

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.markdown import CodeTracker
from gpo_client.text.transforms.machine import Machine, TextTransform, check_list, check_text


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


# Joiners stand within words of many scripts (UAX #29 puts them with the marks).
_JOINERS = "\u200c\u200d"


def is_word_character(character: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, a mark on one of them, ``_``, or a joiner."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M" or character in _JOINERS


class Folds(dict[str, str]):
    """A table of what each character counts as in comparisons, worked out when it first turns up."""

    def __init__(self, *, ignore_case: bool) -> None:
        super().__init__()
        self._ignore_case = ignore_case

    def __missing__(self, character: str) -> str:
        fold = " " if character.isspace() else unicodedata.normalize("NFD", character)
        if self._ignore_case:
            fold = unicodedata.normalize("NFD", fold.casefold())
        self[character] = fold
        return fold


class _Node:
    """A place in the tree of keywords: what may follow, and whether a keyword ends here."""

    __slots__ = ("ends", "ends_in_word", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends = False
        self.ends_in_word = False


class KeywordMarker:
    """Put ``mark(found)`` for each keyword in a text. Sans-I/O.

    Held back is what may still become a keyword: no more characters than the longest keyword has when it is folded.
    """

    def __init__(self, keywords: Iterable[str], *, ignore_case: bool, mark: Callable[[str], str]) -> None:
        self._folds = Folds(ignore_case=ignore_case)
        self._mark = mark
        self._root = _Node()
        self._held = ""
        self._in_word = False  # whether what was handed out last was part of a word
        starts_in_word = [self._plant(" ".join(keyword.split())) for keyword in keywords]
        # Keywords begin with a word nearly always; then the words' beginnings are all there is to look at.
        self._starts = re.compile(r"(?<!\w)\S" if all(starts_in_word) else r"\S")

    def feed(self, text: str) -> str:
        """Return what is certain once ``text`` has arrived."""
        return self._marked(self._held + text, is_end=False)

    def flush(self) -> str:
        """Everything that is held: what comes next is no part of a word here."""
        marked = self._marked(self._held, is_end=True)
        self._in_word = False
        return marked

    def _plant(self, keyword: str) -> bool:
        """Add a keyword. Returns whether it begins with a word."""
        node = self._root
        for character in keyword:
            for fold in self._folds[character]:
                node = node.next.setdefault(fold, _Node())
        node.ends = True
        node.ends_in_word = is_word_character(keyword[-1])
        return is_word_character(keyword[0])

    def _marked(self, text: str, *, is_end: bool) -> str:
        out: list[str] = []
        done = 0
        self._held = ""
        for candidate in self._starts.finditer(text):
            start = candidate.start()
            if start < done or self._folds[text[start]][0] not in self._root.next or self._is_inside(text, start):
                continue
            end = self._longest(text, start, is_end=is_end)
            if end is None:
                self._held = text[start:]
                break
            if end > start:
                out += (text[done:start], self._mark(text[start:end]))
                done = end
        passed = len(text) - len(self._held)
        if passed:
            self._in_word = is_word_character(text[passed - 1])
        return "".join((*out, text[done:passed]))

    def _is_inside(self, text: str, start: int) -> bool:
        """Whether a keyword that begins at ``start`` would begin inside of a word."""
        before = is_word_character(text[start - 1]) if start else self._in_word
        return before and is_word_character(text[start])

    def _longest(self, text: str, start: int, *, is_end: bool) -> int | None:
        """Return the end of the longest keyword from ``start``; ``start``: there is none; None: more text may tell."""
        node, longest = self._root, start
        for position in range(start, len(text)):
            for fold in self._folds[text[position]]:
                if (following := node.next.get(fold)) is None:
                    return longest
                node = following
            end = position + 1
            if node.ends and not (node.ends_in_word and self._goes_on(text, end)):
                longest = end
        return None if not is_end and (node.next or node.ends_in_word) else longest

    def _goes_on(self, text: str, end: int) -> bool:
        return end < len(text) and is_word_character(text[end])


def escape_html() -> TextTransform:
    """Escape ``&``, ``<``, ``>``, ``"`` and ``'`` so that a text can stand in HTML, in attributes too.

    Put it first, before transforms that add HTML of their own. Nothing is held back.

    >>> escape_html().feed("income < 300,000 & no 'exempt' goods")
    'income &lt; 300,000 &amp; no &#x27;exempt&#x27; goods'
    """
    return _Escaper()


class _Escaper(Machine[str]):
    def _take(self, text: str) -> str:
        return escape(text)

    def _finish(self) -> str:
        return ""
