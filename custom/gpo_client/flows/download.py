"""Downloads: a body that is no JSON, into memory or into a file."""

from __future__ import annotations

from email.message import Message
from pathlib import Path, PurePosixPath

from gpo_client.flows.body import Body
from gpo_client.flows.call import Call, open_answer, read_body
from gpo_client.flows.effects import Close, CommitFile, CreateFile, Failure, Flow, Opened, WriteFile
from gpo_client.flows.engine import Engine, Journey
from gpo_client.flows.options import CallOptions
from gpo_client.flows.verdicts import connection_error, media_type
from gpo_client.models.download import Download


def download_flow(engine: Engine, call: Call[None], to: Path | None, options: CallOptions) -> Flow[Download]:
    """Download into the file or folder ``to``; into memory when it is None.

    Raises:
        GPOClientError: As for any call.
        OSError: The file cannot be written.
    """
    journey = Journey(engine, call, options, accept="*/*")
    timeout = options.get("timeout", engine.config.timeout)
    head = yield from open_answer(journey, journey.deadline(timeout))
    if to is None:
        limit = engine.config.max_response_bytes
        content = yield from read_body(journey, head, limit, journey.deadline(timeout))
        path, size = None, len(content)
    else:
        content = b""
        path = yield from CreateFile(to, file_name(head) or "download")
        size = yield from _save(journey, head, timeout)
    yield from Close()
    return Download(content=content, path=path, file_name=file_name(head), media_type=media_type(head), size_bytes=size)


def _save(journey: Journey, head: Opened, timeout: float | None) -> Flow[int]:
    """Write the body to the open file. How long it takes as a whole depends on its size: ``timeout`` is for silence."""
    try:
        body, size = Body(head), 0
        while data := (yield from body.read(timeout)):
            if isinstance(data, Failure):
                raise connection_error(data, journey.circumstances)
            yield from WriteFile(data)
            size += len(data)
    except ValueError as error:
        raise journey.invalid(head, str(error)) from error
    yield from CommitFile()
    return size


def file_name(head: Opened) -> str | None:
    """The file name in ``Content-Disposition`` (RFC 6266), made safe: no folder, no control characters.

    A server must not choose where on this machine a file goes.
    """
    disposition = Message()
    disposition["content-disposition"] = head.headers.get("content-disposition", "")
    name = PurePosixPath((disposition.get_filename() or "").replace("\\", "/")).name
    safe = "".join(character for character in name if character.isprintable() and character not in '<>:"|?*').strip(
        " ."
    )
    return safe or None
