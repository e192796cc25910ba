"""Finding personal and tax data in a text, and masking it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import attrs

from gpo_sandbox.problems import Problem
from gpo_sandbox.requests import SensitivityMarker


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
    """Return the parts of a text that the client has marked itself.

    Raises:
        Problem: A marker does not lie within the text: masking the wrong part would be worse than refusing.
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
