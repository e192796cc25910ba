"""The secrets that a recording has seen, found again by their value wherever they stand."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from gpo_client.logs.sensitive import MEMBER, is_secret
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
                self._learn(_credentials(value))

    def learn_address(self, address: str) -> None:
        """Note the user, the password, and the parameters with the names of secrets."""
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query)
        self._learn([parts.username or "", parts.password or "", *(value for name, value in pairs if is_secret(name))])

    def learn_text(self, text: str) -> None:
        """Note the members with the names of secrets: of JSON, of an event stream, of JSON lines."""
        for document in (text, *(line.removeprefix("data:") for line in text.split("\n"))):
            self._learn(_secrets_in(document))
        for member in MEMBER.finditer(text):
            if is_secret(member["name"]):
                self._learn([member[0].removeprefix(member["head"]).strip('"')])

    def mask(self, text: str) -> str:
        """Return a text without them, in whatever spelling they stand there."""
        return without_secrets(text, self._values, SCRUBBED)

    def mask_bytes(self, data: bytes) -> bytes:
        """Bytes that are no text, without them."""
        for encoding in ("latin-1", "utf-16-le", "utf-16-be"):
            for value in self._values:
                data = data.replace(value.encode(encoding, "ignore") or b"\0" * len(data), SCRUBBED.encode(encoding))
        return self.mask(data.decode("latin-1")).encode("latin-1")

    def _learn(self, values: Iterable[str]) -> None:
        stripped = {value.strip() for value in values if SCRUBBED not in value}
        self._values |= {value for value in stripped if len(value) >= _SHORTEST}


def _credentials(value: str) -> list[str]:
    """Return what is secret in a header field: all but the scheme, and of cookies the values."""
    scheme, space, rest = value.strip().partition(" ")
    words = rest.split() if space and "=" not in scheme and ";" not in scheme else [scheme]
    return [*words, *(part.partition("=")[2] for part in value.split(";"))]


def _secrets_in(document: str) -> Iterator[str]:
    """Return the texts in a JSON document under names of secrets; those of members that come twice as well."""
    found: list[str] = []

    def gather(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            for item in cast("list[object]", value):
                gather(item)
        elif isinstance(value, dict):
            gather([*cast("dict[str, Any]", value).values()])

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name, value in pairs:
            if is_secret(name):
                gather(value)
        return dict(pairs)

    try:
        json.loads(document.lstrip("\ufeff"), object_pairs_hook=members)
    except (ValueError, RecursionError):
        return
    yield from found
