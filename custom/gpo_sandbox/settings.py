"""What can be set about a sandbox, where each value may come from, and what is allowed."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from gpo_sandbox.faults import FaultError, parse_fault
from gpo_sandbox.hosts import Host, parse_host

ENVIRONMENT_PREFIX = "GPO_SANDBOX_"

_TEN_YEARS_S = 10 * 366 * 86_400.0
_SWITCH = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}

_Validator = Callable[[Any, "attrs.Attribute[Any]", Any], None]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the setting and where the value came from."""


def _within(low: float, high: float = math.inf, *, above: bool = False) -> _Validator:
    """Check that a number lies between `low` and `high`; with `above`, `low` itself is too small."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: float) -> None:
        if not low <= value <= high or (above and value == low):
            bounds = f"{'greater than' if above else 'at least'} {low:g}"
            raise SettingsError(f"{attribute.name}: {bounds}{f' and at most {high:g}' if high < math.inf else ''}")

    return check


def _describes_a_fault(_: Any, attribute: "attrs.Attribute[Any]", value: str | None) -> None:
    try:
        if value is not None:
            parse_fault(value)
    except FaultError as error:
        raise SettingsError(f"{attribute.name}: {error}") from None


def _names_hosts(_: Any, attribute: "attrs.Attribute[Any]", value: str | None) -> None:
    for text in _listed(value):
        try:
            parse_host(text)
        except ValueError as error:
            raise SettingsError(f"{attribute.name}: {error}") from None


def _listed(text: str | None) -> list[str]:
    return [part for piece in (text or "").split(",") if (part := piece.strip())]


def _switch(text: str) -> bool:
    if (word := text.strip().lower()) not in _SWITCH:
        raise ValueError(text)
    return _SWITCH[word]


_KINDS: dict[Callable[[str], Any], str] = {int: "a whole number", float: "a number", _switch: "true or false"}


def _setting(default: Any, parse: Callable[[str], Any], help_: str, *checks: _Validator, secret: bool = False) -> Any:
    return attrs.field(
        default=default, validator=list(checks), repr=not secret, metadata={"parse": parse, "help": help_}
    )


@attrs.frozen(kw_only=True)
class SandboxSettings:
    """Settings of one sandbox.

    Attributes:
        host: Address to listen on.
        port: TCP port to listen on; 0 takes a free one.
        db: SQLite file, or ":memory:" to forget everything at exit.
        api_key: When given and not empty, `POST /api/User/session` demands it as bearer.
        token_ttl_s: How long a session's token is good for, in seconds.
        chunk_delay_s: Pause before each chunk of a streamed answer, in seconds; 0 writes answers at once.
        heartbeat_interval_s: Longest silence on an event stream before a heartbeat comment, in seconds.
        retry_ms: How long a client shall wait before it continues a broken stream, in milliseconds.
        stream_retention_s: How long an answer can be resumed after its last event, in seconds.
        resume_grace_s: How long an answer nobody is listening to goes on being generated, in seconds.
        max_body_bytes: Largest request body that is read, in bytes.
        corpus: Folder with the Markdown documents to answer from; the packaged ones when not given.
        faults: Whether a request may ask for a fault, with the header `X-GPO-Fault`.
        fault: Fault of every request to chat that does not ask for another.
        admins: User ids, separated by commas, that become administrators of the instance they open a session in, and so
            see and manage all its users; "*" is everybody.
        allowed_hosts: Hosts that the sandbox is also reached by, separated by commas, such as "gpo.example.com" or
            "gpo.example.com:8443"; without a port, on any. Requests that name another host than these and the
            address listened on are refused.
        request_timeout_s: How long a request may take to arrive whole, in seconds.

    Raises:
        SettingsError: A value is out of range.
    """

    host: str = _setting("127.0.0.1", str, "address to listen on")
    port: int = _setting(8760, int, "TCP port to listen on, 0 takes a free one", _within(0, 65535))
    db: str = _setting(":memory:", str, "SQLite file, or :memory:")
    api_key: str | None = _setting(None, str, "API key that opening a session demands", secret=True)
    token_ttl_s: float = _setting(
        3600.0, float, "seconds a session's token is good for", _within(0, _TEN_YEARS_S, above=True)
    )
    chunk_delay_s: float = _setting(0.02, float, "seconds before each chunk of a streamed answer", _within(0, 3600))
    heartbeat_interval_s: float = _setting(
        10.0, float, "longest silence in seconds before a heartbeat", _within(0, 3600, above=True)
    )
    retry_ms: int = _setting(
        1000, int, "milliseconds a client shall wait before it continues a broken stream", _within(0, 3_600_000)
    )
    stream_retention_s: float = _setting(
        3600.0, float, "seconds an answer can be resumed after its last event", _within(0, _TEN_YEARS_S, above=True)
    )
    resume_grace_s: float = _setting(
        30.0, float, "seconds an answer without a listener goes on being generated", _within(0, 86400)
    )
    max_body_bytes: int = _setting(1 << 20, int, "largest request body in bytes", _within(1))
    corpus: Path | None = _setting(None, Path, "folder of the documents to answer from")
    faults: bool = _setting(False, _switch, "whether a request may ask for a fault with the header X-GPO-Fault")
    fault: str | None = _setting(None, str, "fault of every request to chat, such as drop-after=3", _describes_a_fault)
    admins: str | None = _setting(None, str, "user ids that become administrators of their instance, * for everybody")
    allowed_hosts: str | None = _setting(None, str, "hosts to be reached by too, such as gpo.example.com", _names_hosts)
    request_timeout_s: float = _setting(5.0, float, "seconds for a request to arrive", _within(0, 3600, above=True))

    @property
    def admin_ids(self) -> frozenset[str]:
        """The ids in `admins`."""
        return frozenset(_listed(self.admins))

    @property
    def further_hosts(self) -> frozenset[Host]:
        """The hosts in `allowed_hosts`."""
        return frozenset(parse_host(text) for text in _listed(self.allowed_hosts))

    @classmethod
    def from_sources(cls, environment: Mapping[str, str], flags: Mapping[str, str | None]) -> "SandboxSettings":
        """Read settings: a flag beats the environment, and the environment beats the default.

        Args:
            environment: Variables, of which the `GPO_SANDBOX_*` ones are read.
            flags: Text of each command-line flag by setting name, None where it was not given.

        Raises:
            SettingsError: A value cannot be read or is out of range; the message says where it came from.
        """
        chosen: dict[str, Any] = {}
        for field in attrs.fields(cls):
            variable = ENVIRONMENT_PREFIX + field.name.upper()
            if (text := flags.get(field.name)) is not None:
                chosen[field.name] = _read(field, text, flag_name(field.name))
            elif text := environment.get(variable):
                chosen[field.name] = _read(field, text, f"environment variable {variable}")
        return cls(**chosen)


def flag_name(setting: str) -> str:
    """Name the command-line flag of a setting. A secret comes in a file: command lines are for everybody to see."""
    return "--api-key-file" if setting == "api_key" else "--" + setting.replace("_", "-")


def _read(field: "attrs.Attribute[Any]", text: str, origin: str) -> Any:
    shown = "(hidden)" if not field.repr else repr(text)
    try:
        value = field.metadata["parse"](text)
        SandboxSettings(**{field.name: value})
    except SettingsError as error:
        raise SettingsError(f"setting {error}, but {origin} is {shown}") from None
    except ValueError:
        kind = _KINDS.get(field.metadata["parse"], "usable")
        raise SettingsError(f"setting {field.name}: must be {kind}, but {origin} is {shown}") from None
    return value
