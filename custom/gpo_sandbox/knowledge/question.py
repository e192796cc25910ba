"""Questions taken apart: the terms one asks about, with all that means the same; small talk; sensitive data."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Literal

import attrs

from gpo_sandbox.language import COMMON_WORDS, TAX_TERMS, content_words, folded, spelled_words, stem, words
from gpo_sandbox.requests import SensitivityMarker
from gpo_sandbox.responses import Problem

_LONGEST_PHRASE = 5
# Longer questions are told by how they begin; the index refuses queries without a limit.
_MOST_TERMS = 40


def _key(phrase: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(stem(word) for word in phrase)


def _by_phrase(groups: tuple[tuple[str, ...], ...]) -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    return {
        _key(tuple(phrase.split())): tuple(tuple(other.split()) for other in group)
        for group in groups
        for phrase in group
    }


_TAX_TERMS = _by_phrase(TAX_TERMS)
_GLOSSARY = _by_phrase(COMMON_WORDS) | _TAX_TERMS


@attrs.frozen
class Term:
    """One thing a question asks about."""

    words: tuple[str, ...]  # as it was asked, folded
    match: str  # a query of the full-text index that finds it in all its forms
    of_taxation: bool  # whether it belongs to what the library is about
    name: bool  # whether it was written like a name


def terms_of(question: str) -> list[Term]:
    """Find the terms of a question: phrases of the glossary first, then the single words that carry meaning."""
    spelled = spelled_words(question)
    meaningful = set(content_words(question))
    found: dict[str, Term] = {}
    for start, phrase in _phrases([folded(word) for word in spelled]):
        if _key(phrase) in _GLOSSARY or phrase[0] in meaningful:
            match = _match(phrase)
            # every sentence begins with a capital letter, so the first word says nothing
            name = start > 0 and spelled[start][0].isupper()
            found.setdefault(match, Term(phrase, match, _key(phrase) in _TAX_TERMS, name))
    return list(found.values())[:_MOST_TERMS]


def _phrases(spoken: list[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Cut a question into glossary phrases, the longest first, and single words, each with its position."""
    position = 0
    while position < len(spoken):
        for length in range(min(_LONGEST_PHRASE, len(spoken) - position), 0, -1):
            phrase = tuple(spoken[position : position + length])
            if length == 1 or _key(phrase) in _GLOSSARY:
                yield position, phrase
                position += length
                break


def _match(phrase: tuple[str, ...]) -> str:
    variants = dict.fromkeys((phrase, *_GLOSSARY.get(_key(phrase), ())))
    return " OR ".join(dict.fromkeys(_quoted(variant) for variant in variants))


def _quoted(phrase: tuple[str, ...]) -> str:
    """Write a phrase for FTS5; the last word also stands for the words that begin with its stem.

    Short stems would begin too many other words, so they stand for themselves and their plural.
    """
    *before, last = phrase
    short = stem(last)
    if len(short) >= 4:
        return f'"{" ".join([*before, short])}" *'
    plural = "" if last.endswith("s") else f' OR "{" ".join([*before, last])}s"'
    return f'"{" ".join(phrase)}"{plural}'


Kind = Literal["greeting", "thanks", "goodbye", "help"]

_WORDS: dict[Kind, str] = {
    "thanks": "thanks thank thx cheers gracias agradezco agradecido agradecida",
    "goodbye": "bye goodbye adios hasta luego",
    "greeting": "hi hello hey hiya howdy greetings morning afternoon evening hola buenos buenas saludos",
}
_TELLING: dict[Kind, frozenset[str]] = {kind: frozenset(telling.split()) for kind, telling in _WORDS.items()}
# What stands beside these words without asking for anything.
_BESIDE = """
    a again all and are day days dear everybody everyone for friend good how is it lot many much now ok okay see so sir
    that the there to today very you your
    bien como de dias esta estas favor le les lo luego mil muchas muchisimas muy noches por que tal tardes te todo todos
    usted y ya pronto
"""
_KNOWN = frozenset(_BESIDE.split()).union(*_TELLING.values())
_HELP = frozenset(
    tuple(phrase.split())
    for phrase in (
        "help", "help me", "can you help me", "what can you do", "what can i ask", "what can i ask you",
        "what can you help me with", "how can you help me", "what do you know", "what do you know about",
        "who are you", "what are you", "what is this", "ayuda", "ayudame", "puedes ayudarme", "que puedes hacer",
        "que puedo preguntar", "en que puedes ayudarme", "en que me puedes ayudar", "como puedes ayudarme",
        "que sabes", "quien eres", "que eres",
    )
)  # fmt: skip


def small_talk(question: str) -> Kind | None:
    """Return what kind of small talk a question is; None when it asks for something.

    >>> small_talk("Hola, ¡muchas gracias!"), small_talk("Hi! What can you do?"), small_talk("Hi, what is RESICO?")
    ('thanks', 'help', None)
    """
    spoken = words(question)
    greeting = _TELLING["greeting"]
    after = next((place for place, word in enumerate(spoken) if word not in greeting), len(spoken))
    if tuple(spoken[after:]) in _HELP:
        return "help"
    if not all(word in _KNOWN for word in spoken):
        return None
    return next((kind for kind, telling in _TELLING.items() if telling.intersection(spoken)), None)


@attrs.frozen
class Span:
    """A sensitive part of a text, from `start` up to `end`."""

    kind: str
    start: int
    end: int


def _digits(text: str) -> list[int]:
    return [int(letter) for letter in text if letter.isdigit()]


def _is_card(text: str) -> bool:
    """Check the Luhn digit of a payment card number."""
    digits = _digits(text)
    doubled = (digit * 2 for digit in digits[-2::-2])
    total = sum(digits[-1::-2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)
    return 13 <= len(digits) <= 19 and total % 10 == 0


def _is_clabe(text: str) -> bool:
    """Check the control digit of a Mexican bank account number (CLABE)."""
    digits = _digits(text)
    total = sum(digit * weight % 10 for digit, weight in zip(digits[:17], (3, 7, 1) * 6, strict=False))
    return len(digits) == 18 and digits[17] == -total % 10


def _has_date(text: str) -> bool:
    """Check that six digits are a day, as an RFC and a CURP contain a date of birth or foundation."""
    found = re.search(r"(\d\d)(\d\d)(\d\d)", text)
    try:
        return found is not None and bool(date(2000 + int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return False


def _is_phone(text: str) -> bool:
    return 10 <= len(_digits(text)) <= 15


# In this order: what one rule has found, the later ones leave alone.
_RULES: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    # Begins where a run of letters begins and never gives any back: a long run without an @ would take for ever.
    ("e-mail address", re.compile(r"(?<![\w.+-])(?>[\w.+-]+)@(?>[\w-]+)(?:\.(?>[\w-]+))+"), lambda _: True),
    ("CURP", re.compile(r"\b[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{5}[A-Z\d]\d\b", re.IGNORECASE), _has_date),
    ("RFC", re.compile(r"(?<![\w&])[A-ZÑ&]{3,4}[- ]?\d{6}[- ]?[A-Z\d]{3}(?!\w)", re.IGNORECASE), _has_date),
    ("CLABE", re.compile(r"(?<!\d)\d(?:[ -]?\d){17}(?!\d)"), _is_clabe),
    ("card number", re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)"), _is_card),
    (
        "phone number",
        re.compile(r"(?<![\w.,])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,3}\)|\d{2,4})(?:[ .-]?\d{2,4}){2,4}(?!\w|,\d)"),
        _is_phone,
    ),
)


def find_sensitive(text: str) -> list[Span]:
    """Find e-mail addresses, phone numbers, RFC, CURP, CLABE and card numbers in a text, in order."""
    found, taken = list[Span](), bytearray(len(text))
    for kind, pattern, holds in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(taken[start:end]) and holds(match[0]):
                found.append(Span(kind, start, end))
                taken[start:end] = b"\1" * (end - start)
    return sorted(found, key=lambda span: span.start)


def marked(text: str, markers: Sequence[SensitivityMarker]) -> list[Span]:
    """Return the parts of a text that the client has marked itself. Raises Problem: a marker does not lie within the
    text: masking the wrong part would be worse than refusing.
    """
    for number, marker in enumerate(markers):
        if not marker.start < marker.end <= len(text):
            detail = f"A marker has start < end, and end is at most {len(text)}, the number of characters of the query."
            raise Problem("validation_failed", detail, field=f"sensitivity_markers[{number}].end")
    return [Span(marker.type, marker.start, marker.end) for marker in markers]


def masked(text: str, spans: Sequence[Span]) -> str:
    """Put the kind of each sensitive part in its place; parts that overlap become one."""
    pieces, position = list[str](), 0
    for start, end, kinds in _merged(spans):
        pieces += [text[position:start], f"[{', '.join(dict.fromkeys(kinds))}]"]
        position = end
    return "".join([*pieces, text[position:]])


def _merged(spans: Sequence[Span]) -> Iterator[tuple[int, int, list[str]]]:
    current: tuple[int, int, list[str]] | None = None
    for span in sorted(spans, key=lambda it: (it.start, it.end)):
        if current and span.start < current[1]:
            current = (current[0], max(current[1], span.end), [*current[2], span.kind])
            continue
        if current:
            yield current
        current = (span.start, span.end, [span.kind])
    if current:
        yield current
