"""Secrets kept out of cassettes: by the names they go under, by how they look, and by the values that were seen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from gpo_client.logs.redaction import MEMBER, RedactionFilter, is_secret, names_secret, secret_members
from gpo_client.models.secret import SHOWN
from gpo_client.models.spellings import without_secrets

#: What stands in the place of a secret.
SCRUBBED = "scrubbed"
# Shorter ones would be found in words.
_SHORTEST = 6


class KnownSecrets:
    """Values that went out as credentials, or came as tokens: what has one under another name shows it all the same.

    >>> known = KnownSecrets()
    >>> known.learn_headers([("Authorization", "Bearer tok-0123456789")])
    >>> known.mask("your token is tok-0123456789")
    'your token is scrubbed'
    """

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Note what header fields with the names of secrets hold: with its scheme and without, each cookie alone."""
        for name, value in headers:
            if is_secret(name):
                self.learn(_credentials(value))

    def learn_address(self, address: str) -> None:
        """Note the user, the password, and the parameters with the names of secrets."""
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query)
        self.learn([parts.username or "", parts.password or "", *(value for name, value in pairs if is_secret(name))])

    def learn(self, values: Iterable[str]) -> None:
        """Note values themselves, but for those that are too short to be told from words."""
        stripped = {value.strip() for value in values if SCRUBBED not in value}
        self._values |= {value for value in stripped if len(value) >= _SHORTEST}

    def mask(self, text: str) -> str:
        """Return a text without them, in whatever spelling they stand there."""
        return without_secrets(text, self._values, SCRUBBED)

    def mask_bytes(self, data: bytes) -> bytes:
        """Bytes that are no text, without them."""
        for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
            for value in self._values:
                data = data.replace(value.encode(encoding, "ignore") or b"\0" * len(data), SCRUBBED.encode(encoding))
        return self.mask(data.decode("latin-1")).encode("latin-1")


def _credentials(value: str) -> list[str]:
    """Return what is secret in a header field: all but the scheme, and of cookies the values."""
    scheme, space, rest = value.strip().partition(" ")
    words = rest.split() if space and "=" not in scheme and ";" not in scheme else [scheme]
    return [*words, *(part.partition("=")[2] for part in value.split(";"))]


#: The host in every recorded address (RFC 2606 reserves it for such uses).
RECORDED_ORIGIN = ("http", "gpo.example.com")

# What is no JSON is read as a line of a log would be.
_REDACTION = RedactionFilter()

# A token on a cassette is good for ever: a client that renews expired ones would ask for what was not recorded.
_NEVER = "2099-12-31T23:59:59Z"

#: Takes the secrets that were found in a text.
Learn = Callable[[Iterable[str]], None]

# A server on this machine, whose port is another one each time.
_LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(?![\w.-])")
_PREFIX = re.compile(r"(data:)?\s*")


def scrub_text(text: str, learn: Learn | None = None) -> str:
    r"""Return a body without secrets: JSON at any depth, an event stream, JSON lines, or any other text.

    ``learn`` is called with the secrets that were found.

    >>> scrub_text('{"session": [{"token": "s3cr3t", "user_id": "user-1"}]}')
    '{"session": [{"token": "scrubbed", "user_id": "user-1"}]}'
    >>> scrub_text('id: 1\ndata: {"content": "Bearer abc.def-ghi"}\n\n')
    'id: 1\ndata: {"content": "Bearer scrubbed"}\n\n'
    """
    if learn is not None:
        learn(_member_value(member) for member in MEMBER.finditer(text) if is_secret(member["name"]))
    whole = _scrub_json(text, learn)
    if whole is not None:
        return whole
    # Not splitlines(): it knows line ends that JSON does not.
    lines = "\n".join(_scrub_line(line, learn) for line in text.split("\n"))
    return scrub_plain(MEMBER.sub(_scrub_member, lines))


def scrub_address(address: str) -> str:
    """Return an address without the host, which is nobody's business, and without secrets in its parameters.

    >>> scrub_address("https://user:pass@10.0.0.8:8443/api/User?api_key=s3cr3t&page=2")
    'http://gpo.example.com/api/User?api_key=scrubbed&page=2'
    """
    parts = urlsplit(address)
    query = parts.query
    pairs = parse_qsl(query, keep_blank_values=True)
    if secret := secret_members(dict(pairs)):
        query = urlencode([(name, SCRUBBED if name in secret else value) for name, value in pairs])
    return urlunsplit((*RECORDED_ORIGIN, parts.path, query, ""))


def scrub_headers(headers: Iterable[tuple[str, str]], passing: Iterable[str]) -> list[tuple[str, str]]:
    """Header fields without secrets, and without those (``passing``, in lower case) that are different each time."""
    left_out = frozenset(passing)
    return [(name, _scrub_header(name, value)) for name, value in headers if name.lower() not in left_out]


def _scrub_header(name: str, value: str) -> str:
    if not is_secret(name):
        return scrub_plain(value)
    return f"Bearer {SCRUBBED}" if value[:7].lower() == "bearer " else SCRUBBED


def scrub_plain(text: str) -> str:
    """Return a text without what logs would not show of it either, and without ports of this machine.

    >>> scrub_plain("grant_type=password&password=pa55w0rd"), scrub_plain("curl -u ana:pa55w0rd http://127.0.0.1:8760/x")
    ('grant_type=password&password=scrubbed', 'curl -u scrubbed http://gpo.example.com/x')
    """
    redacted = _REDACTION.redact(text)
    shown = text if redacted == text else redacted.replace(SHOWN, SCRUBBED)
    return _LOCAL.sub("://".join(RECORDED_ORIGIN), shown)


def _scrub_line(line: str, learn: Learn | None) -> str:
    prefix = cast("re.Match[str]", _PREFIX.match(line))[0]
    scrubbed = _scrub_json(line[len(prefix) :], learn)
    if scrubbed is None and learn is not None:  # perhaps a form
        pairs = parse_qsl(line)
        secret = secret_members(dict(pairs))
        learn(value for name, value in pairs if name in secret)
    return line if scrubbed is None else prefix + scrubbed


def _scrub_json(text: str, learn: Learn | None) -> str | None:
    """JSON without secrets, to the letter as it was when there are none; None when the text is no object or array."""
    repeats: list[int] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        # Of members that come twice each is learned, though only the last is written.
        members = dict(pairs)
        if learn is not None and (secret := secret_members(members)):
            learn(part for name, value in pairs if name in secret for part in _texts(value))
        repeats.append(len(pairs) - len(members))
        return members

    try:
        value: Any = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=members)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict | list):
        return None
    scrubbed = _scrub_value(value, learn, secret=False)
    return text if scrubbed == value and not any(repeats) else json.dumps(scrubbed, ensure_ascii=False)


def _texts(value: Any) -> Iterator[str]:
    """Return the texts in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        inner = cast("dict[str, object] | list[object]", value)
        for part in inner.values() if isinstance(inner, dict) else inner:
            yield from _texts(part)


def _scrub_value(value: Any, learn: Learn | None, *, secret: bool) -> Any:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        secrets = secret_members(members)
        scrubbed = {
            name: _scrub_value(member, learn, secret=secret or name in secrets) for name, member in members.items()
        }
        if "expires_at" in members and secrets:
            scrubbed["expires_at"] = _NEVER
        return scrubbed
    if isinstance(value, list):
        items = cast("list[object]", value)
        is_pair = len(items) == 2 and names_secret(items[0])  # as header fields are listed
        if is_pair and learn is not None:
            learn(_texts(items[1]))
        return [
            _scrub_value(item, learn, secret=secret or (is_pair and place == 1)) for place, item in enumerate(items)
        ]
    if isinstance(value, str):
        # Numbers stay: "total_tokens" counts.
        return SCRUBBED if secret else _scrub_within(value, learn)
    return value


def _scrub_within(text: str, learn: Learn | None) -> str:
    """Return a text of a JSON document without secrets; it may be such a document itself."""
    scrubbed = _scrub_json(text, learn) if text.lstrip()[:1] in ("{", "[") else None
    return scrub_plain(text) if scrubbed is None else scrubbed


def _member_value(member: re.Match[str]) -> str:
    return member[0].removeprefix(member["head"]).strip('"')


def _scrub_member(member: re.Match[str]) -> str:
    return f'{member["head"]}"{SCRUBBED}"' if is_secret(member["name"]) else member[0]
