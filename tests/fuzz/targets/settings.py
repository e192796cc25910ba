"""Settings files."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gpo_client import ConfigurationError, GPOConfig
from tests.fuzz.target import Check, Target

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
