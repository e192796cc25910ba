"""Effects, which a flow asks its driver for, and their outcomes.

A flow is a generator that decides; a driver does the I/O. ``outcome = yield from Open(request)`` asks for an effect and
is sent its outcome. Failures that belong to networks arrive as :class:`Failure` values, for the flow to judge; an
exception in a flow is a final verdict, or a bug.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import attrs

from gpo_client.models.stream import StreamingChunk
from gpo_client.operations.call import Request

T = TypeVar("T")


class Effect(Generic[T]):
    """One thing to do. ``yield from`` it in a flow to have it done and get its outcome, typed."""

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[Any], Any, T]:
        outcome: T = yield self  # typed here once: a generator's send() cannot say which effect wants what
        return outcome


#: A sans-I/O computation with the result T.
Flow = Generator[Effect[Any], Any, T]


class FailureKind(Enum):
    """How an attempt to communicate failed. The values are the words that errors say it with."""

    CONNECTION_REFUSED = "connection refused"
    UNREACHABLE = "could not connect"
    TLS = "TLS handshake failed"
    PROXY_FAILED = "no connection through the proxy"
    PROXY_DENIED = "the proxy does not let the connection through"
    LOCAL_LIMIT = "too many files are open in this process"
    CONNECT_TIMEOUT = "timeout while connecting"
    NO_FREE_CONNECTION = "timeout while all of max_connections are in use"
    TIMEOUT = "timeout while waiting for the server"
    RESET = "connection reset by the server"
    CUT = "connection closed before the response was complete"
    PROTOCOL = "the server does not speak proper HTTP"


#: The kinds in which no connection came about, so that the server cannot have seen the request.
NOT_CONNECTED = frozenset(
    {
        FailureKind.CONNECTION_REFUSED,
        FailureKind.UNREACHABLE,
        FailureKind.TLS,
        FailureKind.CONNECT_TIMEOUT,
        FailureKind.PROXY_FAILED,
        FailureKind.PROXY_DENIED,
        FailureKind.LOCAL_LIMIT,
    }
)
TIMEOUTS = frozenset({FailureKind.CONNECT_TIMEOUT, FailureKind.NO_FREE_CONNECTION, FailureKind.TIMEOUT})


@attrs.frozen
class Failure:
    """The network failed."""

    kind: FailureKind
    detail: str | None = None  # what the operating system said, where that tells more than the kind
    cause: BaseException | None = None  # the transport's own exception, to be chained, never shown alone

    def __str__(self) -> str:
        return f"{self.kind.value} ({self.detail})" if self.detail else self.kind.value


@attrs.frozen
class Opened:
    """The head of a response has arrived; its body is still to be read."""

    status: int
    headers: Mapping[str, str]  # names in lower case


@attrs.frozen
class Open(Effect[Opened | Failure]):
    """Send a request and wait for the head of the response.

    Both timeouts are in seconds, None: no limit; ``read_timeout`` is by default that of each read after it too.
    """

    request: Request
    connect_timeout: float | None
    read_timeout: float | None


@attrs.frozen
class Read(Effect[bytes | Failure]):
    """Read the next bytes of the open response's body, as they came over the wire, in time; ``b""`` is its end."""

    timeout: float | None = None


class Reader(Protocol):
    """Decides, read by read, about the bytes of a stream."""

    def wait(self) -> float | None:
        """Seconds that the next read may wait; 0: no more reads; None: no limit."""

    def feed(self, data: bytes | Failure) -> Sequence[StreamingChunk]:
        """Return the chunks that the outcome of a read completes."""
        ...


@attrs.frozen
class Pump(Effect[None]):
    """Read the open response's body, and deliver what ``reader`` makes of it, until it wants no more reads.

    The loop of ``Read`` and ``Deliver`` that every stream runs, without a trip to the flow for each of its rounds.
    """

    reader: Reader


@attrs.frozen
class Close(Effect[None]):
    """Let go of the open response: its connection is reused if the body was read to its end, else closed.

    ``is_whole`` says that nothing more is expected but the end of the body. If that is at hand, it is read, so that the
    connection can serve again.
    """

    is_whole: bool = False


@attrs.frozen
class Sleep(Effect[None]):
    """Wait so many seconds."""

    seconds: float


@attrs.frozen
class Wait(Effect[None]):
    """Wait for a signal, an event of the driver's runtime, so many seconds at most (None: no limit)."""

    signal: Any
    timeout: float | None


@attrs.frozen
class Pause(Effect[None]):
    """Let others have their turn: much has been done since the last wait, and none may come for long."""


@attrs.frozen
class Compute(Effect[T | Failure]):
    """Do something that takes a while, waits for nothing and raises nothing, where it keeps nobody else waiting.

    After ``timeout`` seconds (None: no limit) nobody waits for it any more, if the driver can leave it, and it
    ``may_be_left``: not what changes a thing that others use.
    """

    work: Callable[[], T]
    timeout: float | None = None
    may_be_left: bool = True


@attrs.frozen
class Ask(Effect[Any]):
    """Ask a function of the user's, blocking or asynchronous, for something. An exception is an outcome too.

    After ``timeout`` seconds (None: no limit) nobody waits for it any more, if the driver can leave it.
    """

    ask: Callable[[], Any] = attrs.field(repr=False)
    timeout: float | None = None


@attrs.frozen
class Acquire(Effect[None]):
    """Wait for a lock of the driver's runtime and take it. A flow that ends gives back the locks it holds."""

    lock: Any


@attrs.frozen
class Release(Effect[None]):
    """Give back a lock."""

    lock: Any


@attrs.frozen
class Deliver(Effect[None]):
    """Hand chunks to whoever iterates the stream, and go on when they ask for more.

    An empty delivery says that the stream is open.
    """

    chunks: Sequence[StreamingChunk]


class FileEffect(Effect[T]):
    """An effect on the file that a flow writes."""

    __slots__ = ()


@attrs.frozen
class CreateFile(FileEffect[Path]):
    """Begin a file beside its final place, so that nobody ever sees half of it. The outcome is its final path.

    ``to`` is that path, or a folder to put it in under ``name``.
    """

    to: Path
    name: str


@attrs.frozen
class WriteFile(FileEffect[None]):
    """Add bytes to the file."""

    data: bytes


@attrs.frozen
class CommitFile(FileEffect[None]):
    """The file is whole: put it in its place. A flow that ends without this leaves no file behind."""
