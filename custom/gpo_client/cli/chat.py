"""``gpo chat``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import shorten
from typing import Annotated, Any

from cyclopts import Parameter

from gpo_client.cli.answer.asking import Manner, ask
from gpo_client.cli.answer.live import LiveView
from gpo_client.cli.answer.view import AnswerView, JsonView, PlainView
from gpo_client.cli.connection import Connection, connected
from gpo_client.cli.exits import usage
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.cli.printable import json_line, one_line, printable
from gpo_client.cli.screen import Screen
from gpo_client.drivers.files import AtomicFile

_TITLE_CHARS = 80


def chat(
    question: str | None = None,
    /,
    *,
    stdin: Annotated[Switch, Parameter(name="-")] = False,
    json: Switch = False,
    no_stream: Switch = False,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    sensitive: Switch = False,
    conversation: Annotated[str | None, Parameter(name=("--conversation", "-c"))] = None,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> None:
    """Ask a question, and watch the answer being written. Without a question: a conversation.

    On a terminal the answer is rendered as Markdown and its sources follow as a table; in a pipe both are plain text.

    Args:
        question: The question. Without one, it is read from standard input; if that is a terminal, a conversation
            begins.
        stdin: Read the question from standard input.
        json: Print each chunk of the answer as a JSON object on a line of its own.
        no_stream: Wait for the whole answer.
        output: Write the answer to this file, which appears when the answer is whole.
        sensitive: The question may hold sensitive data: have it checked, and get the answer whole, with warnings.
        conversation: Go on with this conversation. Default: begin one.
        common: What all commands can be told.
        screen: Where to print.
    """
    asked = _question(question, from_stdin=stdin)
    manner = Manner(streamed=not no_stream, sensitive=sensitive)
    if asked is None:
        _converse(conversation, manner, common, screen, wants_file=json or output is not None)
        return
    with connected(common, screen) as connection:
        # A title is listed where the question itself is not, so a sensitive one gives none.
        conversation_id = conversation or begin_conversation(connection, None if sensitive else asked)
        if output is None:
            ask(connection, conversation_id, asked, manner, _view(screen, conversation_id, json=json))
        else:
            _ask_into_file(connection, conversation_id, asked, manner, output, screen, json=json)


def begin_conversation(connection: Connection, question: str | None = None) -> str:
    """The id of a new conversation, which is named after its first question."""
    request = {"title": shorten(one_line(question), _TITLE_CHARS, placeholder="…")} if question else None
    return connection.client.start_conversation(connection.session, request).conversation_id


def terminal_view(screen: Screen) -> AnswerView:
    """How an answer is shown where somebody reads it."""
    return LiveView(screen.console) if screen.is_live else PlainView(screen.write)


def _view(screen: Screen, conversation_id: str, *, json: bool) -> AnswerView:
    return JsonView(screen.write_json, conversation_id) if json else terminal_view(screen)


def _ask_into_file(
    connection: Connection,
    conversation_id: str,
    question: str,
    manner: Manner,
    output: Path,
    screen: Screen,
    *,
    json: bool,
) -> None:
    if output.is_dir():
        raise usage(f"{output} is a folder: --output wants the name of a file")
    file = AtomicFile(output, output.name)

    def write(text: str) -> None:
        file.write(printable(text).encode())

    def write_json(value: Mapping[str, Any]) -> None:
        file.write(f"{json_line(value)}\n".encode())

    try:
        view = JsonView(write_json, conversation_id) if json else PlainView(write)
        with screen.waiting(f"writing the answer to {output}"):
            ask(connection, conversation_id, question, manner, view)
        file.commit()
    finally:
        file.close()
    screen.note(f"wrote {output}")


def _converse(
    conversation: str | None, manner: Manner, common: Common, screen: Screen, *, wants_file: bool
) -> None:
    if wants_file:
        raise usage("--json and --output want a question")
    if not screen.is_terminal:
        raise usage("a conversation needs a terminal: give a question, or write it to standard input")
    from gpo_client.cli.conversation import converse

    with connected(common, screen) as connection:
        converse(connection, conversation or begin_conversation(connection), manner, screen)


def _question(given: str | None, *, from_stdin: bool) -> str | None:
    """The question; None when somebody sits at the terminal and has not asked one yet."""
    if given is not None and from_stdin:
        raise usage("give a question or -, not both")
    if given is None:
        if not from_stdin and _is_terminal(sys.stdin):
            return None
        given = _standard_input()
    if not given.strip():
        raise usage("the question is empty")
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise usage("the question is not text in UTF-8") from error
    return given


def _is_terminal(stream: Any) -> bool:
    return stream is not None and stream.isatty()


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode().strip()
    except UnicodeDecodeError as error:
        raise usage("the question on standard input is not text in UTF-8") from error
    except AttributeError as error:  # closed by whoever started the process
        raise usage("there is no question: standard input is closed") from error
