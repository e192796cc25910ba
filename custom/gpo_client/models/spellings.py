"""Secrets in texts from elsewhere, masked in whatever spelling they stand there: the one table of spellings."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from operator import eq

from gpo_client.models.secret import SHOWN
from gpo_client.printable import CONTROLS

# What texts are written with that shows nothing, so that a secret with it in between is still to be read; and what
# stands for a character: percent-encoding (RFC 3986 §2.1), also several times over, escapes of JSON and of Python's
# repr, references of HTML.
_UNSEEN = rf"{CONTROLS}\t\n\u00ad\u034f\u180e\u200b-\u200d\u2028\u2029\u2060-\u2064\ufeff"
_SPELLED = re.compile(
    rf"%(?:25){{0,8}}(?P<percent>[0-9A-Fa-f]{{2}})"
    rf"|\\{{1,8}}(?:u(?P<json>[0-9A-Fa-f]{{4}})|x(?P<repr>[0-9A-Fa-f]{{2}})|[nrt])"
    rf"|\\{{1,8}}(?P<quoted>[\"'/])"
    rf"|&#(?:[xX]0{{0,8}}(?P<hex>[0-9A-Fa-f]{{1,6}})|0{{0,8}}(?P<decimal>[0-9]{{1,7}}));|[{_UNSEEN}]"
)
_SEEN = re.compile(f"[^{_UNSEEN}]")
# Of a shorter secret, base64 and hexadecimal digits have too few characters to be sure.
_SHORTEST_ENCODED = 6
_BASE64_REST = "[A-Za-z0-9+/_-]*={0,2}"
# So many characters tell a secret of which a text has the beginning only.
_TELLING = 12


def without_secrets(text: str, secrets: Iterable[str], mask: str = SHOWN, *, may_be_cut: bool = False) -> str:
    r"""Return the text with a mask in the place of each secret, in whatever spelling it stands there.

    A text, or one in it, that ``may_be_cut`` amid a secret has its beginning masked too.

    >>> without_secrets("no tok\x01en-1, t%6Fken-1, dG9rZW4tMQ, 746f6b656e2d31", ["token-1"], "***")
    'no ***, ***, ***, ***'
    >>> without_secrets("an event of the name 't0k3n-01234567…'", ["t0k3n-0123456789"], "***", may_be_cut=True)
    "an event of the name '***…'"
    """
    known = [str(secret) for secret in secrets if secret]
    telling = _TELLING if may_be_cut else len(max(known, key=len, default=""))
    forms = {form for secret in known for form in _forms(secret)}
    text = _cut_out(text, sorted(_places(text, forms, telling)), mask)
    if known and _SPELLED.search(text):
        text = _without_spellings(text, known, telling, mask)
    for secret in known:
        if len(secret) >= _SHORTEST_ENCODED:
            text = _without_encodings(text, secret, telling, mask)
    return text


def _forms(secret: str) -> tuple[str, str, str]:
    """Return a secret as it is, in JSON, and in JSON in JSON."""
    written = json.dumps(secret)
    return secret, written[1:-1], json.dumps(written)[3:-3]


def _places(text: str, secrets: Iterable[str], telling: int) -> Iterator[tuple[int, int]]:
    """Return where secrets stand, or at least so many characters of their beginnings: from where to where."""
    for secret in secrets:
        beginning = secret[:telling]
        at = text.find(beginning)
        while at >= 0:
            found = text[at : at + len(secret)]
            end = at + sum(takewhile(bool, map(eq, secret, found)))
            yield at, end
            at = text.find(beginning, end)


def _cut_out(text: str, places: Iterable[tuple[int, int]], mask: str) -> str:
    """Return a text with masks in these places, which are in order and may overlap."""
    parts: list[str] = []
    end = 0
    for start, stop in places:
        if start >= end:
            parts += [text[end:start], mask]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _without_spellings(text: str, secrets: Sequence[str], telling: int, mask: str) -> str:
    meant: list[str] = []
    before: list[tuple[int, int]] = []  # where pieces begin, in what is meant and in the text
    size = start = 0
    for found in _SPELLED.finditer(text):
        stands_for = _meant(found)
        for piece, begins_at in ((text[start : found.start()], start), (stands_for, found.start())):
            before.append((size, begins_at))
            meant.append(piece)
            size += len(piece)
        start = found.end()
    before.append((size, start))
    meant.append(text[start:])

    def place(at: int) -> int:
        piece, begins_at = before[bisect_right(before, (at, len(text))) - 1]
        return begins_at + at - piece

    places = sorted(_places("".join(meant), secrets, telling))
    return _cut_out(text, ((place(first), place(last)) for first, last in places), mask)


def _meant(found: re.Match[str]) -> str:
    digits = found["percent"] or found["json"] or found["repr"] or found["hex"]
    number = int(digits, 16) if digits else int(found["decimal"] or "0")
    stands_for = found["quoted"] or (chr(number) if number < 0x110000 else "")
    return stands_for if _SEEN.fullmatch(stands_for) else ""


def _without_encodings(text: str, secret: str, telling: int, mask: str) -> str:
    for core in _base64(secret):
        beginning = core[: telling * 8 // 6]
        if beginning in text:
            text = re.sub(re.escape(beginning) + _BASE64_REST, mask, text)
    digits = secret.encode("utf-8", "replace").hex()
    for spelled in (digits, digits.upper()):
        text = _cut_out(text, _places(text, (spelled,), 2 * telling), mask)
    return text


def _base64(secret: str) -> set[str]:
    """Return what a secret makes in base64 (RFC 4648), wherever in three it begins, in both alphabets."""
    cores: set[str] = set()
    # So many bytes before it, and so many characters that these have a part in.
    for before, start in ((0, 0), (1, 2), (2, 3)):
        data = b"\0" * before + secret.encode("utf-8", "replace")
        core = b64encode(data).decode()[start : len(data) * 8 // 6]
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores
