"""The problem document of RFC 9457, as the GPO API fills it in, and how it is read of what services send instead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from gpo_client.models.json_text import is_list, is_object
from gpo_client.models.portable import Portable
from gpo_client.models.secret import SHOWN, Secret

# How deep an error may stand in another one, and how many reasons are told.
_DEEPEST = 4
_MOST_REASONS = 5

# The members of a problem, and what else they are called. Names are compared without case, hyphens and underscores.
_DETAIL = ("detail", "message", "msg", "errordescription", "errormessage", "reason", "exceptionmessage")
_CODE = ("code", "errorcode")
_STATUS = ("status", "statuscode", "httpstatus")
_FIELD = ("field", "fieldname", "param", "parameter", "pointer", "property", "propertyname", "loc")
_REQUEST_ID = ("requestid", "traceid", "correlationid")
_REASONS = ("errors", "details", "violations", "validationerrors", "fielderrors", "invalidparams")

# What FastAPI puts before the names of fields, and other marks of where the request holds them.
_PLACES = {"body", "query", "path", "header", "cookie", "data", "attributes"}
_WORD = re.compile(r"[A-Za-z][\w.-]*")


@attrs.frozen(kw_only=True)
class Reason:
    """One reason of several: what is wrong, and with which field of the request."""

    text: str | None = None
    field: str | None = None

    def __str__(self) -> str:
        named = self.field is not None and self.field.lower() in (self.text or "").lower()
        return self.text or "" if named or self.field is None else f"{self.field}: {self.text or 'not valid'}"


def problem_members(raw: object, depth: int = _DEEPEST) -> dict[str, Any]:
    """Return the members of a problem, by the names of RFC 9457, from any JSON that tells of an error.

    A text is the detail, a list a list of reasons; errors in it are followed to a ``depth``.

    >>> problem_members({"detail": [{"loc": ["body", "query"], "msg": "too long"}]})
    {'detail': 'query: too long', 'field': 'query'}
    >>> problem_members({"error": {"message": "context too long", "code": 17}})
    {'code': '17', 'detail': 'context too long'}
    """
    if not is_object(raw):
        return _from_reasons(list(_reasons(raw, depth)))
    given: dict[str, Any] = {_plain(name): value for name, value in reversed(raw.items())}
    found: dict[str, Any] = {name: _text(given.get(name)) for name in ("type", "title", "instance")}
    found |= {
        "status": _status(_first(given, _STATUS)),
        "code": _text(_first(given, _CODE)),
        "request_id": _text(_first(given, _REQUEST_ID)),
        "field": _field(_first(given, _FIELD)),
        "detail": _text(_first(given, _DETAIL)),
    }
    found = {name: value for name, value in found.items() if value is not None}
    for name in ("error", *_DETAIL, *_REASONS):
        if depth and isinstance(inner := given.get(name), dict | list):
            _add(found, _inner(inner, name, depth - 1))
    _add_error_text(found, given.get("error"))
    return found or _from_reasons(list(_reasons_of_lists(raw, depth)))


def _inner(raw: Any, name: str, depth: int) -> dict[str, Any]:
    """Return what an error inside an error says. A mapping called ``errors`` and the like has the names of fields."""
    if name in _REASONS and is_object(raw):
        return _from_reasons(list(_reasons_by_field(raw, depth)))
    found = problem_members(raw, depth)
    kind = found.pop("type", None)
    # The type of an error in another one is a word, not an address.
    return {"code": kind} | found if kind and _WORD.fullmatch(kind) else found


def _add(found: dict[str, Any], inner: Mapping[str, Any]) -> None:
    """Add what is not known yet; of details, what they do not say yet."""
    detail, more = found.get("detail"), inner.get("detail")
    for name, value in inner.items():
        found.setdefault(name, value)
    if detail and more and more not in detail:
        found["detail"] = f"{detail} ({more})"


def _add_error_text(found: dict[str, Any], error: object) -> None:
    """OAuth's ``"error": "invalid_token"`` is a code, Spring's ``"error": "Not Found"`` a title."""
    text = _text(error)
    if text is not None:
        found.setdefault("code" if _WORD.fullmatch(text) and "code" not in found else "title", text)
        if not any(name in found for name in ("title", "detail")):
            found["title"] = text


def _from_reasons(reasons: list[Reason]) -> dict[str, Any]:
    told = [str(reason) for reason in reasons if reason.text or reason.field]
    more = f"; and {len(told) - _MOST_REASONS} more" if len(told) > _MOST_REASONS else ""
    detail = "; ".join(told[:_MOST_REASONS]) + more
    field = next((reason.field for reason in reasons if reason.field), None)
    return {name: value for name, value in (("detail", detail or None), ("field", field)) if value is not None}


def _reasons(raw: object, depth: int) -> Iterator[Reason]:
    if isinstance(raw, str) and raw.strip():
        yield Reason(text=raw.strip())
    elif is_list(raw) and depth:
        for item in raw:
            yield from _reasons(item, depth - 1)
    elif is_object(raw) and depth:
        yield _reason(raw, depth)


def _reason(raw: dict[str, Any], depth: int) -> Reason:
    given = {_plain(name): value for name, value in reversed(raw.items())}
    found = problem_members(raw, depth - 1)
    source = given.get("source")  # JSON:API
    where = _field(source.get("pointer") or source.get("parameter")) if is_object(source) else None
    field = found.get("field") or where or _text(given.get("name")) or _text(given.get("path"))
    return Reason(text=found.get("detail") or found.get("title") or found.get("code"), field=field)


def _reasons_by_field(raw: Mapping[str, Any], depth: int) -> Iterator[Reason]:
    for name, value in raw.items():
        for reason in _reasons(value, depth):
            field = _field(name)
            yield attrs.evolve(reason, field=f"{field}.{reason.field}" if reason.field else field)


def _reasons_of_lists(raw: Mapping[str, Any], depth: int) -> Iterator[Reason]:
    """Django writes the names of the fields at the top: ``{"user_id": ["required"]}``."""
    lists = {name: value for name, value in raw.items() if is_list(value)}
    return (reason for reason in _reasons_by_field(lists, depth) if reason.text)


def _first(given: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((given[name] for name in names if given.get(name) is not None), None)


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _text(raw: object) -> str | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    return str(raw).strip() or None if isinstance(raw, str | int | float) else None


def _status(raw: object) -> int | None:
    text = _text(raw) or ""
    return int(text) if re.fullmatch(r"[1-9][0-9]{2}", text) else None


def _field(raw: object) -> str | None:
    """Return the name of a field.

    ``["body", "items", 0, "id"]`` (FastAPI) and ``/data/attributes/id`` (a JSON pointer).
    """
    if is_list(raw):
        parts = [text for part in raw if (text := _text(part))]
    else:
        text = _text(raw) or ""
        parts = [part for part in text.lstrip("#$").split("/") if part] if text[:1] in ("/", "#") else [text]
    while len(parts) > 1 and parts[0] in _PLACES:
        del parts[0]
    return ".".join(parts) or None


@attrs.frozen(kw_only=True)
class Problem(Portable):
    """Why the server refused or failed (``application/problem+json``, RFC 9457).

    Attributes:
        type: A URI that identifies the kind of problem; ``"about:blank"`` when only the status tells.
        title: The kind of problem in a few words.
        status: The HTTP status.
        detail: This very occurrence, in a sentence.
        instance: The path of the request, or another URI for this occurrence.
        code: The machine-readable code, such as ``"token_expired"``.
        request_id: The id of the request, for a report to the service's operators.
        field: The offending field of the request (400, 422).

    >>> Problem(title="Not Found", status=404, detail="no such conversation").summary
    'no such conversation'
    """

    type: str = "about:blank"
    title: str | None = None
    status: int | None = None
    detail: str | None = None
    instance: str | None = None
    code: str | None = None
    request_id: str | None = None
    field: str | None = None

    def without(self, secret: Secret) -> Problem:
        """Return a copy that does not repeat a token, as some servers do with one that they refuse.

        Args:
            secret: What is not to be shown; an empty one hides nothing.
        """
        if not secret:
            return self
        fields = attrs.asdict(self)
        masked: dict[str, Any] = {
            name: value.replace(secret, SHOWN) for name, value in fields.items() if isinstance(value, str)
        }
        return attrs.evolve(self, **masked)

    @property
    def summary(self) -> str:
        """The most telling text there is: detail, else title, else code."""
        return self.detail or self.title or self.code or "no further details"


def problem_from(raw: object) -> Problem:
    """Return the problem that any JSON tells of, member by member: what cannot be read is left out, the rest is kept.

    Besides the members of RFC 9457 it understands what services write in their place: FastAPI's list of ``loc`` and
    ``msg``, ``errors`` by the name of the field (ASP.NET) or as a list (JSON:API), an ``error`` that is an object of
    its own, a text or a code, ``message`` for ``detail``, a number as ``code``, and ``"status": "404"``. Several
    reasons become one ``detail``; ``field`` is the first field that is named.

    >>> problem_from({"detail": [{"loc": ["body", "query"], "msg": "too long"}]}).field
    'query'
    >>> problem_from({"error": {"message": "model overloaded", "type": "overloaded_error"}}).summary
    'model overloaded'
    """
    return Problem(**problem_members(raw))
