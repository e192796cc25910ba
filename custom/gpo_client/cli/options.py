"""What every command can be told: which service, on whose behalf, how patiently; and its client and session."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args

import attrs
from cyclopts import Group, Parameter, Token

from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import usage
from gpo_client.client import SyncGPOCoreClient
from gpo_client.config import ConfigOverrides, GPOConfig
from gpo_client.config.header_fields import joined
from gpo_client.config.profiles import Profile
from gpo_client.config.sources import current_profile
from gpo_client.exceptions import ConfigurationError, GPOClientError, GPOConnectionError
from gpo_client.flows.observers import ResumeDetails, RetryDetails
from gpo_client.models.secret import Secret
from gpo_client.models.session import Session

#: The screen of a command; not an option of the command line.
OnScreen = Annotated[Screen, Parameter(parse=False)]

#: A switch that is off unless it is named.
Switch = Annotated[bool, Parameter(negative=(), show_default=False)]


def whole_number(_: object, tokens: Sequence[Token]) -> int:
    """Read a whole number; a fraction is none, and is not rounded.

    Raises:
        ValueError: It is none.
    """
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is no whole number") from None


#: A whole number.
Whole = Annotated[int, Parameter(converter=whole_number)]
WholeOrNone = Annotated[int | None, Parameter(converter=whole_number)]

_IDENTITY = {"instance_id": "gpo-cli", "user_id": None, "project_id": None, "environment": None}
# The options that are settings as they stand.
_AS_THEY_ARE = ("base_url", "proxy", "ca_bundle", "client_cert", "client_key")
_ENVIRONMENT_PREFIX = "GPO_SESSION_"
Environment = Literal["production", "staging", "development", "test"]


@Parameter(name="*", group=Group("Service and session", sort_key=90))
@attrs.frozen(kw_only=True)
class Common:
    """The options that all commands share. Each setting also has a variable in the environment."""

    base_url: str | None = None
    """The address of the service. Default: GPO_API_BASE_URL, else the sandbox on this machine."""

    api_key_file: Path | None = None
    """A file that holds the API key and nothing else. Default: GPO_API_API_KEY, if it is set."""

    api_key: Annotated[str | None, Parameter(show=False)] = None
    """Refused: whoever lists the processes of this machine could read it."""

    profile: str | None = None
    """The profile of the settings file. Default: GPO_PROFILE, else "default"."""

    config: Annotated[Path | None, Parameter(name="--config")] = None
    """A settings file (.toml, .json, .yaml). Default: GPO_CONFIG_FILE, else gpo.toml here, else yours."""

    header: tuple[str, ...] = ()
    """A header field for every request, "Name: value"; again for more. Secrets: @FILE, which has one on each line."""

    proxy: str | None = None
    """The address of a proxy: http, https, socks5 or socks5h. Default: GPO_API_PROXY, HTTPS_PROXY and the like."""

    ca_bundle: Path | None = None
    """The certificate authorities to trust: a file, or a folder of files. Default: the system's."""

    client_cert: Path | None = None
    """The certificate to show the service, a PEM file. Default: GPO_API_CLIENT_CERT, else none."""

    client_key: Path | None = None
    """Its private key, if that is in another file."""

    timeout: float | None = None
    """Seconds that a call, or a streamed answer as a whole, may take. Default: 60, and an hour for streams."""

    instance_id: str | None = None
    """The instance of the session. Default: GPO_SESSION_INSTANCE_ID, else gpo-cli."""

    user_id: str | None = None
    """The user of the session. Default: GPO_SESSION_USER_ID, else the name you are logged in under."""

    project_id: str | None = None
    """The project of the session. Default: GPO_SESSION_PROJECT_ID, else none."""

    environment: Environment | None = None
    """The environment of the session. Default: GPO_SESSION_ENVIRONMENT, else none."""

    debug: Switch = False
    """Log what the client does, and show where errors come from."""

    def settings(self, screen: Screen, profile: Profile | None = None) -> GPOConfig:
        """Return the client's settings, from the options, the environment, the profile and the defaults.

        The screen warns, and hides the key. Raises CommandError: an API key was written on the command line, or cannot
        be read from its file; ConfigurationError: a setting is unknown or impossible, or there is no such profile.
        """
        overrides = cast("ConfigOverrides", {name: value for name in _AS_THEY_ARE if (value := getattr(self, name))})
        if self.timeout is not None:
            overrides |= {"timeout": self.timeout, "stream_total_timeout": self.timeout}
        if (api_key := self.read_api_key()) is not None:
            screen.hide(api_key)
            overrides["api_key"] = api_key
        config = GPOConfig.of_profile(profile or self.read_profile(), **overrides)
        if self.header:
            config = config.replace(headers=joined(config.headers, self._headers()))
        for secret in (config.api_key, config.proxy, *config.headers.values()):
            if isinstance(secret, Secret):
                screen.hide(secret)
        return config

    def _headers(self) -> str:
        """Return the header fields that were named, one a line, those in files too. Raises ConfigurationError: a file
        cannot be read.
        """
        return "\n".join(
            _text_of(Path(named[1:]), "the header fields", "headers") if named.startswith("@") else named
            for named in self.header
        )

    def read_profile(self) -> Profile:
        """Read the profile that applies; ConfigurationError if there is none such, or its file cannot be read."""
        return current_profile(self.profile, self.config)

    def identity(self, profile: Profile | None = None) -> dict[str, tuple[str | None, str]]:
        """Return the fields of the session context, each with its value and where that came from."""
        in_profile = (profile or self.read_profile()).session
        found = {name: self._identity(name, in_profile.get(name), default) for name, default in _IDENTITY.items()}
        value, origin = found["environment"]
        if value is not None and value not in (allowed := get_args(Environment)):
            raise usage(f"environment must be one of {', '.join(allowed)}, not {value!r} (from {origin})")
        return found

    def session_context(self, profile: Profile | None = None) -> Mapping[str, Any]:
        """On whose behalf commands act."""
        return {name: value for name, (value, _) in self.identity(profile).items() if value is not None}

    def _identity(self, name: str, in_profile: tuple[str, str] | None, default: str | None) -> tuple[str | None, str]:
        if (given := getattr(self, name)) is not None:
            return given, f"option --{name.replace('_', '-')}"
        variable = _ENVIRONMENT_PREFIX + name.upper()
        if value := os.environ.get(variable):
            return value, f"environment variable {variable}"
        if in_profile is not None:
            return in_profile
        if name == "user_id":
            return _login_name(), "the name you are logged in under"
        return default, "the default"

    def read_api_key(self) -> str | None:
        """Read the key from the file that was named for it; None when none was. Raises CommandError: a key was written
        on the command line; ConfigurationError: the file cannot be read, or is empty.
        """
        if self.api_key is not None:
            raise usage(
                "an API key on the command line can be read by everybody on this machine:"
                " put it into GPO_API_API_KEY, or into a file and name that with --api-key-file"
            )
        if self.api_key_file is None:
            return None
        if not (key := _text_of(self.api_key_file, "the API key", "api_key").strip()):
            origin = f"file {self.api_key_file}"
            raise ConfigurationError(f"there is no API key in {origin}: it is empty", setting="api_key", origin=origin)
        return key


def _text_of(file: Path, what: str, setting: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        message = f"cannot read {what} in file {file}: {reason}"
        raise ConfigurationError(message, setting=setting, origin=f"file {file}") from error


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:  # a user without a name, as in some containers
        raise usage("you have no login name: set GPO_SESSION_USER_ID, or --user-id") from error


#: Seconds that ending a session, or deleting what was only a trial, may take: a courtesy that nobody should wait for.
FAREWELL_S = 2.0


class Progress:
    """Tells whoever is waiting what the client is doing about a failure."""

    def __init__(self) -> None:
        #: Shows a text. Nobody does, at first.
        self.tell: Callable[[str], None] = lambda _: None

    def retrying(self, details: RetryDetails) -> None:
        """Say that a call failed and will be sent again."""
        self.tell(f"no luck ({details.reason}); trying again in {details.delay:.1f} s")

    def resuming(self, details: ResumeDetails) -> None:
        """Say that a stream broke and will be continued."""
        self.tell(f"the connection broke ({details.reason}); continuing in {details.delay:.1f} s")


@attrs.frozen
class Connection:
    """What a command talks through."""

    client: SyncGPOCoreClient  # the client, closed by whoever opened the connection
    session: Session
    progress: Progress  # where to listen for what the client does about failures


@contextmanager
def connected(common: Common, screen: Screen) -> Generator[Connection]:
    """Open a session, and end it with the block."""
    config = common.settings(screen).replace(auto_renew_token=True)
    progress = Progress()
    with SyncGPOCoreClient(config, on_retry=progress.retrying, on_resume=progress.resuming) as client:
        session = None
        try:
            with screen.waiting("opening a session"):
                session = client.session(common.session_context())
            screen.hide(session.token)
            yield Connection(client, session, progress)
        except GPOConnectionError:
            session = None  # whom nothing reaches cannot be told goodbye
            raise
        finally:
            if session is not None:
                try:
                    say_goodbye(client, session)
                except BaseException:  # a signal, which may have come before the farewell was sent
                    say_goodbye(client, session)
                    raise


def say_goodbye(client: SyncGPOCoreClient, session: Session) -> None:
    """End a session: one that is not ended stays valid for as long as its token does."""
    with suppress(GPOClientError):
        client.logout(session, timeout=FAREWELL_S, max_retries=0)


@contextmanager
def logged(screen: Screen) -> Generator[None]:
    """Show on standard error what the client does, for ``--debug``. Logs hold ids and times, no texts or tokens."""

    class _ToScreen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            screen.log(self.format(record))

    handler = _ToScreen()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logger = logging.getLogger("gpo_client")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
