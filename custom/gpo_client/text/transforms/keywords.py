"""Keywords found in a text while it is still arriving: whole words, the longest first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

# Joiners stand within words of many scripts (UAX #29 puts them with the marks).
_JOINERS = "\u200c\u200d"


def is_word_character(character: str) -> bool:
    """Whether a character is part of a word: a letter, a digit, a mark on one of them, ``_``, or a joiner."""
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M" or character in _JOINERS


class Folds(dict[str, str]):
    """What each character counts as in comparisons, worked out when it first turns up."""

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

    Args:
        keywords: What to look for.
        ignore_case: Whether to compare without regard to case.
        mark: What to put for a keyword that was found.
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
        """Where the longest keyword from ``start`` ends; ``start`` if there is none, None if more text may tell."""
        node, longest = self._root, start
        for position in range(start, len(text)):
            for fold in self._folds[text[position]]:
                if (following := node.next.get(fold)) is None:
                    return longest
                node = following
            end = position + 1
            if node.ends and (end < len(text) or is_end) and not (node.ends_in_word and self._goes_on(text, end)):
                longest = end
        if is_end:
            return longest
        if node.next or node.ends_in_word:
            return None
        return len(text) if node.ends else longest

    def _goes_on(self, text: str, end: int) -> bool:
        return end < len(text) and is_word_character(text[end])
