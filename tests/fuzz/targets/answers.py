"""Answers to every operation, as raw bytes from a socket."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gpo_client import GPOClientError
from tests.contract.calls import CALLS, NOWHERE
from tests.fuzz.target import Check, Target
from tests.support.runtimes import make_client
from tests.support.wire import ONE_TRY, Answer, End, WireServer

_LIMITS: dict[str, Any] = {**ONE_TRY, "max_event_bytes": 65536, "max_response_bytes": 65536, "timeout": 20}


@contextmanager
def _client() -> Generator[Check]:
    """A client of a server that sends what it is told to, and then hangs up."""
    given: list[bytes] = []
    answer = lambda _: Answer(framing="raw", pieces=[given[-1]], end=End.FIN)  # noqa: E731
    with TemporaryDirectory() as outside, WireServer(then=answer) as server:
        folder = Path(outside, "downloads")
        folder.mkdir()
        client = make_client("sync", base_url=server.base_url, **_LIMITS)

        def check(data: bytes) -> None:
            """The first line is the operation. What it gives, or GPOClientError; no file outside its folder."""
            operation, _, raw = data.partition(b"\n")
            given[:] = [raw]
            with suppress(GPOClientError):
                _finish(_call(client, operation.decode("latin-1").strip(), folder))
            assert [path.name for path in Path(outside).iterdir()] == ["downloads"]
            for path in folder.iterdir():
                path.unlink()

        try:
            yield check
        finally:
            _finish(client.aclose())


def _call(client: Any, operation: str, folder: Path) -> Any:
    if operation == "stream":
        return client.chat_stream(NOWHERE.context, {"query": "?"}).collect()
    if operation == "download":
        return client.download_document(NOWHERE.context, "doc-1", folder)
    names = sorted(CALLS)
    name = operation if operation in CALLS else names[len(operation) % len(names)]
    return CALLS[name].good(client, NOWHERE)


def _finish(call: Coroutine[Any, Any, object]) -> None:
    """Run what only looks asynchronous."""
    try:
        call.send(None)
    except StopIteration:
        return
    raise AssertionError("a blocking call has waited for something")


ANSWERS = Target(
    "answers",
    _client,
    [
        b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n", b"HTTP/1.1 429 \r\n",
        b"HTTP/1.1 999 \r\n", b"Content-Type: application/json\r\n", b"Content-Type: application/problem+json\r\n",
        b"Content-Encoding: gzip\r\n", b"Content-Type: text/event-stream\r\n", b"Content-Type: text/csv\r\n",
        b"Content-Type: \xff\r\n", b"\r\n\r\n", b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", b"ffffffffffff\r\n",
        b"Content-Length: 99999999999999999999\r\n", b"Retry-After: 9999999999999999\r\n",
        b"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", b"X-Request-ID: \x1b\r\n",
        b"Content-Disposition: attachment; filename=../../x\r\n", b"filename*=UTF-8''%2F..%2Fx",
        b"HTTP/1.1 100 \r\n\r\n", b"null", b"true", b"{", b"}", b"[", b"]", b'"', b"\\ud800", b"1e999", b"-1",
        b"9" * 400, b'"2026-13-01T99:99:99Z"', b'"items": ', b'"token": ', b'"expires_at": ', b'"created_at": ',
        b'"sources": ', b"data: ", b"\n\n", b"\x1f\x8b\x08",
    ],
)  # fmt: skip
