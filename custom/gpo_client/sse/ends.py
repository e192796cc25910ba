"""The ways in which the content of a stream can end it, as against its transport."""

from __future__ import annotations

import attrs

from gpo_client.models.problem import Problem


@attrs.frozen
class Complete:
    """The final chunk, or the end marker, has arrived."""


@attrs.frozen
class Malformed:
    """The stream broke the contract; ``detail`` says how."""

    detail: str


@attrs.frozen
class Oversized:
    """An event went over the limit.

    Attributes:
        values: How many values it may have, if they were too many; None: its bytes were.
    """

    values: int | None = None


@attrs.frozen
class Overlong:
    """The stream as a whole went over its limit."""


@attrs.frozen
class ServerProblem:
    """The server ended the stream with a problem of its own."""

    # Not shown: it may repeat a token, and tracebacks may show the variables of every frame.
    problem: Problem = attrs.field(repr=False)


@attrs.frozen
class NoStream:
    """The bytes are neither events nor lines of JSON; ``beginning`` is how they begin."""

    beginning: str = attrs.field(repr=False)


@attrs.frozen
class Unproven:
    """A new connection does not show where it continues; ``detail`` says why."""

    detail: str


#: How a stream, or one of its connections, can end by its own content.
End = Complete | Malformed | Oversized | Overlong | ServerProblem | NoStream | Unproven
