"""What must not get into a cassette, and how it is taken out: texts in, texts out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gpo_client.logs.sensitive import BEARER, JWT, MEMBER, is_secret
from gpo_client.testing.known_secrets import SCRUBBED

#: The host in every recorded address (RFC 2606 reserves it for such uses).
RECORDED_ORIGIN = ("http", "gpo.example.com")

# A token on a cassette is good for ever: a client that renews expired ones would ask for what was not recorded.
_NEVER = "2099-12-31T23:59:59Z"

# A server on this machine, whose port is another one each time.
_LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(?![\w.-])")
_PREFIX = re.compile(r"(data:)?\s*")


def scrub_text(text: str) -> str:
    r"""Return a body without secrets: JSON at any depth, an event stream, JSON lines, or any other text.

    >>> scrub_text('{"session": [{"token": "s3cr3t", "user_id": "user-1"}]}')
    '{"session": [{"token": "scrubbed", "user_id": "user-1"}]}'
    >>> scrub_text('id: 1\ndata: {"content": "Bearer abc.def-ghi"}\n\n')
    'id: 1\ndata: {"content": "Bearer scrubbed"}\n\n'
    """
    whole = _scrub_json(text)
    if whole is not None:
        return whole
    # Not splitlines(): it knows line ends that JSON does not.
    lines = "\n".join(_scrub_line(line) for line in text.split("\n"))
    return MEMBER.sub(_scrub_member, lines)


def scrub_address(address: str) -> str:
    """Return an address without the host, which is nobody's business, and without secrets in its parameters.

    >>> scrub_address("https://user:pass@10.0.0.8:8443/api/User?api_key=s3cr3t&page=2")
    'http://gpo.example.com/api/User?api_key=scrubbed&page=2'
    """
    parts = urlsplit(address)
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(is_secret(name) for name, _ in pairs):
        query = urlencode([(name, SCRUBBED if is_secret(name) else value) for name, value in pairs])
    return urlunsplit((*RECORDED_ORIGIN, parts.path, query, ""))


def scrub_headers(headers: Iterable[tuple[str, str]], passing: Iterable[str]) -> list[tuple[str, str]]:
    """Header fields without secrets, and without those that are different each time.

    Args:
        headers: Names and values.
        passing: The names, in lower case, of fields to leave out.
    """
    left_out = frozenset(passing)
    return [(name, _scrub_header(name, value)) for name, value in headers if name.lower() not in left_out]


def _scrub_header(name: str, value: str) -> str:
    if not is_secret(name):
        return scrub_plain(value)
    return f"Bearer {SCRUBBED}" if value[:7].lower() == "bearer " else SCRUBBED


def scrub_plain(text: str) -> str:
    """Return a text without what looks like a token wherever it stands, and without ports of this machine."""
    return _LOCAL.sub("://".join(RECORDED_ORIGIN), JWT.sub(SCRUBBED, BEARER.sub(rf"\1 {SCRUBBED}", text)))


def _scrub_line(line: str) -> str:
    prefix = cast("re.Match[str]", _PREFIX.match(line))[0]
    scrubbed = _scrub_json(line[len(prefix) :])
    return scrub_plain(line) if scrubbed is None else prefix + scrubbed


def _scrub_json(text: str) -> str | None:
    """JSON without secrets, to the letter as it was when there are none; None when the text is no object or array."""
    members: list[int] = []

    def counted(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members.append(len(pairs) - len(dict(pairs)))
        return dict(pairs)

    try:
        value: Any = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=counted)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    scrubbed = _scrub_value(value, secret=False)
    # Of members that come twice, the one before is not looked at: it is not written either.
    return text if scrubbed == value and not any(members) else json.dumps(scrubbed, ensure_ascii=False)


def _scrub_value(value: Any, *, secret: bool) -> Any:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        scrubbed = {name: _scrub_value(member, secret=secret or is_secret(name)) for name, member in members.items()}
        if "expires_at" in members and any(map(is_secret, members)):
            scrubbed["expires_at"] = _NEVER
        return scrubbed
    if isinstance(value, list):
        return [_scrub_value(item, secret=secret) for item in cast("list[object]", value)]
    if isinstance(value, str):
        # Numbers stay: "total_tokens" counts.
        return SCRUBBED if secret else scrub_plain(value)
    return value


def _scrub_member(member: re.Match[str]) -> str:
    return f'{member["head"]}"{SCRUBBED}"' if is_secret(member["name"]) else member[0]
