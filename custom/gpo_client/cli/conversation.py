"""A conversation at the terminal."""

from __future__ import annotations

import os
from pathlib import Path

import attrs
from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from rich.text import Text

from gpo_client.cli.asking import Question, ask, in_conversation
from gpo_client.cli.connection import Connection
from gpo_client.cli.console import Screen
from gpo_client.cli.live import terminal_view
from gpo_client.exceptions import GPOClientError
from gpo_client.printable import one_line

_HELP = (
    "Enter sends; Alt+Enter (or Esc, Enter) begins a new line. Ctrl-C cancels an answer; Ctrl-D or /quit leaves.\n"
    "The arrow keys bring earlier questions back."
)


def converse(connection: Connection, question: Question, screen: Screen) -> None:
    """Ask whatever is typed, until whoever types has had enough.

    An answer that fails or is cancelled ends nothing but itself.

    Args:
        connection: The client and its session.
        question: How to ask, and in which conversation; the first question begins one if there is none.
        screen: Where to print.
    """
    screen.show(Text(_HELP, "dim"))
    typed = _prompt(_history(sensitive=question.sensitive))
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
    named = os.environ.get("GPO_HISTORY_FILE")
    if sensitive or named == "none":
        return InMemoryHistory()
    path = Path(named) if named else _state_folder() / "gpo" / "chat_history"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()  # recalling earlier questions is a convenience
    return FileHistory(path)


def _state_folder() -> Path:
    """Where programs keep what users do not edit (XDG Base Directory Specification)."""
    return Path(os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".local" / "state")
