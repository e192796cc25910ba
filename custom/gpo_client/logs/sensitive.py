"""How secrets look, by the names they go under and by their shapes: for logs and for cassettes."""

from __future__ import annotations

import re

_WORDS = (
    "token",
    "secret",
    "password",
    "passphrase",
    "api key",
    "private key",
    "authorization",
    "credential",
    "cookie",
)
_SECRET_NAME = re.compile(rf"({'|'.join(_WORDS).replace(' ', '')})s?$")

# The bounds keep the search linear in the length of the text, whatever a server sends to be logged.
#: A bearer token (RFC 6750 §2.1), wherever it stands. Group 1 is the scheme.
BEARER = re.compile(r"\b(Bearer)\s{1,8}(?>[A-Za-z0-9._~+/-]{6,})=*", re.IGNORECASE)
#: A JSON Web Token (RFC 7519), wherever it stands.
JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{5,1024}\.[A-Za-z0-9_-]{5,4096}\.[A-Za-z0-9_-]*")
#: A member of a JSON object, also where the object is spread over several ``data`` fields of an event.
MEMBER = re.compile(r'(?P<head>"(?P<name>[^"\\]*)"\s*:\s*(?:data:\s*)?)"(?:[^"\\]|\\.)*"')
#: Such a name where it stands in a text, to be used in other expressions. What is before it must be no letter.
NAME_IN_TEXT = rf"[\w-]{{0,48}}?(?:{'|'.join(_WORDS).replace(' ', '[_-]?')})s?[\d_-]{{0,8}}"


def is_secret(name: str) -> bool:
    """Whether a field, header or parameter of that name holds a secret.

    >>> is_secret("accessToken"), is_secret("X-API-Key"), is_secret("token_type"), is_secret("title")
    (True, True, False, False)
    """
    return _SECRET_NAME.search(re.sub(r"[^a-z]", "", name.lower())) is not None
