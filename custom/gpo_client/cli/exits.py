"""How a command ends: its exit code, and the one line that says why."""

from __future__ import annotations

from enum import IntEnum

from cyclopts import CycloptsError, UnknownCommandError, UnknownOptionError

from gpo_client.cli.printable import one_line
from gpo_client.exceptions import (
    AuthenticationError,
    ConfigurationError,
    GPOClientError,
    GPOConnectionError,
    InvalidArgumentError,
    PermissionDeniedError,
    StreamError,
    StreamServerError,
)

# A server may explain itself at any length.
_LONGEST_LINE = 1_000

#: The options that settings are given with.
FLAGS = {
    "base_url": "--base-url",
    "api_key": "--api-key-file",
    "timeout": "--timeout",
    "stream_total_timeout": "--timeout",
}


class ExitCode(IntEnum):
    """What the exit code of a command means."""

    OK = 0
    ERROR = 1
    USAGE = 2
    AUTH = 3
    CONNECTION = 4
    CANCELLED = 130
    BROKEN_PIPE = 141


class CommandError(Exception):
    """A command cannot do what it was asked for.

    Args:
        message: One sentence, with the remedy.
        code: The exit code.
    """

    def __init__(self, message: str, code: ExitCode = ExitCode.ERROR) -> None:
        super().__init__(message)
        self.code = code


def usage(message: str) -> CommandError:
    """The error of a command that was called in a way it does not support."""
    return CommandError(message, ExitCode.USAGE)


def exit_code(error: BaseException) -> ExitCode:
    """The exit code of a command that failed with ``error``."""
    match error:
        case CommandError():
            return error.code
        case KeyboardInterrupt():
            return ExitCode.CANCELLED
        case GPOConnectionError():
            return ExitCode.CONNECTION
        case AuthenticationError() | PermissionDeniedError():
            return ExitCode.AUTH
        case StreamServerError() if error.problem.status in (401, 403):
            return ExitCode.AUTH
        case BrokenPipeError():
            return ExitCode.BROKEN_PIPE
        case CycloptsError() | ConfigurationError() | InvalidArgumentError():
            return ExitCode.USAGE
        case _:
            return ExitCode.ERROR


def line_of(error: BaseException) -> str:
    """What went wrong and what to do, in one line."""
    line = one_line(_told(error))
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _told(error: BaseException) -> str:
    match error:
        case KeyboardInterrupt():
            return "cancelled"
        case CycloptsError():
            return _misused(error)
        case ConfigurationError(setting=str(setting), origin="an argument") if setting in FLAGS:
            return error.message.replace("(from an argument)", f"(from option {FLAGS[setting]})")
        case AuthenticationError():
            return f"{_with_request(error)}; check the API key (GPO_API_API_KEY, or --api-key-file)"
        case GPOConnectionError() if not isinstance(error, StreamError):
            return error.message  # no answer came, so nobody over there knows the request
        case GPOClientError():
            return _with_request(error)
        case CommandError():
            return str(error)
        case OSError():
            return ": ".join(part for part in (str(error.filename or ""), error.strerror or str(error)) if part)
        case _:
            return f"unexpected {type(error).__name__}: {error}; --debug shows where"


def _with_request(error: GPOClientError) -> str:
    return f"{error.message} (request {error.request_id})" if error.request_id else error.message


def _misused(error: CycloptsError) -> str:
    match error:
        case UnknownOptionError():
            # Without its value, which may be a secret.
            name = (error.token.keyword or error.token.value).partition("=")[0]
            told = f"there is no option {name}"
        case UnknownCommandError() if error.unused_tokens and error.unused_tokens[0].startswith("-"):
            told = "options come after the command, as in gpo chat --base-url …"
        case _:
            told = str(error).rstrip(".")
    command = " ".join(["gpo", *(error.command_chain or ())])
    return f"{told}; '{command} --help' shows what there is"
