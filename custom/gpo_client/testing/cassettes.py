"""Cassettes: conversations with a service, recorded once and replayed without it (vcrpy)."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Literal, Protocol, TypeVar, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.testing.scrubbing import scrub_address, scrub_headers, scrub_text

F = TypeVar("F", bound=Callable[..., object])

#: What vcrpy does with requests: record a new cassette and replay an old one, replay only, replay what is there and
#: record the rest, or record everything.
RecordMode = Literal["once", "none", "new_episodes", "all"]
_RECORD_MODES = ("once", "none", "new_episodes", "all")

# Different in each recording, and of no use in a replay.
_PASSING_IN_REQUESTS = (
    "host", "user-agent", "x-request-id", "idempotency-key", "traceparent", "tracestate", "connection",
    "content-length",
)  # fmt: skip
_PASSING_IN_RESPONSES = ("date", "server", "via", "x-request-id", "keep-alive", "connection", "transfer-encoding")
_READABLE_ENCODINGS = ("", "identity")


class Recording(Protocol):
    """A cassette to use: in a ``with`` block, or as the decorator of a function or a coroutine function."""

    def __enter__(self) -> object: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> object: ...

    def __call__(self, function: F, /) -> F:
        """Wrap a function, so that each call of it uses the cassette."""
        ...


def vcr_config() -> dict[str, Any]:
    """Settings for vcrpy that keep secrets out of cassettes and make them the same from one recording to the next.

    Tokens, keys, passwords and cookies are taken out of header fields, of parameters in addresses and of bodies: JSON
    at any depth, event streams and JSON lines, compressed with gzip or not. Host and port are not recorded and not
    compared, so what was recorded from one server replays for any base URL. Requests match by method, path, query and
    body.

    pytest-recording takes them from a fixture named ``vcr_config``; for vcrpy itself it is ``vcr.VCR(**vcr_config())``.

    Returns:
        The keyword arguments of ``vcr.VCR``, for you to change.

    >>> sorted(vcr_config()["match_on"])
    ['body', 'method', 'path', 'query']
    """
    return {
        "match_on": ["method", "path", "query", "body"],
        "decode_compressed_response": True,
        "before_record_request": _scrub_request,
        "before_record_response": _scrub_response,
    }


def recorded(path: str | os.PathLike[str], *, record_mode: RecordMode = "once") -> Recording:
    """Use a cassette: replay it, or record it where there is none yet.

        with recorded("tests/cassettes/resico.yaml"), SyncGPOCoreClient() as client:
            ...

        @recorded("tests/cassettes/resico.yaml")
        async def test_resico(): ...

    While it is recorded, a streamed answer is handed on only when all of it has arrived; replayed, it arrives at once.
    Requests that are not on the cassette raise vcrpy's ``CannotOverwriteExistingCassetteException``.

    Args:
        path: The file, made when it is missing, and its folder too.
        record_mode: As for vcrpy: ``"once"`` records when the file is missing; ``"none"`` never sends anything, which
            is right for continuous integration; ``"new_episodes"`` adds what is missing; ``"all"`` replays nothing.

    Raises:
        ImportError: vcrpy is not installed; it comes with the extra ``testing``.
        InvalidArgumentError: There is no such mode.
    """
    if record_mode not in _RECORD_MODES:
        raise InvalidArgumentError(
            f"record_mode must be one of {', '.join(_RECORD_MODES)}, not {record_mode!r}", field="record_mode"
        )
    try:
        vcr: Any = import_module("vcr")
    except ModuleNotFoundError as error:
        if error.name != "vcr":
            raise
        raise ImportError(
            'recorded() needs vcrpy, which is not installed: pip install "gpo-client[testing]"'
        ) from error
    cassettes = vcr.VCR(**vcr_config())
    return cast("Recording", cassettes.use_cassette(os.fspath(path), record_mode=record_mode))


def _scrub_request(request: Any) -> Any:
    headers = dict(scrub_headers(request.headers.items(), _PASSING_IN_REQUESTS))
    encodings = [name for name in headers if name.lower() == "content-encoding"]
    body: bytes | None = request.body
    if body and encodings:
        body = _decoded(body, headers.pop(encodings[0]))
    request.uri = scrub_address(request.uri)
    request.headers = headers
    request.body = _scrub_body(body) if body else body
    return request


def _scrub_response(response: Any) -> Any:
    pairs = [(name, value) for name, values in response["headers"].items() for value in values]
    body: bytes = response["body"]["string"] or b""
    # What could be decompressed has no such field any more; what could not be must not be written unseen.
    for encoding in (value for name, value in pairs if name.lower() == "content-encoding"):
        if encoding.strip().lower() not in _READABLE_ENCODINGS:
            raise _unreadable(encoding)
    body = _scrub_body(body)
    headers: dict[str, list[str]] = {}
    for name, value in scrub_headers(pairs, _PASSING_IN_RESPONSES):
        headers.setdefault(name, []).append(str(len(body)) if name.lower() == "content-length" else value)
    return {**response, "headers": headers, "body": {"string": body}}


def _scrub_body(body: bytes | str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    try:
        return scrub_text(data.decode()).encode()
    except UnicodeDecodeError:
        return data  # a file


def _decoded(body: bytes, encoding: str) -> bytes:
    if encoding.strip().lower() in _READABLE_ENCODINGS:
        return body
    if encoding.strip().lower() != "gzip":
        raise _unreadable(encoding)
    return gzip.decompress(body)


def _unreadable(encoding: str) -> ValueError:
    return ValueError(
        f"a body is compressed with {encoding!r}, so secrets in it cannot be seen and it is not recorded; "
        "have it sent uncompressed or with gzip"
    )
