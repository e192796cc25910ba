"""The settings of a client."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, Unpack

import attrs

from gpo_client.config import rules
from gpo_client.config.header_fields import HeaderFields
from gpo_client.config.keys import KeyFunction, KeyPlace, TokenCredential, is_provider, origin_of, wants_scope
from gpo_client.config.overrides import ConfigOverrides
from gpo_client.config.profiles import DEFAULT_PROFILE, Profile
from gpo_client.config.rules import require_https
from gpo_client.config.sources import (
    Origins,
    Value,
    current_profile,
    from_environment,
    from_profile,
    load_profile,
    resolve,
)
from gpo_client.exceptions import ConfigurationError
from gpo_client.models.secret import SHOWN, Secret
from gpo_client.version import VERSION

#: What starts a sandbox, in a shell. It has other names too; this is the one that errors advise.
START_SANDBOX = "gpo sandbox"
#: Where it listens unless told otherwise.
SANDBOX_URL = "http://127.0.0.1:8760"


def _setting(rule: rules.Rule, default: Any) -> Any:
    def check(_: object, field: attrs.Attribute[Any], value: object) -> None:
        rule.check(field.name, value, "an argument")

    return attrs.field(default=default, converter=rule.normal, validator=check, metadata={"rule": rule})


@attrs.frozen(kw_only=True)
class GPOConfig:
    """The settings of a client. Immutable; :meth:`replace` gives a changed copy.

    Thread and task safety: it does not change, so it may be shared by threads and tasks.

    Where several sources name a setting, arguments beat the environment, the environment beats the file, and the file
    beats the defaults. The constructor itself looks at its arguments only.

    Attributes:
        base_url: The address of the API: https, or http on this machine, or ``http+unix:///run/gpo.sock`` for a Unix
            socket. Default: the sandbox on this machine.
        api_key: The bearer of ``POST /api/User/session``, if the service wants one: a text, or in programs a function
            that gives it (on ``GPOCoreClient`` perhaps awaited) or a ``TokenCredential`` of azure-identity. These are
            asked whenever a session is opened or renewed, and once more after a 401; calls at the same time share one
            asking. Default none. Masked in ``repr``.
        api_key_scope: What a ``TokenCredential`` is asked for a token of, such as ``api://gpo/.default``. Default none.
        timeout: Seconds that an ordinary call may take, each attempt on its own. Default 60; None: no limit.
        connect_timeout: Seconds to establish a connection. Default 10; None: no limit.
        max_retries: How often a call is tried again after a failure that may pass. Default 2; 0: never.
        retry_backoff_factor: Seconds that the wait between tries is at most, the first time; it doubles with each
            failure. Default 0.5.
        retry_max_delay: The longest single wait, in seconds, whoever asks for it. Default 30.
        retry_max_elapsed: Seconds since the beginning of a call after which it is not tried again. Default 120; None:
            no limit.
        max_resumes: How often a broken stream is continued without any new chunk in between. Default 3; 0: never.
        auto_renew_token: Whether sessions opened by the client are opened again when their token ends. Default False.
        token_renewal_buffer: Seconds before its end at which a token is renewed. Default 60.
        stream_first_chunk_timeout: Seconds to wait for a stream's first chunk. Default 120; None: no limit.
        stream_idle_timeout: Seconds without a single byte, not even a heartbeat, that end a stream. Default 60; None:
            no limit.
        stream_heartbeat_timeout: Seconds without a chunk, heartbeats or not, that end a stream that has begun.
            Default 300; None: no limit.
        stream_total_timeout: Seconds that a whole stream may take. Default 3600; None: no limit.
        max_event_bytes: The largest single event of a stream, in bytes. It has a value for each 128 of them at most,
            where a list or an object counts as eight. Default 8 MiB.
        max_sources: How many sources of a streamed answer are kept. Default 1000.
        max_source_bytes: How many bytes of sources and metadata of a streamed answer are kept, about. Default 16 MiB.
        max_stream_bytes: The most bytes of a whole stream, heartbeats included, decompressed. Default 256 MiB, which no
            answer comes near: it ends what would go on until ``stream_total_timeout``.
        max_response_bytes: The largest body of any other response, downloads apart, in bytes, decompressed. Default
            8 MiB: a page of 100 messages with 80 kB of text and sources each. It may hold one value for each 128
            of these bytes (65,536), since reading a value costs more than its bytes.
        max_download_bytes: The largest file of a download or an export, in bytes, decompressed. Default 1 GiB, which
            disks have room for; None: no limit. Into memory, it is 64 MiB at most.
        headers: Header fields to send with every request, such as a gateway's key: a mapping, or a text with
            ``Name: value`` on each line. Those of a call win. Default none. Secrets are masked in ``repr``.
        ca_bundle: The certificate authorities to trust, and no others: a file, or a folder of files, in PEM or DER.
            Default none: those in ``SSL_CERT_FILE``, ``SSL_CERT_DIR`` or ``REQUESTS_CA_BUNDLE``, else ``trust``.
        trust: Whose authorities to trust where no others are named: those of the operating system (``"system"``), or
            those of the package certifi (``"certifi"``). Default "system".
        client_cert: The certificate that the client shows the server, a PEM file. Default none.
        client_key: The private key of ``client_cert``, a PEM file. Default none: it is in the same file.
        client_key_password: The password of the private key. Default none. Masked in ``repr``.
        ssl_context: An ``ssl.SSLContext`` for all that TLS is to do, in the place of the five settings above and of
            ``verify_ssl``. In programs only. Default none.
        verify_ssl: Whether to verify the server's TLS certificate. Default True; switch it off in experiments only.
            Each client that connects without says so with an ``InsecureConnectionWarning``.
        allow_insecure_http: Whether ``base_url`` may be http on another machine, where everybody on the way can read
            tokens and answers. Default False.
        proxy: The address of a proxy for all requests, perhaps with name and password: http, https, socks5 (names are
            resolved here) or socks5h (by the proxy). Default none: what ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``
            and ``NO_PROXY`` say. Masked in ``repr``: it may hold a password.
        max_connections: Connections open at once, on each event loop; further calls wait for one. Default 1000.
        max_concurrency: Calls under way at once, all copies of the client together; further calls wait for their turn.
            Default none: no limit.
        requests_per_second: Requests that may begin each second, all copies of the client together, evenly spread.
            Default none: no limit.
        adaptive: Whether to find out how many calls the service takes, within these limits: fewer when it answers 429,
            503 or not in time, then carefully more. Default False.
        tcp_keepalive: After so much silence on a connection the system asks whether the other side is still there (TCP
            keepalive). Default 60; None: never.
        transport: What carries requests: ``"own"``, connections of the client's own; ``"httpx"`` or ``"httpx2"``, a
            client of that library with the same settings, for what instruments it. Default "own".
        user_agent: The ``User-Agent`` to send.
        trace_requests: Whether to log, at level INFO to ``gpo_client.trace``, what is sent and what comes back: method,
            path, status, times and ids, and never a text or a token. Without any logging set up it goes to standard
            error. Default False.

    Raises:
        ConfigurationError: A value is impossible; the error names the setting and where the value came from.

    >>> GPOConfig(timeout=5).replace(base_url="https://gpo.example.com/").base_url
    'https://gpo.example.com'
    """

    base_url: str = _setting(rules.BASE_URL, SANDBOX_URL)
    api_key: Secret | KeyFunction | TokenCredential | None = _setting(rules.API_KEY, None)
    api_key_scope: str | None = _setting(rules.TEXT, None)
    timeout: float | None = _setting(rules.SECONDS, 60.0)
    connect_timeout: float | None = _setting(rules.SECONDS, 10.0)
    max_retries: int = _setting(rules.COUNT, 2)
    retry_backoff_factor: float = _setting(rules.DURATION, 0.5)
    retry_max_delay: float = _setting(rules.DURATION, 30.0)
    retry_max_elapsed: float | None = _setting(rules.SECONDS, 120.0)
    max_resumes: int = _setting(rules.COUNT, 3)
    auto_renew_token: bool = _setting(rules.SWITCH, False)
    token_renewal_buffer: float = _setting(rules.DURATION, 60.0)
    stream_first_chunk_timeout: float | None = _setting(rules.SECONDS, 120.0)
    stream_idle_timeout: float | None = _setting(rules.SECONDS, 60.0)
    stream_heartbeat_timeout: float | None = _setting(rules.SECONDS, 300.0)
    stream_total_timeout: float | None = _setting(rules.SECONDS, 3600.0)
    max_event_bytes: int = _setting(rules.SIZE, 8 * 1024 * 1024)
    max_sources: int = _setting(rules.SIZE, 1000)
    max_source_bytes: int = _setting(rules.SIZE, 16 * 1024 * 1024)
    max_stream_bytes: int = _setting(rules.SIZE, 256 * 1024 * 1024)
    max_response_bytes: int = _setting(rules.SIZE, 8 * 1024 * 1024)
    max_download_bytes: int | None = _setting(rules.SIZE_OR_NONE, 1024 * 1024 * 1024)
    headers: Mapping[str, str] = _setting(rules.HEADERS, HeaderFields())
    ca_bundle: str | None = _setting(rules.FILE_OR_FOLDER, None)
    trust: Literal["system", "certifi"] = _setting(rules.TRUST, "system")
    client_cert: str | None = _setting(rules.FILE, None)
    client_key: str | None = _setting(rules.FILE, None)
    client_key_password: Secret | None = _setting(rules.PASSWORD, None)
    ssl_context: ssl.SSLContext | None = _setting(rules.TLS_CONTEXT, None)
    verify_ssl: bool = _setting(rules.SWITCH, True)
    allow_insecure_http: bool = _setting(rules.SWITCH, False)
    proxy: Secret | None = _setting(rules.PROXY, None)
    max_connections: int = _setting(rules.SIZE, 1000)
    max_concurrency: int | None = _setting(rules.SIZE_OR_NONE, None)
    requests_per_second: float | None = _setting(rules.RATE, None)
    adaptive: bool = _setting(rules.SWITCH, False)
    tcp_keepalive: float | None = _setting(rules.SECONDS, 60.0)
    transport: Literal["own", "httpx", "httpx2"] = _setting(rules.TRANSPORT, "own")
    user_agent: str = _setting(rules.HEADER, f"gpo-client/{VERSION}")
    trace_requests: bool = _setting(rules.SWITCH, False)
    _origins: Origins = attrs.field(factory=dict[str, str], init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Refuse what only several settings together make impossible."""
        _check_together({name: Value(getattr(self, name), "an argument") for name in _RULES})

    @classmethod
    def from_env(cls, prefix: str = "GPO_API_", **overrides: Unpack[ConfigOverrides]) -> Self:
        """Return the settings that the environment gives, such as ``GPO_API_BASE_URL``, changed by ``overrides``.

        Args:
            prefix: What the names of the variables begin with; the setting's name in upper case follows.
            overrides: Settings that beat the environment.

        Raises:
            ConfigurationError: A value is impossible; the error names the variable.
        """
        return cls._build(from_environment(_RULES, os.environ, prefix), overrides)

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], *, prefix: str = "GPO_API_", **overrides: Unpack[ConfigOverrides]
    ) -> Self:
        """Return the settings in a file; the environment beats the file, ``overrides`` beat both.

        Args:
            path: A ``.json``, ``.toml`` or, with the extra ``yaml``, ``.yaml``/``.yml`` file with the settings as its
                top-level keys. Of its profiles the one called ``default`` applies, if there is one.
            prefix: As in :meth:`from_env`.
            overrides: Settings that beat file and environment.

        Raises:
            ConfigurationError: The file cannot be read, names an unknown setting, or has an impossible value.
        """
        return cls.of_profile(load_profile(Path(path), DEFAULT_PROFILE), prefix, **overrides)

    @classmethod
    def from_profile(
        cls,
        name: str | None = None,
        *,
        path: str | os.PathLike[str] | None = None,
        prefix: str = "GPO_API_",
        **overrides: Unpack[ConfigOverrides],
    ) -> Self:
        """Return the settings of a profile, as the command ``gpo --profile NAME`` has them, with the key that it keeps.

        ::

            client = SyncGPOCoreClient(GPOConfig.from_profile("work"))

        Args:
            name: The profile: a table ``[profile.NAME]`` of the settings file. What it leaves out is taken from the
                top of the file. Default: ``GPO_PROFILE``, else ``"default"``, which need not exist.
            path: The settings file. Default: that of ``GPO_CONFIG_FILE``, else ``gpo.toml`` in the working directory,
                else ``gpo.toml`` in the user's folder for settings (``gpo config path`` names it).
            prefix: As in :meth:`from_env`.
            overrides: Settings that beat file and environment.

        Raises:
            ConfigurationError: There is no such profile, its file or its key cannot be read, or a setting is unknown
                or impossible.
        """
        return cls.of_profile(current_profile(name, path), prefix, **overrides)

    @classmethod
    def of_profile(cls, profile: Profile, prefix: str = "GPO_API_", **overrides: Unpack[ConfigOverrides]) -> Self:
        """Return the settings of a profile that has been read, with those of the environment; ``overrides`` beat both.

        Raises:
            ConfigurationError: Its key cannot be read, or a setting is unknown or impossible.
        """
        values = from_profile(_RULES, profile) | from_environment(_RULES, os.environ, prefix)
        if profile.key_store and "api_key" not in {*values, *overrides}:
            address = overrides.get("base_url") or (values["base_url"].value if "base_url" in values else SANDBOX_URL)
            place = KeyPlace(profile.name, rules.normal_address(address))
            if (key := place.read(profile.key_store)) is not None:
                values["api_key"] = Value(key, origin_of(profile.key_store))
        return cls._build(values, overrides)

    def replace(self, **changes: Unpack[ConfigOverrides]) -> Self:
        """Return a copy with some settings changed.

        Raises:
            ConfigurationError: A value is impossible, or there is no such setting.
        """
        kept = {name: Value(getattr(self, name), self.origin(name)) for name in _RULES}
        return self._build(kept, changes)

    def to_dict(self) -> dict[str, Any]:
        """All settings by name, for logs and bug reports: secrets are masked."""
        values = {name: getattr(self, name) for name in _RULES}
        return {name: _shown(value) for name, value in values.items()}

    def origin(self, name: str) -> str:
        """Return where the setting ``name`` has its value from, such as ``"environment variable GPO_API_TIMEOUT"``."""
        return self._origins.get(name, "an argument or the default")

    @classmethod
    def of_client(cls, config: object, **overrides: Unpack[ConfigOverrides]) -> GPOConfig:
        """Return the settings of a client: those it is given, else those of the environment; ``overrides`` beat both.

        Raises:
            ConfigurationError: ``config`` is no GPOConfig, or a setting is unknown or impossible.
        """
        if config is None:
            return cls.from_env(**overrides)
        if isinstance(config, GPOConfig):
            return config.replace(**overrides)
        kind = type(config).__name__
        raise ConfigurationError(f"config must be a GPOConfig, not a {kind}; single settings are named: base_url=…")

    @classmethod
    def _build(cls, values: Mapping[str, Value], overrides: ConfigOverrides) -> Self:
        resolved = resolve(_RULES, values, overrides)
        _check_together(resolved)
        config = cls(**{name: value.value for name, value in resolved.items()})
        origins = {name: resolved[name].origin if name in resolved else "the default" for name in _RULES}
        object.__setattr__(config, "_origins", origins)
        return config


def _check_together(settings: Mapping[str, Value]) -> None:
    """Refuse what only several settings together make impossible."""

    def value(name: str) -> Any:
        return settings[name].value if name in settings else None

    if value("base_url") is not None:
        require_https(value("base_url"), bool(value("allow_insecure_http")), settings["base_url"].origin)
    if wants_scope(value("api_key"), value("api_key_scope")):
        message = "api_key is a credential: say what for with api_key_scope, such as api://gpo/.default"
        raise ConfigurationError(message, setting="api_key_scope", origin=settings["api_key"].origin)
    for name in ("client_key", "client_key_password"):
        if value(name) is not None and value("client_cert") is None:
            origin = settings[name].origin
            message = f"{name} (from {origin}) has no certificate: set client_cert (GPO_API_CLIENT_CERT)"
            raise ConfigurationError(message, setting=name, origin=origin)


def _shown(value: Any) -> Any:
    if isinstance(value, HeaderFields):
        return {name: _shown(field) for name, field in value.items()}
    return SHOWN if isinstance(value, Secret) or is_provider(value) else value


_RULES: dict[str, rules.Rule] = {
    field.name: field.metadata["rule"] for field in attrs.fields(GPOConfig) if "rule" in field.metadata
}
