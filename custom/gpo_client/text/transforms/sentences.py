"""Text cut into sentences, by rules for all scripts."""

from __future__ import annotations

import re

from gpo_client.text.transforms.machine import Machine, Splitter, check_size

# Those with the property Sentence_Terminal of Unicode 18.0 (UAX #44, PropList.txt). Python does not know it.
_SENTENCE_TERMINAL = (
    "0021 002E 003F 0589 061D-061F 06D4 0700-0702 07F9 0837 0839 083D-083E 0964-0965 104A-104B 1362"
    " 1367-1368 166E 1735-1736 17D4-17D5 1803 1809 1944-1945 1AA8-1AAB 1B4E-1B4F 1B5A-1B5B 1B5E-1B5F"
    " 1B7D-1B7F 1C3B-1C3C 1C7E-1C7F 2024 203C-203D 2047-2049 2CF9-2CFB 2E2E 2E3C 2E53-2E54 2E60-2E61 3002"
    " A4FF A60E-A60F A6F3 A6F7 A876-A877 A8CE-A8CF A92F A9C8-A9C9 AA5D-AA5F AAF0-AAF1 ABEB FE12 FE15-FE16"
    " FE52 FE56-FE57 FF01 FF0E FF1F FF61 10A56-10A57 10F55-10F59 10F86-10F89 11047-11048 110BE-110C1"
    " 11141-11143 111C5-111C6 111CD 111DE-111DF 11238-11239 1123B-1123C 112A9 113D4-113D5 1144B-1144C"
    " 115C2-115C3 115C9-115D7 11641-11642 1173C-1173E 11944 11946 11A42-11A43 11A9B-11A9C 11C41-11C42"
    " 11EF7-11EF8 11F43-11F44 16A6E-16A6F 16AF5 16B37-16B38 16B44 16D6E-16D6F 16E98 1BC9F 1DA88"
)
# Of these, the ones that Latin, Greek and Cyrillic use: abbreviations, numbers and names have them as well.
_AMBIGUOUS = "0021 002E 003F 2024 203C-203D 2047-2049 2E2E 2E3C 2E53-2E54 2E60-2E61"


def _characters(ranges: str) -> frozenset[str]:
    bounds = [(first, last or first) for first, _, last in (each.partition("-") for each in ranges.split())]
    return frozenset(chr(code) for first, last in bounds for code in range(int(first, 16), int(last, 16) + 1))


#: What ends a sentence if space and no small letter follows. The ellipsis is none to Unicode, but often is one.
STOPS = _characters(_AMBIGUOUS) | {"…"}
#: What ends a sentence whatever follows: most of those scripts write no space, or have no small letters.
CERTAIN_STOPS = _characters(_SENTENCE_TERMINAL) - STOPS


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
_SPACE = re.compile(r"\s+")
# So much space is an end, whatever it is: nobody waits for what comes after it.
_MOST_SPACE = 100
_LOOKED_AT_SPACE = re.compile(rf"\s{{1,{_MOST_SPACE}}}")
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
    """Return where the space from ``start`` ends."""
    return _end_of(_SPACE, text, start)


def _end_of(what: re.Pattern[str], text: str, start: int) -> int:
    """Return where it ends if it is at ``start``, else that."""
    found = what.match(text, start)
    return found.end() if found else start


def find_candidate(text: str, start: int, end: int) -> int:
    """Return the first place in a stretch of text where a sentence might end; -1 if there is none."""
    found = _CANDIDATE.search(text, start, end)
    return found.start() if found else NO_END


def judge(text: str, start: int, position: int, *, is_end: bool) -> int:
    """Return where the sentence from ``start`` ends, if it ends with the candidate at ``position``, else NO_END.

    The candidate is a full stop or a line break. MORE: that cannot be known yet, unless it is the end of the text.
    """
    if text[position] in "\r\n":
        return _judge_line_break(text, start, position, is_end=is_end)
    end = _end_of(_TAIL, text, _end_of(_RUN, text, position))
    if not is_end and (end == len(text) or _UNFINISHED_TAIL.match(text, end)):
        return MORE
    space = _end_of(_LOOKED_AT_SPACE, text, end)
    if not CERTAIN_STOPS.isdisjoint(text[position:end]) or _parts(text[end:space]):
        return end
    if space == len(text):
        return end if is_end else MORE
    if space == end or text[space].islower():
        return NO_END
    is_abbreviated = text[position] == "." and _is_abbreviated(text, start, position, text[space])
    return NO_END if is_abbreviated else end


def _judge_line_break(text: str, start: int, position: int, *, is_end: bool) -> int:
    space = _end_of(_LOOKED_AT_SPACE, text, position)
    if _parts(text[position:space]):
        return position
    if not is_end and _UNFINISHED_BLOCK.match(text, space):
        return MORE
    is_block = _HEADING.match(text, start) or _BLOCK.match(text, space)
    return position if is_block or space == len(text) else NO_END


def _parts(space: str) -> bool:
    """Whether space parts sentences by itself."""
    return len(space) >= _MOST_SPACE or _BLANK_LINE.search(space) is not None


def _is_abbreviated(text: str, start: int, position: int, following: str) -> bool:
    """Whether the full stop at ``position`` belongs to the word before it."""
    before = text[max(start, position - _LONGEST_WORD) : position]
    found = _LAST_WORD.search(before)
    return _ITEM_NUMBER.match(before) is not None or (found is not None and _is_short(found[0].lower(), following))


def _is_short(word: str, following: str) -> bool:
    """Whether a full stop after a word shows that it is shortened, rather than the end of a sentence."""
    is_initials = _INITIALS.match(word) is not None and not word[-1].isdigit()
    return is_initials or word in _ABBREVIATIONS or (word in _BEFORE_NUMBERS and following.isdigit())


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
        start = skip_space(text, 0)
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
        return found

    def _forced_end(self, text: str, start: int) -> int:
        """Return where to cut a sentence that is too long."""
        limit = start + self._max_chars
        space = max(text.rfind(space, start + self._max_chars // 2, limit) for space in (" ", "\n"))
        return space if space > start else limit
