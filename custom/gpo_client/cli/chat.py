"""``gpo chat``."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import attrs
from cyclopts import Parameter

from gpo_client.cli.asking import Question, ask, in_conversation, read_question
from gpo_client.cli.connection import Connection, connected
from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.live import terminal_view
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.cli.rows import json_line
from gpo_client.cli.views import AnswerView, JsonView, PlainView
from gpo_client.drivers.files import AtomicFile
from gpo_client.exceptions import StreamError
from gpo_client.printable import printable


def chat(
    question: str | None = None,
    /,
    *,
    stdin: Annotated[Switch, Parameter(name="-")] = False,
    json: Switch = False,
    no_stream: Switch = False,
    output: Annotated[Path | None, Parameter(name=("--output", "-o"))] = None,
    sensitive: Switch = False,
    last: Annotated[Switch, Parameter(name=("--continue", "-c", "--last"))] = False,
    conversation: Annotated[str | None, Parameter(name=("--conversation", "--cid"))] = None,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> None:
    """Ask a question. Without one, start a conversation.

    On a terminal the answer is rendered as Markdown and its sources follow as a table; in a pipe both are plain text.

    Args:
        question: The question. What is piped in is sent after it; without a question it is the question. If nothing
            is, and standard input is a terminal, a conversation begins.
        stdin: Read standard input, even if it is a terminal.
        json: Print each chunk of the answer as a JSON object on a line of its own.
        no_stream: Wait for the whole answer.
        output: Write the answer to this file, which appears when the answer is whole.
        sensitive: The question may hold sensitive data: have it checked, and get the answer whole, with warnings.
        last: Continue your last conversation.
        conversation: Continue this conversation. Default: begin one.
        common: What all commands can be told.
        screen: Where to print.
    """
    if last and conversation is not None:
        raise usage("--continue and --conversation do not go together: the one says which the other asks for")
    with screen.waiting("reading standard input"):
        text = read_question(question, from_stdin=stdin)
    asked = Question(text=text or "", conversation_id=conversation or "", streamed=not no_stream, sensitive=sensitive)
    if text is None:
        if json or output is not None:
            raise usage("--json and --output want a question")
        return _converse(asked, common, screen, last=last)
    with connected(common, screen) as connection:
        asked = in_conversation(connection, _latest(connection, asked) if last else asked)
        if output is None:
            return ask(connection, asked, _json_view(screen, asked) if json else terminal_view(screen))
        with _into_file(output, screen) as file:
            return ask(connection, asked, _file_view(file, asked, json=json))


def _latest(connection: Connection, question: Question) -> Question:
    """Return the question in the conversation that was active last, of those that take questions."""
    page = connection.client.list_conversations(connection.session, page_size=10)
    found = next((each.conversation_id for each in page if each.status != "closed"), None)
    if found is None:
        raise CommandError("there is no conversation to continue yet: ask without --continue first")
    return attrs.evolve(question, conversation_id=found)


def _json_view(screen: Screen, question: Question) -> AnswerView:
    return JsonView(screen.write_json, question.conversation_id)


def _file_view(file: AtomicFile, question: Question, *, json: bool) -> AnswerView:
    def write(text: str) -> None:
        file.write(printable(text).encode())

    def write_json(value: Mapping[str, Any]) -> None:
        file.write(f"{json_line(value)}\n".encode())

    return JsonView(write_json, question.conversation_id) if json else PlainView(write)


@contextmanager
def _into_file(path: Path, screen: Screen) -> Generator[AtomicFile]:
    """Return a file that appears when the block is done. What had arrived of a broken answer is kept beside it."""
    if path.is_dir():
        raise usage(f"{path} is a folder: --output wants the name of a file")
    file = AtomicFile(path, path.name)
    try:
        with screen.waiting(f"writing the answer to {path}"):
            yield file
        file.commit()
    except StreamError as error:
        if kept := file.keep_beside(".partial"):
            error.add_note(f"what had arrived is in {kept}")
        raise
    finally:
        file.close()
    screen.note(f"wrote {path}")


def _converse(question: Question, common: Common, screen: Screen, *, last: bool) -> None:
    if not screen.is_terminal:
        raise usage("a conversation needs a terminal: give a question, or write it to standard input")
    from gpo_client.cli.conversation import converse  # what it needs takes long to load

    with connected(common, screen) as connection:
        converse(connection, _latest(connection, question) if last else question, screen)
