"""All settings, with values that are possible and values that are not."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import attrs
import certifi

_SECONDS = (5, 0.25, None)
_NO_SECONDS: tuple[Any, ...] = (0, -1, "soon", float("inf"), float("nan"), [], True)
_DURATION = (5, 0.25, 0)
_NO_DURATION: tuple[Any, ...] = (-1, "soon", float("inf"), float("nan"), None)
_COUNT = (0, 3)
_SIZE = (1, 65536)
_NO_COUNT: tuple[Any, ...] = (-1, 1.5, "many", None, True)
_HERE = Path(__file__).parent
_TEXT = "visible-ascii_text 1"


@attrs.frozen
class Setting:
    """One setting: its default, values it can have, and values it cannot.

    Attributes:
        default: What it is when nobody says anything.
        possible: As arguments, or in a file.
        impossible: As arguments.
        beside: The settings that it is nothing without.
        only_in_programs: Whether neither the environment nor a file can name it.
        texts: In the environment, with what they mean.
    """

    default: Any
    possible: tuple[Any, ...]
    impossible: tuple[Any, ...]
    texts: dict[str, Any]
    beside: dict[str, Any] = attrs.Factory(dict[str, Any])
    only_in_programs: bool = False


def _some_key() -> str:
    return "k3y"


def _seconds(default: float | None) -> Setting:
    return Setting(default, _SECONDS, _NO_SECONDS, {"5": 5.0, "0.25": 0.25, "none": None, " None ": None})


def _duration(default: float) -> Setting:
    return Setting(default, _DURATION, _NO_DURATION, {"5": 5.0, "0": 0.0})


def _switch(default: bool) -> Setting:
    return Setting(default, (True, False), ("yes", 1, None), {"true": True, "False": False, "1": True, "0": False})


SETTINGS: dict[str, Setting] = {
    "base_url": Setting(
        "http://127.0.0.1:8760",
        ("https://gpo.example.com", "http://[::1]:8760/api", "http://localhost", "http+unix://%2Frun%2Fgpo.sock"),
        (
            *("", "gpo.example.com", "ftp://gpo.example.com", "http://", "http://:80", "http://gpo.example.com:99999"),
            *("http://gpo.example.com:port", "http://[::1", "http://gpo.exa mple.com", "http://gpo.example.com/?a=1"),
            *("http+unix://", "http+unix://run/gpo.sock", "http+unix:///run/gpo.sock\n", "http+unix:"),
            *("http://gpo.example.com#a", "http://user:pass@gpo.example.com", "http://gpo.example.com\n", None, 5),
        ),
        {f"{scheme}://gpo.example.com/": "https://gpo.example.com" for scheme in ("https", "HTTPS", "Https")}
        | {"http+unix:///run/gpo.sock": "http+unix://%2Frun%2Fgpo.sock"},
    ),
    "api_key": Setting(None, (_TEXT, _some_key, None), ("", "k\u00e9y", "k\n", " k", 5), {"k3y": "k3y", "none": None}),
    "api_key_scope": Setting(None, ("api://gpo/.default", None), ("", 5), {"a b": "a b"}),
    "timeout": _seconds(60.0),
    "connect_timeout": _seconds(10.0),
    "max_retries": Setting(2, _COUNT, _NO_COUNT, {"0": 0, "3": 3}),
    "retry_backoff_factor": _duration(0.5),
    "retry_max_delay": _duration(30.0),
    "retry_max_elapsed": _seconds(120.0),
    "max_resumes": Setting(3, _COUNT, _NO_COUNT, {"0": 0, "3": 3}),
    "auto_renew_token": _switch(False),
    "token_renewal_buffer": _duration(60.0),
    "stream_first_chunk_timeout": _seconds(120.0),
    "stream_idle_timeout": _seconds(60.0),
    "stream_heartbeat_timeout": _seconds(300.0),
    "stream_total_timeout": _seconds(3600.0),
    "max_event_bytes": Setting(8 * 1024 * 1024, _SIZE, (0, *_NO_COUNT), {"65536": 65536}),
    "max_sources": Setting(1000, _SIZE, (0, *_NO_COUNT), {"50": 50}),
    "max_source_bytes": Setting(16 * 1024 * 1024, _SIZE, (0, *_NO_COUNT), {"65536": 65536}),
    "max_stream_bytes": Setting(256 * 1024 * 1024, _SIZE, (0, *_NO_COUNT), {"65536": 65536}),
    "max_response_bytes": Setting(8 * 1024 * 1024, _SIZE, (0, *_NO_COUNT), {"65536": 65536}),
    "max_download_bytes": Setting(
        1024 * 1024 * 1024,
        (*_SIZE, None),
        (0, *(bad for bad in _NO_COUNT if bad is not None)),
        {"65536": 65536, "none": None},
    ),
    "headers": Setting(
        {},
        ({"X-Team": "tax", "X-Gateway-Key": "s3cr3t"}, {}),
        (
            *(
                5,
                "X-Team",
                ["X-Team"],
                {"X Team": "tax"},
                {"": "tax"},
                {"a:b": "x"},
                {"X-Team": ""},
                {"X-Team": "a\r\nB: c"},
            ),
            *({"X-Team": "caf\u00e9"}, {"X-Team": None}, {"X-Team": "a", "x-team": "b"}, {"X-Key": "**********"}),
            *({name: "x"} for name in ("Authorization", "idempotency-key", "Host", "USER-AGENT", "Content-Length")),
        ),
        {"X-Team: tax\n\n X-Site :  a:b": {"X-Team": "tax", "X-Site": "a:b"}},
    ),
    "ca_bundle": Setting(
        None,
        (certifi.where(), str(_HERE), None),
        ("", "/no/such/file", 5),
        {certifi.where(): certifi.where(), "none": None},
    ),
    "trust": Setting("system", ("certifi", "system"), ("", "mozilla", None, 5), {"certifi": "certifi"}),
    "client_cert": Setting(None, (certifi.where(), None), ("", "/no/such/file", str(_HERE), 5), {}),
    "client_key": Setting(
        None, (certifi.where(), None), ("", "/no/such/file", str(_HERE), 5), {}, {"client_cert": certifi.where()}
    ),
    "client_key_password": Setting(None, (" pa55 ", None), ("", 5), {}, {"client_cert": certifi.where()}),
    "ssl_context": Setting(None, (ssl.create_default_context(), None), ("", True, "tls"), {}, only_in_programs=True),
    "verify_ssl": _switch(True),
    "allow_insecure_http": _switch(False),
    "proxy": Setting(
        None,
        ("http://proxy.example.com:3128", "https://user:pass@proxy.example.com", "socks5h://proxy.example.com", None),
        ("", "proxy.example.com", "ftp://proxy.example.com", "http://[", "http://proxy.example.com:port", 5),
        {"http://proxy.example.com:3128": "http://proxy.example.com:3128", "none": None},
    ),
    "max_connections": Setting(1000, _SIZE, (0, *_NO_COUNT), {"65536": 65536}),
    "max_concurrency": Setting(
        None, (*_SIZE, None), (0, *(bad for bad in _NO_COUNT if bad is not None)), {"8": 8, "none": None}
    ),
    "requests_per_second": Setting(None, (20, 0.5, None), _NO_SECONDS, {"2.5": 2.5, "none": None}),
    "adaptive": _switch(False),
    "tcp_keepalive": _seconds(60.0),
    "transport": Setting("own", ("httpx", "httpx2", "own"), ("", "requests", None, 5), {"httpx": "httpx"}),
    "user_agent": Setting(None, (_TEXT,), ("", "a\u00e9", "a\r\nX: 1", None, 5), {"mine/1": "mine/1"}),
    "trace_requests": _switch(False),
}

POSSIBLE = [(name, value) for name, setting in SETTINGS.items() for value in setting.possible]
IMPOSSIBLE = [(name, value) for name, setting in SETTINGS.items() for value in setting.impossible]
TEXTS = [(name, text, value) for name, setting in SETTINGS.items() for text, value in setting.texts.items()]
