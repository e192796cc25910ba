"""``gpo chat``: a question, or a conversation at the terminal."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import attrs
from cyclopts import Parameter
from rich.text import Text

from gpo_client.cli.asking import Question, ask, in_conversation, read_question
from gpo_client.cli.console import Screen
from gpo_client.cli.exit_codes import CommandError, usage
from gpo_client.cli.live import terminal_view
from gpo_client.cli.options import Common, Connection, OnScreen, Switch, connected
from gpo_client.cli.rows import json_line
from gpo_client.cli.views import AnswerView, JsonView, PlainView
from gpo_client.drivers.files import AtomicFile
from gpo_client.exceptions import GPOClientError, StreamError
from gpo_client.printable import one_line, printable

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyPressEvent

_HELP = (
    "Enter sends; Alt+Enter (or Esc, Enter) begins a new line. Ctrl-C cancels an answer; Ctrl-D or /quit leaves.\n"
    "The arrow keys bring earlier questions back."
)


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
    common: Common = Common(),
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
    typed = _prompt(_history(sensitive=question.sensitive))
    with connected(common, screen) as connection:
        _answer_all(connection, _latest(connection, question) if last else question, typed, screen)


def _answer_all(connection: Connection, question: Question, typed: PromptSession[str], screen: Screen) -> None:
    """Ask whatever is typed until its end. An answer that fails or is cancelled ends nothing but itself."""
    screen.show(Text(_HELP, "dim"))
    while (text := _next_question(typed, screen)) is not None:
        try:
            screen.show(Text())
            question = in_conversation(connection, attrs.evolve(question, text=text))
            ask(connection, question, terminal_view(screen))
        except KeyboardInterrupt:
            screen.show(Text("cancelled", "dim"))
        except GPOClientError as error:
            screen.fail(error)
    if question.conversation_id:
        screen.show(Text(f"To go on: gpo chat --conversation {one_line(question.conversation_id)}", "dim"))


def _next_question(typed: PromptSession[str], screen: Screen) -> str | None:
    """Return what is typed next, never blank; None at the end."""
    while True:
        try:
            text = typed.prompt("\n> ").strip()
        except KeyboardInterrupt:
            continue  # the line is dropped, as in a shell
        except EOFError:
            return None
        if text in ("/quit", "/exit"):
            return None
        if text == "/help":
            screen.show(Text(_HELP, "dim"))
        elif text:
            return text


def _prompt(history: History) -> PromptSession[str]:
    from prompt_toolkit import PromptSession  # takes long to load, and only conversations need it
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    @keys.add("c-j")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return PromptSession(multiline=True, key_bindings=keys, history=history, prompt_continuation=". ")


def _history(*, sensitive: bool) -> History:
    """Earlier questions: kept in a file that only its owner can read, unless they may hold sensitive data."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    named = os.environ.get("GPO_HISTORY_FILE")
    if sensitive or named == "none":
        return InMemoryHistory()
    try:
        path = Path(named) if named else _state_folder() / "gpo" / "chat_history"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except (OSError, RuntimeError):  # the latter for a user without a home, as in some containers
        return InMemoryHistory()  # recalling earlier questions is a convenience
    return FileHistory(path)


def _state_folder() -> Path:
    """Where programs keep what users do not edit (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "state")
