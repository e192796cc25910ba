"""Downloads in the simulation: how large, how long, under which name, and what is told meanwhile."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import MappingProxyType
from typing import Any

import attrs
import pytest

from gpo_client.exceptions import GPOConnectionError, GPOTimeoutError, InvalidArgumentError, InvalidResponseError
from gpo_client.flows import download
from gpo_client.flows.effects import CreateFile, FailureKind, Open
from gpo_client.models.answer import Download
from gpo_client.operations.call import Call, Request
from tests.support.flow_run import Run
from tests.support.flow_script import Stop, Turn
from tests.support.flow_server import FlowServer
from tests.support.flow_simulation import FlowSimulation

_DOWNLOAD: Call[None] = Call("downloadDocument", Request("GET", "/api/Documents/doc_01/download"), None)
_PDF = {"content-type": "Application/PDF; a=b", "content-disposition": "attachment; filename=a.pdf"}
_HTML = {"content-type": "text/html"}
_SIZED = {**_PDF, "content-length": "4"}
_ways = pytest.mark.parametrize("to_file", [True, False], ids=["file", "value"])


@pytest.fixture
def to(to_file: bool, tmp_path: Path) -> Path | None:
    """Where to: a folder, or memory."""
    return tmp_path if to_file else None


def _run(to: Path | None, *turns: Turn, options: Any = MappingProxyType({}), more: Any = None, **settings: Any) -> Run:
    server = FlowServer(whole=turns)
    simulation = FlowSimulation(server, base_url="https://gpo.example.com", random=0.0, **settings)
    run = simulation.run(download.download_flow(simulation.runtime, _DOWNLOAD, to, options, **(more or {})))
    assert (run.error is None) == isinstance(run.result, Download)
    return run


def _refused(run: Run, message: str, status: int = 200) -> None:
    assert isinstance(run.error, InvalidResponseError)
    assert (run.error.message, run.error.status_code, run.error.request_id) == (message, status, "id-1")


@_ways
def test_what_is_told_of_a_file(to: Path | None) -> None:
    """Its name, type and size, and the head that it came with."""
    saved = _run(to, Turn(fields={**_PDF, "x-request-id": "theirs"}, body=b"text")).result
    path, content = (None, b"text") if to is None else (to / "a.pdf", b"")
    assert saved == Download(content=content, path=path, file_name="a.pdf", media_type="application/pdf", size_bytes=4)
    assert (saved.request_id, saved.response_headers["x-request-id"]) == ("theirs", "theirs")
    nameless = _run(to, Turn(fields={"content-type": ""}, body=b"text")).result
    assert (nameless.file_name, nameless.media_type) == (None, "")
    assert nameless.path == (None if to is None else to / "download")


@_ways
@pytest.mark.parametrize("fields", [_PDF, _SIZED], ids=["unannounced", "announced"])
def test_the_largest_file(fields: dict[str, str], to: Path | None) -> None:
    """To the byte; of one that announces to be larger, nothing is written."""
    turn = Turn(fields=fields, body=b"text", sizes=(3,))
    assert _run(to, turn, max_download_bytes=4).error is None
    run = _run(to, turn, max_download_bytes=3)
    _refused(run, "the response is longer than max_download_bytes (3); raise that if it is to be expected")
    assert any(isinstance(effect, CreateFile) for effect in run.effects) == (to is not None and fields is _PDF)


@pytest.mark.parametrize(
    ("most", "told"),
    [
        (None, "a download into memory may be (3); give to= to write it to a file"),
        (4, "a download into memory may be (3); give to= to write it to a file"),
        (3, "max_download_bytes (3); raise that if it is to be expected"),
    ],
    ids=["any", "more", "as much"],
)
def test_what_is_taken_without_a_file(most: int | None, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a setting allows, and never very much."""
    monkeypatch.setattr(download, "_MOST_IN_MEMORY", 3)
    for fields, packed in ((_PDF, bytes), ({**_PDF, "content-encoding": "gzip"}, gzip.compress)):
        assert _run(None, Turn(fields=fields, body=packed(b"tex")), max_download_bytes=most).error is None
        run = _run(None, Turn(fields=fields, body=packed(b"text")), max_download_bytes=most)
        _refused(run, f"the response is longer than {told}")


@pytest.mark.parametrize(("kind", "what"), [("text/html", "text/html"), ("", "no content")])
def test_what_is_expected(kind: str, what: str) -> None:
    """It is asked for, and nothing else is taken."""
    turn = Turn(fields={"content-type": kind}, body=b"text")
    run = _run(None, turn, more={"expected": "text/csv"})
    _refused(run, f"downloadDocument was answered with 200 and {what} instead of text/csv")
    asked = [
        one.request.headers["Accept"] for one in (run.effects[0], _run(None, turn).effects[0]) if isinstance(one, Open)
    ]
    assert asked == ["text/csv, application/problem+json", "*/*"]
    assert _run(None, Turn(fields={"content-type": "text/csv"}, body=b""), more={"expected": "text/csv"}).error is None
    part = _run(None, Turn(status=206, fields=_PDF, body=b"te"))
    _refused(part, "downloadDocument was answered with 206 and application/pdf instead of a file", 206)


def test_what_says_why_there_is_no_file() -> None:
    """Its words are told, if they come before the call's time is over."""
    turn = Turn(fields={"content-type": "application/problem+json"}, body=b'{"detail": "it is gone"}', latency=1.0)
    what = "downloadDocument was answered with 200 and application/problem+json instead of a file"
    _refused(_run(None, turn), f"{what}: it is gone")
    page = _run(None, attrs.evolve(turn, fields=_HTML), more={"expected": "text/csv"})
    _refused(page, "downloadDocument was answered with 200 and text/html instead of text/csv")
    silent = _run(None, attrs.evolve(turn, keep=2, stop=Stop.STALL), timeout=4.0)
    _refused(silent, what)
    assert silent.elapsed == 4.0


_LENGTHS: list[tuple[dict[str, str], int | None]] = [
    ({"content-length": "8"}, 8),
    ({"content-length": "9" * 18}, int("9" * 18)),
    ({"content-length": "9" * 19}, None),
    ({"content-length": "+8"}, None),
    ({"content-length": "٨"}, None),
    ({"content-length": "²"}, None),
    ({"content-length": ""}, None),
    ({}, None),
    ({"content-length": "8", "content-encoding": "gzip"}, None),
]


@_ways
@pytest.mark.parametrize(("fields", "size"), _LENGTHS, ids=lambda case: ascii(case)[:40])
def test_progress(fields: dict[str, str], size: int | None, to: Path | None) -> None:
    """From nothing on, with each read that brings something; again from nothing if it is tried again."""
    told: list[tuple[int, int | None]] = []
    body = gzip.compress(b"half") + gzip.compress(b"done") if "content-encoding" in fields else b"halfdone"
    turn = Turn(fields={**_PDF, **fields}, body=body, sizes=(len(body) // 2,))
    first = Turn(fields={**_PDF, **fields}, body=body, keep=0, stop=Stop.RESET)
    run = _run(to, first, turn, more={"on_progress": lambda *so_far: told.append(so_far)}, max_download_bytes=None)
    assert run.result.size_bytes == 8
    assert told == [(0, size), (0, size), (4, size), (8, size)]


def test_progress_that_nobody_can_be_told() -> None:
    """Found before anything is sent."""
    run = _run(None, more={"on_progress": 5})
    assert isinstance(run.error, InvalidArgumentError)
    assert (run.error.message, run.error.field) == ("on_progress must be callable", "on_progress")
    assert run.effects == []


@_ways
def test_how_long_a_file_takes(to: Path | None) -> None:
    """Into a file as long as it needs, if it is never silent for as long as the timeout; into memory it is a call."""
    slow = Turn(fields=_PDF, body=b"text", sizes=(1,), pause=3.0)
    silent = Turn(fields=_PDF, body=b"text", keep=2, stop=Stop.STALL)
    how: dict[str, Any]
    for how in ({"timeout": 4.0}, {"options": {"timeout": 4.0}}):
        run = _run(to, slow, max_retries=0, **how)
        assert (type(run.error), run.elapsed) == ((GPOTimeoutError, 4.0) if to is None else (type(None), 9.0))
        run = _run(to, silent, max_retries=0, **how)
        assert (type(run.error), run.elapsed) == (GPOTimeoutError, 4.0)


@_ways
def test_a_file_that_breaks_off(to: Path | None) -> None:
    """It is asked for again, from the beginning; what is damaged is not."""
    broken = [Turn(fields=_PDF, body=b"text", keep=2, stop=Stop.RESET), Turn(failure=FailureKind.RESET)]
    assert _run(to, *broken, Turn(fields=_PDF, body=b"text")).result.size_bytes == 4
    error = _run(to, *broken, broken[0]).error
    assert isinstance(error, GPOConnectionError)
    assert (error.message, error.attempts) == (
        "no response from https://gpo.example.com: connection reset by the server",
        3,
    )
    run = _run(to, Turn(fields={**_PDF, "content-encoding": "br"}, body=b"text"))
    _refused(run, "the body is encoded with 'br', which was not asked for")
    assert isinstance(run.error and run.error.__cause__, ValueError)
