"""The event-stream standard transcribed, slowly and without a thought for portions: what the machines are held to.

WHATWG HTML §9.2.6, "Interpreting an event stream". The names are those of the standard.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gpo_client import ServerSentEvent


@dataclass
class EventSource:
    """What the standard keeps for a stream."""

    events: list[ServerSentEvent] = field(default_factory=list[ServerSentEvent])
    last_event_id_string: str = ""
    reconnection_time: int | None = None


class Interpreter:
    """The buffers of the standard, and what it does with a line."""

    def __init__(self) -> None:
        self.source = EventSource()
        self.data_buffer = ""
        self.event_type_buffer = ""
        self.last_event_id_buffer = ""
        self.retry_of_block: int | None = None

    def line(self, line: str) -> None:
        """Process one line."""
        if line == "":
            self.dispatch()
        elif line[0] == ":":
            pass
        elif ":" in line:
            colon = line.index(":")
            value = line[colon + 1 :]
            if value[:1] == " ":
                value = value[1:]
            self.field(line[:colon], value)
        else:
            self.field(line, "")

    def field(self, name: str, value: str) -> None:
        """Process one field."""
        if name == "event":
            self.event_type_buffer = value
        elif name == "data":
            self.data_buffer += value + "\n"
        elif name == "id" and "\0" not in value:
            self.last_event_id_buffer = value
        elif name == "retry" and value and all(c in "0123456789" for c in value):
            self.source.reconnection_time = self.retry_of_block = int(value)

    def dispatch(self) -> None:
        """Dispatch the event, if there is one."""
        self.source.last_event_id_string = self.last_event_id_buffer
        if self.data_buffer != "":
            if self.data_buffer[-1] == "\n":
                self.data_buffer = self.data_buffer[:-1]
            self.source.events.append(
                ServerSentEvent(
                    data=self.data_buffer,
                    event=self.event_type_buffer or "message",
                    id=self.source.last_event_id_string,
                    retry=self.retry_of_block,
                )
            )
        self.data_buffer = self.event_type_buffer = ""
        self.retry_of_block = None


def interpret(data: bytes) -> EventSource:
    """What the standard makes of a whole stream."""
    text = data.decode("utf-8", "replace")
    if text[:1] == "\ufeff":
        text = text[1:]
    interpreter = Interpreter()
    *lines, _unfinished = re.split("\r\n|\n|\r", text)
    for line in lines:
        interpreter.line(line)
    return interpreter.source
