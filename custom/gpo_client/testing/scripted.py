"""A transport for httpx that answers from a script, for blocking and asynchronous clients alike."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import cycle
from math import inf

import anyio
import anyio.lowlevel
import httpx

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.testing.script import Cut, Part, Request, Script, ScriptedAnswer, Silence, Step
from gpo_sandbox.faults import FaultError
from gpo_sandbox.injection import Faults


def in_portions(steps: Iterator[Step], sizes: Sequence[int]) -> Iterator[Step]:
    """Return the same bytes in portions of other sizes, gone through again and again; none: as they are.

    What was sent before something else happens arrives before it.

    >>> list(in_portions(iter([b"abc", b"defg"]), [2, 3]))
    [b'ab', b'cde', b'fg']
    """
    if not sizes:
        yield from steps
        return
    size, following, waiting = sizes[0], cycle([*sizes[1:], sizes[0]]), b""
    for step in steps:
        if isinstance(step, bytes):
            waiting += step
            while len(waiting) >= size:
                portion, waiting, size = waiting[:size], waiting[size:], next(following)
                yield portion
            continue
        if waiting:
            yield waiting
            waiting = b""
        yield step
    if waiting:
        yield waiting


class ScriptedTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Made by :func:`scripted_stream`.

    Thread and task safety: clients that use it may be shared by threads and tasks.

    Attributes:
        requests: All requests so far, with their bodies, for assertions.
    """

    def __init__(self, script: Script, portions: Sequence[int]) -> None:
        self.requests: list[httpx.Request] = []
        self._script = script
        self._portions = portions
        self._lock = threading.Lock()  # blocking clients may share it among threads

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a blocking client."""
        request.read()
        return self._respond(request, _Body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an asynchronous client."""
        await request.aread()
        return self._respond(request, _AsyncBody)

    def _respond(self, request: httpx.Request, body: type[_Body | _AsyncBody]) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            asked = Request(request.method, request.url.path, dict(request.headers), request.content)
            reply = self._script.reply(asked)
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        steps = in_portions(reply.steps, self._portions)
        stream = body(steps, timeouts)
        extensions = {"network_stream": _Network(stream)}
        return httpx.Response(reply.status, headers=dict(reply.headers), stream=stream, extensions=extensions)


def scripted_stream(
    *answers: Iterable[Part], faults: str | None = None, portions: int | Sequence[int] = (), retry_ms: int = 0
) -> ScriptedTransport:
    """Return a service without a server: it streams the answers that you wrote, as events on the wire would be.

    It answers sessions, conversations and chat, streamed and whole, and continues broken streams as the contract says.

    >>> import httpx
    >>> from gpo_client import SyncGPOCoreClient
    >>> transport = scripted_stream(["Mexico ", "taxes "], faults="drop-after=1")
    >>> with httpx.Client(transport=transport) as http, SyncGPOCoreClient(http_client=http) as client:
    ...     conversation = client.open_conversation({"instance_id": "advisory-001", "user_id": "user-1"})
    ...     answer = conversation.stream("Who taxes?").collect()
    >>> answer.content, answer.resume_count
    ('Mexico taxes ', 1)

    Args:
        answers: The answer to the first question, to the second, and so on; the last is repeated. Each is a list of
            texts (a chunk each), of ``CitationSource``, which the final chunk gets, and of ``StreamingChunk``, sent as
            they are. The final chunk is added, unless the list ends with one.
        faults: What goes wrong with chat, as for the sandbox, such as ``"drop-after=3,times=2"``, ``"status=503"``,
            ``"stall-after=1"``, ``"error-after=2"``, ``"malformed=2"`` or ``"skip=2"``; docs/sandbox.md has them all.
            A request may ask for its own in the header ``X-GPO-Fault``. What stalls waits for the deadlines of the
            client, and for nothing where there are none.
        portions: How many bytes arrive at a time: a number, or several to go through again and again. An event at a
            time when not given.
        retry_ms: How long the service asks clients to wait before they continue a stream, in milliseconds.

    Returns:
        The transport, for ``httpx.Client(transport=...)`` or ``httpx.AsyncClient(transport=...)``.

    Raises:
        InvalidArgumentError: An argument cannot be right.
    """
    sizes = (portions,) if isinstance(portions, int) else tuple(portions)
    if any(size < 1 for size in sizes):
        raise InvalidArgumentError(f"portions must be at least 1 byte each, not {portions!r}", field="portions")
    if not answers:
        raise InvalidArgumentError("answers must be given: at least one list of texts", field="answers")
    try:
        trouble = Faults.of(faults, on_request=True)
    except FaultError as error:
        raise InvalidArgumentError(f"faults: {error}", field="faults") from None
    written = [ScriptedAnswer.of(parts, f"answers[{number}]") for number, parts in enumerate(answers)]
    return ScriptedTransport(Script(written, trouble, retry_ms), sizes)


class _Steps:
    """The base of both kinds of bodies: steps, and how long to wait for them, which may change from read to read."""

    def __init__(self, steps: Iterator[Step], timeouts: dict[str, float | None]) -> None:
        self._steps = steps
        self._timeouts = timeouts
        self._ended = False

    def interrupt_reads(self) -> None:
        """End the read under way, and all later ones."""
        self._ended = True

    def _next(self) -> Step | None:
        if self._ended:
            return None
        step = next(self._steps, None)
        if isinstance(step, Cut):
            # As httpcore says it.
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return step

    def _patience(self, silence: Silence) -> tuple[float, bool]:
        """How many seconds to wait, and whether that is all the time there is."""
        read = self._timeouts.get("read")
        limit = inf if read is None else read
        if min(limit, silence.seconds) == inf:
            return 0.0, True  # nothing would ever end it
        return min(limit, silence.seconds), limit < silence.seconds


class _Network:
    """A response's connection and its socket, as transports have them: shutting it down ends the read under way."""

    def __init__(self, body: _Steps) -> None:
        self._body = body

    def get_extra_info(self, name: str) -> _Network | None:
        return self if name == "socket" else None

    def shutdown(self, _: int) -> None:
        self._body.interrupt_reads()


class _Body(_Steps, httpx.SyncByteStream):
    def __init__(self, steps: Iterator[Step], timeouts: dict[str, float | None]) -> None:
        super().__init__(steps, timeouts)
        self._interrupted = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while isinstance(step := self._next(), Silence):
            seconds, is_over = self._patience(step)
            if self._interrupted.wait(seconds):
                break
            if is_over:
                raise httpx.ReadTimeout("the script is silent")
        if not isinstance(step, bytes):
            raise StopIteration
        return step

    def interrupt_reads(self) -> None:
        super().interrupt_reads()
        self._interrupted.set()

    def close(self) -> None:
        self.interrupt_reads()


class _AsyncBody(_Steps, httpx.AsyncByteStream):
    def __init__(self, steps: Iterator[Step], timeouts: dict[str, float | None]) -> None:
        super().__init__(steps, timeouts)
        self._interrupted = anyio.Event()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        while isinstance(step := self._next(), Silence):
            seconds, is_over = self._patience(step)
            with anyio.move_on_after(seconds):
                await self._interrupted.wait()
            if self._interrupted.is_set():
                break
            if is_over:
                raise httpx.ReadTimeout("the script is silent")
        if not isinstance(step, bytes):
            raise StopAsyncIteration
        return step

    def interrupt_reads(self) -> None:
        super().interrupt_reads()
        self._interrupted.set()

    async def aclose(self) -> None:
        self.interrupt_reads()
