"""Texts that still arrive, dates in people's words, settings files, and ids that browsers send to a relay."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from dateutil import tz

from gpo_client import ConfigurationError, GPOConfig, InvalidArgumentError
from gpo_client.dates import read_window
from gpo_client.relay.machines.entries import EventId
from gpo_client.relay.sync.log import SyncMemoryRelayLog
from gpo_client.relay.sync.relay import SyncRelay
from tests.fuzz.target import Check, Target, in_portions, pure
from tests.streaming.transforms.portions import BITS, MACHINES, fed


def _transform(data: bytes) -> None:
    """The same in whatever portions it comes, and never an exception."""
    text = data.decode("utf-8", "surrogatepass") if _has_surrogates(data) else data.decode("utf-8", "replace")
    for name, make in MACHINES.items():
        whole = fed(make, [text])
        assert all(fed(make, portions) == whole for portions in in_portions(text)[1:]), name


def _has_surrogates(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


_NOW = datetime(2026, 11, 22, 9, 40, tzinfo=UTC)
_ZONES = (UTC, tz.gettz("Europe/Madrid") or UTC)


def _read_date(data: bytes) -> None:
    """A window that does not end before it begins, or InvalidArgumentError."""
    text = data.decode("utf-8", "replace")
    for zone in _ZONES:
        try:
            window = read_window(text, _NOW, zone)
        except InvalidArgumentError:
            continue
        assert window.start <= window.end
        assert window.start.tzinfo is not None


TRANSFORMS = Target("transforms", pure(_transform), [bit.encode() for bit in BITS] + [b"\xff", b"\xed\xa0\x80"])
DATES = Target(
    "dates",
    pure(_read_date),
    [
        b"last ", b"this ", b"ago", b" days", b" hours", b"week", b"month", b"quarter", b"year", b"monday", b"today",
        b"2026-11-01", b"2026-W47", b"Q3 ", b"1 Nov ", b"November", b"T09:30:00Z", b"+99:99", b" utc", b" 5pm",
        b"T24:00", b"0", b"9", b"9999", b"0001-01-01", b"9999-12-31", b"99999999999", b"-", b"/", b".", b":", b",",
        b" ", b"\xd9\xa3",
    ],
)  # fmt: skip


_SUFFIXES = (".json", ".toml", ".yaml")


@contextmanager
def _files() -> Generator[Check]:
    with TemporaryDirectory() as folder:

        def check(data: bytes) -> None:
            """The first line is the name's ending. Settings or ConfigurationError."""
            ending, _, content = data.partition(b"\n")
            if content.count(b"[") + content.count(b"{") > 400:
                return  # PyYAML takes its time to find that nested too deeply, more so while memory is watched
            suffix = ending.decode("latin-1").strip()
            path = Path(folder, f"gpo{suffix if suffix in _SUFFIXES else _SUFFIXES[len(data) % 3]}")
            path.write_bytes(content)
            try:
                config = GPOConfig.from_file(path)
            except ConfigurationError:
                return
            assert "http" in config.base_url

        yield check


SETTINGS_FILES = Target(
    "settings",
    _files,
    [
        b"base_url", b"timeout", b"api_key", b"verify_ssl", b"proxy", b"user_agent", b"max_retries", b"<<",
        b"http://", b"https://gpo.example.com", b"user:pass@", b"[::1]", b"127.0.0.1", b":99999", b"\\ud800", b"\xff",
        b"null", b"none", b"true", b"1e999", b"-0", b".inf", b".nan", b"9" * 5000, b"0x_", b"1_0", b"190:20:30", b"{",
        b"}", b"[", b"]", b'"', b"'", b'"""', b"'''", b"=", b": ", b"\n", b"  ", b"\t", b"- ", b"? ", b"#", b",",
        b"&a ", b"*a", b"!!timestamp ", b"!!int ", b"!!float ", b"!!binary ", b"!!set ", b"!!omap ", b"!!pairs ",
        b"!!python/object:os.system ", b"!!bool ", b"!!null ", b"---\n", b"%YAML 9.9\n", b"2026-99-99", b"07:32:00Z",
    ],
)  # fmt: skip


_ANSWER = "Zx81kq0-answer-01"
_OWNER = "user-1"


@contextmanager
def _relay() -> Generator[Check]:
    log = SyncMemoryRelayLog()
    log.begin(_ANSWER, _OWNER, 3600)
    relay = SyncRelay(log=log)

    def check(data: bytes) -> None:
        """The answer to its owner, and to nobody else, whatever the id says."""
        text = data.decode("latin-1")
        found = EventId.parse(text)
        assert found is None or str(found) == text
        for owner in (_OWNER, "user-2", ""):
            subscription = relay.subscribe(None, last_event_id=text, owner=owner)
            mine = owner == _OWNER and found is not None and found.answer_id == _ANSWER and found.position is not None
            assert (subscription.subscriber is not None) == mine
            assert subscription.answer is None
        assert not relay.stop(text, owner="user-2")

    yield check
    relay.close()


RELAY_IDS = Target(
    "relay_ids",
    _relay,
    [
        _ANSWER.encode(), b":", b"end", b"0", b"1", b"01", b"999999999", b"-1", b"_", b"*", b"\r\n", b"\x00", b"\xb2",
        b"x" * 70,
    ],
)  # fmt: skip
