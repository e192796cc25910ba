"""Downloads: a body that is no JSON, into memory or into a file."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.active_call import ActiveCall, Runtime
from gpo_client.flows.call import BodyLimit, open_response, read_body, read_words
from gpo_client.flows.deadlines import Deadline
from gpo_client.flows.effects import Close, CommitFile, CreateFile, Failure, Flow, Opened, WriteFile
from gpo_client.flows.error_mapping import connection_error
from gpo_client.flows.options import CallOptions
from gpo_client.flows.response import Body, given_name, media_type
from gpo_client.flows.retry import FailedAttempt, connection_failed, with_retries
from gpo_client.models.answer import Download
from gpo_client.models.portable import came_with
from gpo_client.operations.call import Call, OnProgress

# File systems take names of up to 255 bytes, and while it is written the file has a somewhat longer one.
_NAME_BYTES = 200
_ENDING_BYTES = 20

# Successes that bring no file, or a part of it that nobody has asked for (RFC 9110 §15.3).
_NO_FILE = frozenset({202, 204, 205, 206})
_PROBLEM = "application/problem+json"

# Exabytes; int() takes quadratic time on many digits, and refuses very many.
_LENGTH_DIGITS = 18


# What of a file may be in memory at a time: as much as a browser's tab, and no server decides over more.
_MOST_IN_MEMORY = 64 * 1024 * 1024


def download_flow(
    runtime: Runtime,
    call: Call[None],
    to: Path | None,
    options: CallOptions,
    *,
    on_progress: OnProgress | None = None,
    expected: str | None = None,
) -> Flow[Download]:
    """Download into the file or folder ``to``; into memory when it is None.

    ``expected`` is the media type that the response must have; None: any. Raises GPOClientError as for any call, and
    OSError if the file cannot be written.
    """
    active = ActiveCall(runtime, call, options, accept=f"{expected}, application/problem+json" if expected else "*/*")
    if on_progress is not None and not callable(on_progress):
        raise InvalidArgumentError("on_progress must be callable", field="on_progress")
    timeout = options.get("timeout", runtime.config.timeout)

    def attempt() -> Flow[Download | FailedAttempt]:
        deadline = active.deadline(timeout)
        head = yield from open_response(active, deadline)
        if isinstance(head, FailedAttempt):
            return head
        kind = media_type(head)
        if head.status in _NO_FILE or kind == _PROBLEM or expected not in (None, kind):
            what = f"{call.operation} was answered with {head.status} and {kind or 'no content'}"
            told = yield from read_words(head, deadline)
            raise active.invalid(head, f"{what} instead of {expected or 'a file'}{told}")
        progress = _Progress(head, on_progress)
        if to is None:
            download = yield from _into_memory(active, head, deadline, progress)
        else:
            download = yield from _into_file(active, head, to, timeout, progress)
        yield from Close()
        return download

    return (yield from active.watched(with_retries(active, attempt)))


class _Progress:
    """Tells how far a download is."""

    def __init__(self, head: Opened, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self._total = _announced_size(head)
        self.tell(0)

    def tell(self, size_bytes: int) -> None:
        """There are that many bytes now."""
        if self._on_progress is not None:
            self._on_progress(size_bytes, self._total)


def _into_memory(
    active: ActiveCall, head: Opened, deadline: Deadline, progress: _Progress
) -> Flow[Download | FailedAttempt]:
    limit = _limit(active, _MOST_IN_MEMORY)
    content = yield from read_body(active, head, limit, deadline, progress.tell)
    if isinstance(content, FailedAttempt):
        return content
    return _download(active, head, content=content, size_bytes=len(content))


def _into_file(
    active: ActiveCall, head: Opened, to: Path, timeout: float | None, progress: _Progress
) -> Flow[Download | FailedAttempt]:
    """Write the body to a file. How long it takes depends on its size, so ``timeout`` is for silence alone."""
    limit = _limit(active)
    if (_announced_size(head) or 0) > limit.size:
        raise active.invalid(head, limit.message)  # before anything is written
    path, size = (yield from CreateFile(to, file_name(head) or "download")), 0
    try:
        body = Body(head)
        while (data := (yield from body.read(timeout))) != b"":
            if isinstance(data, Failure):
                return connection_failed(connection_error(data, active.error_context), data)
            if data is not None:
                size += len(data)
                if size > limit.size:
                    raise active.invalid(head, limit.message)
                yield from WriteFile(data)
                progress.tell(size)
    except ValueError as error:
        raise active.invalid(head, str(error)) from error
    yield from CommitFile()
    return _download(active, head, path=path, size_bytes=size)


def _download(
    active: ActiveCall, head: Opened, *, size_bytes: int, content: bytes = b"", path: Path | None = None
) -> Download:
    download = Download(
        content=content, path=path, file_name=file_name(head), media_type=media_type(head), size_bytes=size_bytes
    )
    return came_with(download, active.origin(head))


def _limit(active: ActiveCall, most: int = sys.maxsize) -> BodyLimit:
    configured = active.runtime.config.max_download_bytes or sys.maxsize
    if most < configured:
        return BodyLimit(most, "a download into memory may be", "give to= to write it to a file")
    return BodyLimit(configured, "max_download_bytes")


def _announced_size(head: Opened) -> int | None:
    """How many bytes the file has, as far as the head tells: the length of a compressed body is another one."""
    length = head.headers.get("content-length", "")
    is_length = length.isascii() and length.isdigit() and len(length) <= _LENGTH_DIGITS
    return int(length) if is_length and not head.headers.get("content-encoding") else None


def file_name(head: Opened) -> str | None:
    """Return the file name in ``Content-Disposition`` (RFC 6266), made safe: no folder, no control characters.

    A server must not choose where on this machine a file goes.
    """
    name = PurePosixPath(given_name(head.headers.get("content-disposition", "")).replace("\\", "/")).name
    printable = "".join(character for character in name if character.isprintable() and character not in '<>:"|?*')
    return _shortened(printable.strip(" .")) or None


def _shortened(name: str) -> str:
    """Return the name, cut before its ending if need be."""
    ending = PurePosixPath(name).suffix.encode()[:_ENDING_BYTES]
    stem = name.encode().removesuffix(ending)[: _NAME_BYTES - len(ending)]
    return (stem + ending).decode("utf-8", "ignore")
