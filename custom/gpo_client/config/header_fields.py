"""Header fields: which names and values can be sent, which are secrets, and the fields that a setting holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeGuard

import attrs

from gpo_client.models.secret import IS_MASKED, Secret, holds_mask

# A token of RFC 9110 §5.6.2.
_FIELD_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)

# Fields whose values nobody is to see, in tracebacks that show the variables of every frame as little as in logs.
_CREDENTIAL = re.compile(r"(?!idempotency-key$).*(?:auth|cookie|key|secret|token|pass|credential)", re.IGNORECASE)

_FRAMING = "it frames the message, which the client does"
_PER_CALL = "the client makes it for each call"
# Fields that every request has from somewhere else, with what to do instead.
_OURS = {
    "authorization": "it holds the key or the token of each call: set api_key, or hand headers= to the call",
    "proxy-authorization": "it would go to the service: put name and password into the address of the proxy",
    "user-agent": "set user_agent",
    "host": "it follows from base_url",
    "idempotency-key": f"{_PER_CALL}; a call takes idempotency_key=",
    "x-request-id": f"{_PER_CALL}; hand headers= to the call",
    "last-event-id": _PER_CALL,
    "accept": _PER_CALL,
    "accept-encoding": _PER_CALL,
    "content-type": _PER_CALL,
    **dict.fromkeys(
        ("connection", "content-length", "expect", "te", "trailer", "transfer-encoding", "upgrade"), _FRAMING
    ),
}


def is_field_name(name: object) -> TypeGuard[str]:
    """Whether this can be the name of a header field."""
    return isinstance(name, str) and _FIELD_NAME.fullmatch(name) is not None


def is_field_value(value: object) -> TypeGuard[str]:
    """Whether a value may be sent in a header field (RFC 9110 §5.5; visible ASCII is what everybody understands)."""
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable() and value == value.strip()


@lru_cache(maxsize=256)
def is_credential(name: str) -> bool:
    """Whether a field of this name holds a secret.

    >>> [is_credential(name) for name in ("X-Gateway-Key", "Cookie", "Idempotency-Key", "X-Team")]
    [True, True, False, False]
    """
    return _CREDENTIAL.match(name) is not None


@attrs.frozen(eq=False)
class HeaderFields(Mapping[str, str]):
    """The header fields of a setting: immutable, hashable, names in any case (RFC 9110 §5.1), secrets masked.

    >>> fields = HeaderFields.of({"X-Team": "tax", "X-Gateway-Key": "s3cr3t"}.items())
    >>> fields
    HeaderFields({'X-Team': 'tax', 'X-Gateway-Key': '**********'})
    >>> fields["x-gateway-key"].reveal()
    's3cr3t'
    """

    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, fields: Iterable[tuple[Any, Any]]) -> HeaderFields:
        """Fields as they were given; whether they can be sent is another question."""
        return cls(tuple((name, _masked(name, value)) for name, value in fields))

    def __getitem__(self, name: str) -> str:
        for known, value in self.fields:
            if str(known).lower() == name.lower():
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __hash__(self) -> int:
        return hash(frozenset(self.fields))

    def __repr__(self) -> str:
        return f"HeaderFields({dict(self.fields)!r})"


def fields_from(given: Any) -> Any:
    r"""Return the fields of a mapping, or of a text with ``Name: value`` on each line; anything else as it is.

    >>> fields_from("X-Team: tax\nX-Site: mx")
    HeaderFields({'X-Team': 'tax', 'X-Site': 'mx'})
    """
    if isinstance(given, str):
        lines = (line.partition(":") for line in given.splitlines() if line.strip())
        return HeaderFields.of((name.strip() if colon else None, value.strip()) for name, colon, value in lines)
    if isinstance(given, Mapping) and not isinstance(given, HeaderFields):
        return HeaderFields.of(given.items())  # pyright: ignore[reportUnknownArgumentType]
    return HeaderFields() if given is None else given


def joined(fields: Mapping[str, str], more: Any) -> HeaderFields:
    """Fields and more of them, in any form that is accepted; of two with one name, in any case, the later one."""
    later: HeaderFields = fields_from(more)
    names = {str(name).lower() for name in later}
    return HeaderFields.of((*((n, v) for n, v in fields.items() if n.lower() not in names), *later.fields))


def problem_with(fields: object) -> str | None:
    """Why a setting's fields cannot be sent; None: they can. No value is told: it may be a secret."""
    if not isinstance(fields, HeaderFields):
        return "must be a mapping of names to values, or a text with 'Name: value' on each line"
    names = [str(name).lower() for name in fields]
    problems = (_problem(name, value, names.count(str(name).lower())) for name, value in fields.fields)
    return next((problem for problem in problems if problem), None)


def _problem(name: object, value: object, times: int) -> str | None:
    if name is None:  # what was written may be a value, and a secret
        return "must be written as 'Name: value', each on a line of its own: one has no colon"
    if not is_field_name(name):
        return f"cannot have the name {name!r}: it is not the name of a header field"
    if times > 1:
        return f"cannot have {name} twice"
    if (reason := _OURS.get(name.lower())) is not None:
        return f"cannot have {name}: {reason}"
    if not is_field_value(value):
        return f"cannot have this {name}: a value must be visible ASCII text, not empty, without line ends"
    return f"cannot have this {name}: {IS_MASKED}" if holds_mask(value) else None


def _masked(name: object, value: Any) -> Any:
    is_secret = isinstance(name, str) and isinstance(value, str) and is_credential(name)
    return Secret(value) if is_secret else value
