"""Secrets in texts from elsewhere, however they are spelled there, and in errors with all their causes."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, cast

import attrs

from gpo_client.exceptions import GPOClientError
from gpo_client.models.secret import SHOWN
from gpo_client.printable import CONTROLS

# What texts are written with that shows nothing, so that a secret with it in between is still to be read; and what
# stands for a character: percent-encoding (RFC 3986 §2.1), escapes of JSON and of Python's repr, references of HTML.
_UNSEEN = rf"{CONTROLS}\t\n\u00ad\u034f\u180e\u200b-\u200d\u2028\u2029\u2060-\u2064\ufeff"
_SPELLED = re.compile(
    rf"%(?P<percent>[0-9A-Fa-f]{{2}})|\\{{1,8}}(?:u(?P<json>[0-9A-Fa-f]{{4}})|x(?P<repr>[0-9A-Fa-f]{{2}})|[nrt])"
    rf"|&#(?:x(?P<hex>[0-9A-Fa-f]{{1,5}})|(?P<decimal>[0-9]{{1,6}}));|[{_UNSEEN}]"
)
_SEEN = re.compile(f"[^{_UNSEEN}]")
# Of a shorter secret, base64 has too few characters to be sure.
_SHORTEST_ENCODED = 8


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    r"""The text with a mask in the place of each secret, in whatever spelling it stands there.

    Args:
        text: Any text.
        secrets: What is not to be shown.

    >>> without_secrets("no tok\x01en-1, t%6Fken-1, dG9rZW4tMQ", ["token-1"])
    'no **********, **********, dG9rZW4tMQ'
    """
    for secret in sorted({str(secret) for secret in secrets if secret}, key=len, reverse=True):
        text = _without_spellings(text.replace(secret, SHOWN), secret)
        if len(secret) >= _SHORTEST_ENCODED:
            for core in _encoded(secret):
                if core in text:
                    text = re.sub(re.escape(core) + "[A-Za-z0-9+/_-]*={0,2}", SHOWN, text)
    return text


def hide_secrets(error: GPOClientError, secrets: Iterable[str]) -> None:
    """Take secrets out of an error and its causes, where it is.

    Args:
        error: The error. What the service answered (``partial``) stays as it is.
        secrets: What is not to be shown.
    """
    known = tuple(secrets)
    for one in _chain(error):
        if isinstance(one, GPOClientError):
            _mask_attributes(one, known)
        one.args = tuple(without_secrets(arg, known) if isinstance(arg, str) else arg for arg in one.args)
        for name in ("__cause__", "__context__"):
            behind = cast("BaseException | None", getattr(one, name))
            if behind is not None and not isinstance(behind, GPOClientError):
                setattr(one, name, _printable(behind, known))


def _mask_attributes(error: GPOClientError, known: tuple[str, ...]) -> None:
    for name, value in vars(error).items():
        if isinstance(value, str) and name != "last_event_id":  # which the stream is continued with
            vars(error)[name] = without_secrets(value, known)
    problem: Any = vars(error).get("problem")
    if problem is not None:
        fields = {
            name: without_secrets(text, known) for name, text in attrs.asdict(problem).items() if isinstance(text, str)
        }
        vars(error)["problem"] = attrs.evolve(problem, **fields)


def _printable(cause: BaseException, known: tuple[str, ...]) -> BaseException:
    """A cause that shows no secret: itself, or what can be said of it, with its own causes."""
    shown = f"{cause!s} {cause!r}"
    if without_secrets(shown, known) == shown:
        return cause
    kind = type(cause)
    clean = Exception(without_secrets(f"{kind.__module__}.{kind.__qualname__}: {cause}", known))
    clean.__cause__, clean.__context__ = cause.__cause__, cause.__context__
    clean.__suppress_context__ = cause.__suppress_context__
    return clean


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what is behind it, each once; what is behind is looked at after it was handed out."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__]


def _without_spellings(text: str, secret: str) -> str:
    if not _SPELLED.search(text):
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
    return _cut_out(text, "".join(characters), spans, secret)


def _meant(found: re.Match[str]) -> str:
    digits = found["percent"] or found["json"] or found["repr"] or found["hex"]
    number = int(digits, 16) if digits else int(found["decimal"] or "0")
    return chr(number) if 0 < number < 0x110000 else ""


def _cut_out(text: str, meant: str, spans: list[tuple[int, int]], secret: str) -> str:
    parts: list[str] = []
    end, at = 0, meant.find(secret)
    while at >= 0:
        parts += [text[end : spans[at][0]], SHOWN]
        end = spans[at + len(secret) - 1][1]
        at = meant.find(secret, at + len(secret))
    return "".join([*parts, text[end:]])


def _encoded(secret: str) -> set[str]:
    """The characters of base64 (RFC 4648) that a secret makes, wherever in three it begins, in both alphabets."""
    cores: set[str] = set()
    for before in range(3):
        data = b"\0" * before + secret.encode("utf-8", "replace")
        core = b64encode(data).decode().rstrip("=")[-(-before * 8 // 6) : len(data) * 8 // 6]
        cores |= {core, core.replace("+", "-").replace("/", "_")}
    return cores
