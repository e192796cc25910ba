"""A filter that takes tokens and keys out of log records, whoever wrote them."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any, cast

from gpo_client.models.secret import SHOWN, Secret

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


# Members that name what another one holds, as in {"name": "token", "value": "…"}, and members that hold it.
_NAMING = "name|key|field|header|param|parameter|property|attribute|variable|option|setting|label|type|kind|k|n"
_HOLDING = "values?|vals?|v"
_WORD_OF_A_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


def names_secret(value: object) -> bool:
    """Whether a value is itself the name of a secret: one word, such as ``"X-API-Key"``."""
    return isinstance(value, str) and re.fullmatch(r"[\w.:-]{1,64}", value) is not None and is_secret(value)


def secret_members(members: Mapping[Any, Any]) -> set[str]:
    """Return the names of the members that hold secrets: by their own name, or by that which another gives to them.

    >>> sorted(secret_members({"token": "a", "page": 2})), secret_members({"headerName": "Cookie", "headerValue": "a"})
    (['token'], {'headerValue'})
    """
    names = [name for name in members if isinstance(name, str)]
    naming = (name for name in names if names_secret(members[name]))
    holding = [name for name in names if _has_word(name, _HOLDING)] if any(map(_is_naming, naming)) else []
    return {name for name in names if is_secret(name)}.union(holding)


def _is_naming(name: str) -> bool:
    return _has_word(name, _NAMING)


def _has_word(name: str, words: str) -> bool:
    return any(re.fullmatch(words, word, re.IGNORECASE) for word in _WORD_OF_A_NAME.findall(name))


_MASK = SHOWN

# Where a name may begin, space that may be and that must be, and what quotes are escaped with in JSON in JSON.
_START, _SPACE, _GAP, _ESCAPES = r"(?<![\w-])", r"\s{0,8}", r"\s{1,8}", r"\\{0,63}"
# What is between a name and its value, in addresses within addresses too; Ruby and PHP write an arrow.
_SIGN = "(?:=>|[:=]|%(?:25){0,8}3[ad])"

# Who asks, in an address (RFC 3986 §3.2.1): a name and a password, or a token alone. Where nobody has encoded the
# slashes of a password, what is before the first one is told from a host with a port by its digits.
_USERINFO = re.compile(
    r"""(?<=://)(?:[^\s/?#"'<>]{1,2048}"""
    r"""|[^\s/?#@:"'<>]{0,256}:(?![0-9]{1,5}[/?#])(?>[^\s"'<>@]{1,256}(?:@[^\s"'<>@/?#]{1,256}(?=@)){0,8})"""
    r"""|[^\s/?#@:."'<>\[\]]{1,256}:[0-9]{1,5}/[^\s/?#=@"'<>]{1,256})(?=@)"""
)
# The same as an argument of curl and its like.
_USER_ARGUMENT = re.compile(
    rf"""{_START}((?:--proxy-user|--user|-u|-U)(?:{_GAP}|=)?)"""
    r"""(?:"[^":]{0,256}:[^"]{1,1024}"|'[^':]{0,256}:[^']{1,1024}'"""
    r"""|[^\s:"']{1,256}:[^\s"']{1,1024})"""
)
# Authorization (RFC 9110 §11.6.2): one word or a scheme, and its credentials, which may be parameters. In quotes it
# is a pair like others.
_WORD, _PARAMETER = r"""[^\s,;&"'<>)}\]]+""", r"""[\w-]{1,64}=(?:"[^"\r\n]*"?|[^\s,;"'<>)}\]]+)"""
_AUTHORIZATION = re.compile(
    rf"""{_START}([\w-]{{0,48}}?authorization["']?{_SPACE}{_SIGN}{_SPACE})(?!["'\\]|\*{{10}})"""
    rf"""{_WORD}(?:{_GAP}(?:{_PARAMETER}(?:{_SPACE},{_SPACE}{_PARAMETER})*|{_WORD}))?""",
    re.IGNORECASE,
)
# A name and its value as headers, mappings, queries and settings are written: ``name: value``, ``'name': 'value'``,
# ``(b'name', b'value')``, ``name=value``, ``name => value``; JSON in JSON, at any depth: a value ends at a quote as
# escaped as its first.
_VALUE = (
    r"""(?:b(?=["']))?(?P<value>(?P<open>\\{1,63}")(?:[^"\\]|(?!(?P=open))(?>\\+"?))*(?:(?P=open))?"""
    r"""|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|["'][^\r\n]+"""
    rf"""|(?:(?:Basic|Bearer|Digest|Negotiate|Token){_GAP})?{_WORD})"""
)
_QUOTE = rf"""{_ESCAPES}["']?"""
_IS = rf"{_QUOTE}{_SPACE}{_SIGN}{_SPACE}"
_MEMBER = rf"""{_SPACE}{_ESCAPES}["'][\w-]{{1,64}}{_ESCAPES}["']{_SPACE}:"""
_PAIR = re.compile(
    rf"""{_START}{NAME_IN_TEXT}{_QUOTE}{_SPACE}(?:{_SIGN}|(?<=["']),(?!{_MEMBER})){_SPACE}""" + _VALUE,
    re.IGNORECASE,
)
# The same where the name is a value itself, with its own value beside it, in the same object or element: after it, or
# before.
_BESIDE = r"(?=[\s,;&])[^<>{}]{1,64}?"
_NAMED = rf"(?<![\w-])[\w-]{{0,32}}?(?:{_NAMING}){_IS}(?:b(?=[\"']))?{_QUOTE}{NAME_IN_TEXT}{_QUOTE}"
_HOLDS = rf"(?<![\w-])[\w-]{{0,32}}?(?:{_HOLDING}){_IS}"
_NAMED_FIRST = re.compile(rf"{_NAMED}{_BESIDE}{_HOLDS}{_VALUE}", re.IGNORECASE)
_NAMED_LAST = re.compile(
    rf"""{_HOLDS}(?P<value>(?P<open>{_ESCAPES}["']?)(?>[^\s"'\\<>&,;]{{1,1024}})(?P=open))"""
    rf"(?={_BESIDE}{_NAMED}(?![\w-]))",
    re.IGNORECASE,
)
# An element that is named so.
_ELEMENT = re.compile(
    rf"""(<(?:[\w.-]{{1,32}}:)?{NAME_IN_TEXT}(?:\s[^<>]{{0,256}})?>(?:{_SPACE}<!\[CDATA\[)?)(?P<value>[^<]+)""",
    re.IGNORECASE,
)
# A name and a value with nothing but space between: of an option the next word, else a word that looks like a token.
_LOOSE = re.compile(
    rf"""{_START}((?:--{NAME_IN_TEXT}{_GAP}["']?(?=[^\s"'-])"""
    rf"""|{NAME_IN_TEXT}{_GAP}(?:(?:is|was){_GAP})?["'`]?(?![0-9]{{4}}-[0-9]{{2}}-)"""
    r"""(?=[^\s"'`]{0,64}?[0-9])(?=[^\s"'`]{0,64}?[A-Za-z])(?=[\w.~+/=-]{12})))(?P<value>[^\s"'`]+)""",
    re.IGNORECASE,
)
# Cookies have several values, all of them secret, up to the end of the line.
_COOKIES = re.compile(rf"""{_START}((?:set-)?cookie["']?{_SPACE}:{_SPACE}["']?)[^\r\n"']+""", re.IGNORECASE)
# What goes under such a name and is none: counts, and that there is one or none.
_PLAIN = re.compile(r"\d{1,6}|true|false|none|null", re.IGNORECASE)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Containers in containers beyond this are shown as a mask: nobody reads them, and some contain themselves.
_DEEPEST = 8


class RedactionFilter(logging.Filter):
    """Masks tokens, keys and passwords in log records: in messages, arguments, extras and tracebacks.

    Put it on a handler, so that it sees the records of all loggers::

        handler = logging.StreamHandler()
        handler.addFilter(RedactionFilter())
        logging.basicConfig(handlers=[handler])

    It knows a secret by its type (``gpo_client.Secret``), by the name it goes under (``Authorization``, ``api_key``,
    ``password`` …), by its shape (bearer tokens, JSON Web Tokens, passwords in addresses), or because it was told. No
    record is dropped.

    Thread and task safety: it may be shared by any number of handlers and threads.

    Args:
        secrets: Texts to mask wherever they stand, such as a key of your own.

    >>> record = logging.makeLogRecord({"msg": "sent %s", "args": ({"Authorization": "Bearer s3cr3t-t0k3n"},)})
    >>> RedactionFilter().filter(record), record.getMessage()
    (True, "sent {'Authorization': '**********'}")
    """

    def __init__(self, *secrets: str) -> None:
        super().__init__()
        # The longest first: one may be part of another.
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask what is in the record; True."""
        self._mask_message(record)
        for name, value in list(vars(record).items()):
            if name not in _STANDARD:
                vars(record)[name] = _MASK if is_secret(name) and value is not None else self._mask_extra(value)
        self._mask_traceback(record)
        return True

    def redact(self, text: str) -> str:
        """Return a text with its secrets masked.

        >>> RedactionFilter("k3y").redact("GET https://ana:s3cr3t@gpo.example.com/?api_key=abc&page=2 with k3y")
        'GET https://**********@gpo.example.com/?api_key=**********&page=2 with **********'
        """
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        text = _USER_ARGUMENT.sub(rf"\1{_MASK}", _USERINFO.sub(_MASK, text))
        text = _AUTHORIZATION.sub(rf"\1{_MASK}", _COOKIES.sub(rf"\1{_MASK}", text))
        text = _NAMED_LAST.sub(_mask_pair, _NAMED_FIRST.sub(_mask_pair, text))
        text = _ELEMENT.sub(_mask_value, _PAIR.sub(_mask_pair, text))
        text = _LOOSE.sub(rf"\1{_MASK}", text)
        return JWT.sub(_MASK, BEARER.sub(rf"\1 {_MASK}", text))

    def _mask_message(self, record: logging.LogRecord) -> None:
        record.args = self._mask(record.args)
        if isinstance(record.msg, Secret) or not isinstance(record.msg, str):
            record.msg = self._mask(record.msg)
        try:
            # As a whole, because of "token=%s"; the arguments alone are for whoever takes them from the record.
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a wrong number of arguments, say: logging itself reports it
            record.msg = self._mask(record.msg)
            return
        if (masked := self.redact(message)) != message:
            record.msg, record.args = masked, ()

    def _mask_traceback(self, record: logging.LogRecord) -> None:
        if record.stack_info:
            record.stack_info = self.redact(record.stack_info)
        if record.exc_info and not record.exc_text:
            text = logging.Formatter().formatException(record.exc_info)
            if (masked := self.redact(text)) != text:
                # Who has the exception can print it: the text has to do.
                record.exc_text, record.exc_info = masked, None
        elif record.exc_text:
            record.exc_text = self.redact(record.exc_text)

    def _mask(self, value: Any, depth: int = 0) -> Any:
        """Return a value without secrets; what is neither text nor container is left as it is."""
        if isinstance(value, Secret):
            return _MASK
        if isinstance(value, str):
            return self.redact(value)
        if depth > _DEEPEST:
            return _MASK
        if isinstance(value, Mapping):
            members = cast("Mapping[object, object]", value)
            secret = secret_members(members)
            return {name: self._mask_member(member, depth, name in secret) for name, member in members.items()}
        if type(value) in (list, tuple, set, frozenset):
            items = list(cast("list[object]", value))
            is_pair = depth > 0 and isinstance(value, list | tuple) and len(items) == 2 and names_secret(items[0])
            masked = [self._mask_member(item, depth, is_pair and place == 1) for place, item in enumerate(items)]
            return type(value)(masked)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return value

    def _mask_extra(self, value: object) -> object:
        """As ``_mask``, and an object whose text has a secret in it as that text: that is what will be shown of it."""
        masked = self._mask(value)
        if masked is not value or isinstance(value, int | float | None):
            return masked
        try:
            texts = [str(value), repr(value)]
        except Exception:  # noqa: BLE001 - an object that cannot be shown shows nothing
            return value
        return next((shown for text in texts if (shown := self.redact(text)) != text), value)

    def _mask_member(self, value: object, depth: int, is_secret: bool) -> object:
        return _MASK if is_secret and isinstance(value, str | bytes) else self._mask(value, depth + 1)


def _mask_pair(pair: re.Match[str]) -> str:
    value = pair["value"]
    if _PLAIN.fullmatch(value):
        return pair[0]
    quote = pair["open"] or (value[0] if value[0] in "\"'" else "")
    return f"{pair.string[pair.start() : pair.start('value')]}{quote}{_MASK}{quote}"


def _mask_value(element: re.Match[str]) -> str:
    value = element["value"]
    return element[0] if _PLAIN.fullmatch(value.strip()) or not value.strip() else element[1] + _MASK
