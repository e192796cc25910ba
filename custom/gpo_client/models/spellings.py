"""Secrets in texts from elsewhere, masked in whatever spelling they stand there: the one table of spellings."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence

from gpo_client.models.secret import SHOWN
from gpo_client.printable import CONTROLS

# What texts are written with that shows nothing, so that a secret with it in between is still to be read; and what
# stands for a character: percent-encoding (RFC 3986 §2.1), escapes of JSON and of Python's repr, references of HTML.
_UNSEEN = rf"{CONTROLS}\t\n\u00ad\u034f\u180e\u200b-\u200d\u2028\u2029\u2060-\u2064\ufeff"
_SPELLED = re.compile(
    rf"%(?P<percent>[0-9A-Fa-f]{{2}})|\\{{1,8}}(?:u(?P<json>[0-9A-Fa-f]{{4}})|x(?P<repr>[0-9A-Fa-f]{{2}})|[nrt])"
    rf"|\\{{1,8}}(?P<quoted>[\"'/])"
    rf"|&#(?:x(?P<hex>[0-9A-Fa-f]{{1,5}})|(?P<decimal>[0-9]{{1,6}}));|[{_UNSEEN}]"
)
_SEEN = re.compile(f"[^{_UNSEEN}]")
# Of a shorter secret, base64 and hexadecimal digits have too few characters to be sure.
_SHORTEST_ENCODED = 6
_BASE64_REST = "[A-Za-z0-9+/_-]*={0,2}"


def without_secrets(text: str, secrets: Iterable[str], mask: str = SHOWN) -> str:
    r"""Return the text with a mask in the place of each secret, in whatever spelling it stands there.

    Args:
        text: Any text.
        secrets: What is not to be shown.
        mask: What to show.

    >>> without_secrets("no tok\x01en-1, t%6Fken-1, dG9rZW4tMQ, 746f6b656e2d31", ["token-1"], "***")
    'no ***, ***, ***, ***'
    """
    known = sorted({str(secret) for secret in secrets if secret}, key=len, reverse=True)
    for secret in known:
        written = json.dumps(secret)
        for form in (json.dumps(written)[3:-3], written[1:-1], secret):  # in JSON in JSON, in JSON, and as it is
            text = text.replace(form, mask)
    text = _without_spellings(text, known, mask)
    for secret in known:
        if len(secret) >= _SHORTEST_ENCODED:
            text = _without_encodings(text, secret, mask)
    return text


def _without_encodings(text: str, secret: str, mask: str) -> str:
    for core in _base64(secret):
        if len(core) >= _SHORTEST_ENCODED and core in text:
            text = re.sub(re.escape(core) + _BASE64_REST, mask, text)
    digits = secret.encode("utf-8", "replace").hex()
    return text.replace(digits, mask).replace(digits.upper(), mask)


def _without_spellings(text: str, secrets: Sequence[str], mask: str) -> str:
    if not secrets or not _SPELLED.search(text):
        return text
    characters: list[str] = []
    spans: list[tuple[int, int]] = []
    position = 0
    for found in _SPELLED.finditer(text):
        characters += text[position : found.start()]
        spans += [(at, at + 1) for at in range(position, found.start())]
        position = found.end()
        if _SEEN.fullmatch(stands_for := _meant(found)):
            characters.append(stands_for)
            spans.append(found.span())
    characters += text[position:]
    spans += [(at, at + 1) for at in range(position, len(text))]
    return _cut_out(text, "".join(characters), spans, secrets, mask)


def _meant(found: re.Match[str]) -> str:
    digits = found["percent"] or found["json"] or found["repr"] or found["hex"]
    number = int(digits, 16) if digits else int(found["decimal"] or "0")
    return chr(number) if 0 < number < 0x110000 else found["quoted"] or ""


def _cut_out(text: str, meant: str, spans: list[tuple[int, int]], secrets: Sequence[str], mask: str) -> str:
    parts: list[str] = []
    end = 0
    for first, last in sorted(_places(meant, secrets)):
        if spans[first][0] >= end:
            parts += [text[end : spans[first][0]], mask]
        end = max(end, spans[last][1])
    return "".join([*parts, text[end:]])


def _places(meant: str, secrets: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Return where secrets stand, first and last character."""
    for secret in secrets:
        at = meant.find(secret)
        while at >= 0:
            yield at, at + len(secret) - 1
            at = meant.find(secret, at + len(secret))


def _base64(secret: str) -> set[str]:
    """Return what a secret makes in base64 (RFC 4648), wherever in three it begins, in both alphabets."""
    cores: set[str] = set()
    for before in range(3):
        data = b"\0" * before + secret.encode("utf-8", "replace")
        core = b64encode(data).decode().rstrip("=")[-(-before * 8 // 6) : len(data) * 8 // 6]
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores
