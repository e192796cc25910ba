"""Cassettes: conversations with a service, recorded once and replayed without it (vcrpy)."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Literal, Protocol, TypeVar, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.testing.scrubbing import KnownSecrets, scrub_address, scrub_headers, scrub_plain, scrub_text

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
    """Return settings for vcrpy that keep secrets out of cassettes, and make each recording the same.

    Tokens, keys, passwords and cookies are taken out of header fields, of parameters in addresses and of bodies: JSON
    at any depth, event streams and JSON lines, compressed or not. They are found by the names they go under and, once
    seen, by their value: in a question, in a field of another name, in base64. What is compressed in a way that cannot
    be undone here is not recorded: that is a ValueError. Host and port are not recorded and not
    compared, so what was recorded from one server replays for any base URL. Requests match by method, path, query and
    body.

    pytest-recording takes them from a fixture named ``vcr_config``; for vcrpy itself it is ``vcr.VCR(**vcr_config())``.

    Returns:
        The keyword arguments of ``vcr.VCR``, for you to change.

    >>> sorted(vcr_config()["match_on"])
    ['body', 'method', 'path', 'query']
    """
    scrubber = _Scrubber()
    return {
        "match_on": ["method", "path", "query", "body"],
        "before_record_request": scrubber.request,
        "before_record_response": scrubber.response,
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


class _Scrubber:
    """Takes secrets out of what one recording, or several with the same settings, have seen."""

    def __init__(self) -> None:
        self._known = KnownSecrets()

    def request(self, request: Any) -> Any:
        """Return a request without secrets: what was sent in it is known from here on."""
        self._known.learn_headers(request.headers.items())
        self._known.learn_address(request.uri)
        headers = dict(self._headers(request.headers.items(), _PASSING_IN_REQUESTS))
        encodings = [name for name in headers if name.lower() == "content-encoding"]
        body: bytes | None = request.body
        if body and encodings:
            body = _decoded(body, headers.pop(encodings[0]))
        request.body = self._body(body) if body else body
        request.uri = self._known.mask(scrub_address(request.uri))
        request.headers = headers
        return request

    def response(self, response: Any) -> Any:
        """Return a response without secrets."""
        pairs = [(name, value) for name, values in response["headers"].items() for value in values]
        self._known.learn_headers(pairs)
        body: bytes = response["body"]["string"] or b""
        # Not by vcrpy itself, which takes what it cannot decompress for plain bytes.
        for encoding in (value for name, value in pairs if name.lower() == "content-encoding"):
            body = _decoded(body, encoding)
        body = self._body(body)
        headers: dict[str, list[str]] = {}
        for name, value in self._headers(pairs, (*_PASSING_IN_RESPONSES, "content-encoding")):
            headers.setdefault(name, []).append(str(len(body)) if name.lower() == "content-length" else value)
        status = response["status"]
        status = {**status, "message": self._known.mask(scrub_plain(status["message"] or ""))}
        return {**response, "status": status, "headers": headers, "body": {"string": body}}

    def _headers(self, pairs: Any, passing: tuple[str, ...]) -> list[tuple[str, str]]:
        return [(name, self._known.mask(value)) for name, value in scrub_headers(pairs, passing)]

    def _body(self, body: bytes | str) -> bytes:
        data = body.encode() if isinstance(body, str) else body
        encoding = json.detect_encoding(data)
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            return self._known.mask_bytes(data)  # a file
        return self._known.mask(scrub_text(text, self._known.learn)).encode(encoding)


def _decoded(body: bytes, encoding: str) -> bytes:
    decode = _DECODERS.get(encoding.strip().lower())
    try:
        if decode is not None:
            return decode(body)
    except (OSError, EOFError, zlib.error):
        if _is_text(body):  # a library has decompressed it already, and kept the field
            return body
    raise ValueError(
        f"a body is compressed with {encoding!r}, so secrets in it cannot be seen and it is not recorded; "
        "have it sent uncompressed or with gzip"
    )


def _is_text(body: bytes) -> bool:
    """Whether this is UTF-8: what is compressed is none, from its first bytes on."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _inflated(body: bytes) -> bytes:
    """Of "deflate" two forms are about: with zlib's head (RFC 9110) and without."""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "none": bytes,
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _inflated,
}
