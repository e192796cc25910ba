"""The question of ``gpo chat``: what was typed, what is piped in, or both."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gpo_client.cli.exit_codes import CommandError, usage

#: The longest question that the service accepts, in characters (``query`` in openapi.yaml).
MOST_CHARS = 32_768
# UTF-8 takes at most so many for each.
_MOST_BYTES = 4 * MOST_CHARS


def read_question(given: str | None, *, from_stdin: bool) -> str | None:
    """Return the question; None when somebody sits at the terminal and has not asked one yet.

    Args:
        given: What was typed.
        from_stdin: Whether standard input was asked for.

    Raises:
        CommandError: There is no question, it is too long, or it is no text.
    """
    if given is None and not from_stdin and _is_terminal(sys.stdin):
        return None
    piped = "" if _is_terminal(sys.stdin) and not from_stdin else _piped(wanted=given is None or from_stdin)
    text = "\n\n".join(part for part in (given or "", piped) if part.strip())
    if not text:
        raise usage("the question is empty")
    if len(text) > MOST_CHARS and piped:
        raise _too_long()
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise usage("the question is not text in UTF-8") from error
    return text


def read_input(path: Path) -> str:
    """Read the text in a file, or in standard input when its name is ``-``.

    Raises:
        CommandError: It is too long, or no text.
        OSError: It cannot be read.
    """
    if str(path) == "-":
        return _piped(wanted=True)
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage(f"{path} is not text in UTF-8") from error


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _piped(*, wanted: bool) -> str:
    """Return what standard input holds, without blank lines around it.

    Nothing where there is none, unless it is wanted.
    """
    try:
        data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    except (AttributeError, OSError, ValueError) as error:  # closed by whoever started the process, or not to be read
        if wanted:
            raise usage("there is no question: standard input is closed") from error
        return ""
    if len(data) > _MOST_BYTES:
        raise _too_long()
    try:
        return data.decode("utf-8-sig").lstrip("\r\n").rstrip()
    except UnicodeDecodeError as error:
        raise usage("what is piped in is not text in UTF-8") from error


def _too_long() -> CommandError:
    return usage(f"the question with what is piped in is longer than {MOST_CHARS:,} characters: send less of it")
