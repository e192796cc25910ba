"""How a command ends: its exit code, and the one line that says why."""

from __future__ import annotations

import re
from enum import IntEnum

from cyclopts import CycloptsError, MissingArgumentError, UnknownCommandError, UnknownOptionError, UnusedCliTokensError

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
from gpo_client.printable import one_line

# A server may explain itself at any length.
_LONGEST_LINE = 1_000

# How options are written; what is not may be a text, such as "-5 + 3?".
_OPTION = re.compile(r"--?[A-Za-z][\w-]*")

#: The options that settings are given with.
FLAGS = {
    "base_url": "--base-url",
    "api_key": "--api-key-file",
    "headers": "--header",
    "proxy": "--proxy",
    "ca_bundle": "--ca-bundle",
    "client_cert": "--client-cert",
    "client_key": "--client-key",
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
    """A command cannot do what it was asked for: a sentence with the remedy, and the exit code."""

    def __init__(self, message: str, code: ExitCode = ExitCode.ERROR) -> None:
        super().__init__(message)
        self.code = code


def usage(message: str) -> CommandError:
    """Return the error of a command that was called in a way it does not support."""
    return CommandError(message, ExitCode.USAGE)


_CODES: tuple[tuple[tuple[type[BaseException], ...], ExitCode], ...] = (
    ((KeyboardInterrupt,), ExitCode.CANCELLED),
    ((GPOConnectionError,), ExitCode.CONNECTION),  # before what it is besides: a ConnectionError
    ((BrokenPipeError,), ExitCode.BROKEN_PIPE),
    ((AuthenticationError, PermissionDeniedError), ExitCode.AUTH),
    ((CycloptsError, ConfigurationError, InvalidArgumentError), ExitCode.USAGE),
)


def exit_code(error: BaseException) -> ExitCode:
    """Return the exit code of a command that failed with ``error``."""
    if isinstance(error, CommandError):
        return error.code
    if isinstance(error, StreamServerError) and error.problem.status in (401, 403):
        return ExitCode.AUTH
    return next((code for kinds, code in _CODES if isinstance(error, kinds)), ExitCode.ERROR)


def line_of(error: BaseException) -> str:
    """Return what went wrong and what to do, in one line."""
    line = one_line("; ".join([_told(error), *getattr(error, "__notes__", ())]))
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _told(error: BaseException) -> str:
    if isinstance(error, GPOClientError):
        return _failed(error)
    match error:
        case KeyboardInterrupt():
            return "cancelled"
        case CycloptsError():
            return _misused(error)
        case CommandError():
            return str(error)
        case OSError():
            return ": ".join(part for part in (str(error.filename or ""), error.strerror or str(error)) if part)
        case _:
            return f"unexpected {type(error).__name__}: {error}; --debug shows where"


def _failed(error: GPOClientError) -> str:
    message = error.message
    if isinstance(error, ConfigurationError) and error.setting:
        message = with_option(message, error.setting)
    # Where no answer came, nobody over there knows the request.
    if error.request_id and (error.status_code or isinstance(error, StreamError)):
        message += f" (request {error.request_id})"
    if isinstance(error, AuthenticationError):
        message += "; check the API key (gpo login, GPO_API_API_KEY or --api-key-file)"
    return message


def with_option(text: str, setting: str) -> str:
    """Return a text about a setting in which what the library calls an argument is the option that gives it."""
    return text.replace("(from an argument)", f"(from option {FLAGS[setting]})") if setting in FLAGS else text


def _misused(error: CycloptsError) -> str:
    command = " ".join(["gpo", *(error.command_chain or ())])
    match error:
        case UnknownOptionError():
            # Without its value, which may be a secret.
            option = (error.token.keyword or error.token.value).partition("=")[0]
            told = f"there is no option {option}"
            if not _OPTION.fullmatch(option):
                return f"{told}; put -- before a text that begins with a hyphen: {command} -- TEXT"
        case UnknownCommandError() if error.unused_tokens and error.unused_tokens[0].startswith("-"):
            told = "options come after the command, as in gpo chat --base-url …"
        case UnknownCommandError():  # without the half of all commands that would follow
            told = str(error).partition(" Available commands:")[0].rstrip(".")
        case MissingArgumentError(keyword=None, argument=wanted) if wanted is not None and not wanted.tokens:
            told = f"{command} needs {wanted.name}"
        case UnusedCliTokensError(unused_tokens=[token, *_]):
            told = f"{token!r} is one argument too many: put quotes around a text of several words"
        case _:
            told = str(error).rstrip(".")
    return f"{told}; '{command} --help' shows what there is"
