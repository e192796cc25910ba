"""Where sentences end. All looks ahead are bounded, so that a stream is never held for long."""

from __future__ import annotations

import re

from gpo_client.text.transforms.terminals import CERTAIN_STOPS, STOPS

#: What ``judge`` says besides a position: no sentence ends there; more text must come first.
NO_END, MORE = -1, -2

_STOPS = re.escape("".join(sorted(STOPS | CERTAIN_STOPS)))
_CLOSERS = r"""["'”’»)\]}*_`」』）】》〉]{0,20}"""
_CITATION = r"[ \t]?\[[0-9][0-9, ]{0,19}\]"

_CANDIDATE = re.compile(rf"[{_STOPS}\r\n]")
_RUN = re.compile(rf"[{_STOPS}]{{1,50}}")
_TAIL = re.compile(rf"{_CLOSERS}(?:{_CITATION}){{0,9}}")
# What may become more of a tail when more text comes.
_UNFINISHED_TAIL = re.compile(r"(?:[ \t]?(?:\[(?:[0-9][0-9, ]{0,19})?)?)?\Z")
_SPACE = re.compile(r"\s*")
# So much space is an end, whatever it is: nobody waits for what comes after it.
_MOST_SPACE = 100
_LOOKED_AT_SPACE = re.compile(rf"\s{{0,{_MOST_SPACE}}}")
_BLANK_LINE = re.compile(r"(?>\r\n?|\n)[ \t]*[\r\n]")

_BLOCK = re.compile(r"[-*+•–—][ \t]|\d{1,3}[.)][ \t]|#{1,6}[ \t]|>|\||`{3}|~{3}")
_UNFINISHED_BLOCK = re.compile(r"(?:[-*+•–—]|\d{1,3}[.)]?|#{1,6}|`{1,2}|~{1,2})?\Z")
_HEADING = re.compile(r"#{1,6}[ \t]")
_ITEM_NUMBER = re.compile(r"(?:\d{1,3}|[A-Za-z])\Z")

_LAST_WORD = re.compile(r"[^\s(\[{\"'“‘«¿¡*_]+\Z")
_LONGEST_WORD = 30
_INITIALS = re.compile(r"(?:\w\.)*\w\Z")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Abbreviations that stand before something. Those that may end a sentence ("etc.") are left to the letter after them.
_ABBREVIATIONS = _words(
    "mr mrs ms dr prof rev hon st messrs gen sen rep gov capt lt col sgt vs cf viz approx dept"  # English
    " sr sra sres srta dra lic ing arq mtro mtra gral ee ej aprox av avda edo"  # Spanish
)
# Those that are words as well are abbreviations before a number: "Art. 5", "no. 7", "Dec. 31".
_BEFORE_NUMBERS = _words(
    "no nos art arts sec secs fig figs eq eqs vol pp par ch chap ca"
    " jan feb mar apr jun jul aug sep sept oct nov dec"  # English
    " núm núms num pág págs párr frac fracc inc cap tel"  # Spanish
)


def skip_space(text: str, start: int) -> int:
    """Where the space from ``start`` ends."""
    space = _SPACE.match(text, start)
    return space.end() if space else start


def find_candidate(text: str, start: int, end: int) -> int:
    """Return the first place in a stretch of text where a sentence might end; -1 if there is none."""
    found = _CANDIDATE.search(text, start, end)
    return found.start() if found else NO_END


def judge(text: str, start: int, position: int, *, is_end: bool) -> int:
    """Where the sentence from ``start`` ends, if it ends with the candidate at ``position``.

    Args:
        text: What has come.
        start: Where the sentence begins.
        position: Where it might end: the place of a full stop, or a line break.
        is_end: Whether nothing more will come.

    Returns:
        The end, NO_END, or MORE when that cannot be known yet.
    """
    if text[position] in "\r\n":
        return _judge_line_break(text, start, position, is_end=is_end)
    end = _end_of_stops(text, position)
    if not is_end and (end == len(text) or _UNFINISHED_TAIL.match(text, end)):
        return MORE
    space = _looked_at_space(text, end)
    if not CERTAIN_STOPS.isdisjoint(text[position:end]) or _parts(text[end:space]):
        return end
    if space == len(text):
        return end if is_end else MORE
    if space == end or text[space].islower():
        return NO_END
    is_abbreviated = text[position] == "." and _is_abbreviated(text, start, position, text[space])
    return NO_END if is_abbreviated else end


def _judge_line_break(text: str, start: int, position: int, *, is_end: bool) -> int:
    space = _looked_at_space(text, position)
    if _parts(text[position:space]):
        return position
    if not is_end and _UNFINISHED_BLOCK.match(text, space):
        return MORE
    is_block = _HEADING.match(text, start) or _BLOCK.match(text, space)
    return position if is_block or space == len(text) else NO_END


def _end_of_stops(text: str, position: int) -> int:
    run = _RUN.match(text, position)
    tail = _TAIL.match(text, run.end() if run else position)
    return tail.end() if tail else position


def _looked_at_space(text: str, start: int) -> int:
    space = _LOOKED_AT_SPACE.match(text, start)
    return space.end() if space else start


def _parts(space: str) -> bool:
    """Whether space parts sentences by itself."""
    return len(space) >= _MOST_SPACE or _BLANK_LINE.search(space) is not None


def _is_abbreviated(text: str, start: int, position: int, following: str) -> bool:
    """Whether the full stop at ``position`` belongs to the word before it."""
    before = text[max(start, position - _LONGEST_WORD) : position]
    if position - start <= _LONGEST_WORD and _ITEM_NUMBER.match(before):
        return True
    found = _LAST_WORD.search(before)
    word = found.group().lower() if found else ""
    return word in _ABBREVIATIONS or (word in _BEFORE_NUMBERS and following.isdigit()) or _is_initials(word)


def _is_initials(word: str) -> bool:
    return _INITIALS.match(word) is not None and not word[-1].isdigit()
