"""Exports and downloads into files: progress, and files that are whole or not there."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from gpo_client import GPOConnectionError, InvalidArgumentError, InvalidResponseError, ServerError
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT
from tests.support.events import json_answer, problem_answer
from tests.support.wire import Answer, End

_CSV = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="../ratings.csv"'}


def _export(*pieces: bytes, **how: Any) -> Answer:
    return Answer(**{"headers": _CSV, "pieces": pieces, "framing": "chunked", **how})


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("group", ["ratings", "question_details"])
async def test_progress(group: str, tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """Bytes so far, and of all where the length is announced; the same in memory and into a file."""
    server = serve(
        _export(b"one,", b"two\r\n"),
        _export(b"one,", b"two\r\n", framing="length"),
        _export(b"one,two\r\n"),
    )
    told: list[list[tuple[int, int | None]]] = [[], [], []]
    async with connect_once(base_url=server.base_url) as client:
        export = getattr(client, group).export
        for seen, to in zip(told, (tmp_path, tmp_path / "mine.csv", None), strict=True):
            saved = await export(CONTEXT, to=to, on_progress=lambda *now, seen=seen: seen.append(now))
            content = saved.content if to is None else saved.path.read_bytes()
            assert (content, saved.size_bytes, saved.media_type) == (b"one,two\r\n", 9, "text/csv")
            assert saved.file_name == "ratings.csv"
    assert set(_files(tmp_path)) == {"ratings.csv", "mine.csv"}
    assert (told[0][0], told[0][-1]) == ((0, None), (9, None))
    assert (told[1][0], told[1][-1]) == ((0, 9), (9, 9))
    assert (told[2][0], told[2][-1]) == ((0, None), (9, None))
    assert all(seen == sorted(seen, key=lambda now: now[0]) for seen in told)


async def test_progress_of_a_document(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """Of a compressed document the whole size is not known beforehand: the length is that of what is sent."""
    body = gzip.compress(b"x" * 1000)
    headers = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    server = serve(Answer(headers=headers, pieces=[body], framing="length"))
    told: list[tuple[int, int | None]] = []
    async with connect_once(base_url=server.base_url) as client:
        await client.download_document(CONTEXT, "doc_1", tmp_path / "x", on_progress=lambda *now: told.append(now))
    assert (told[0], told[-1]) == ((0, None), (1000, None))


async def test_a_download_is_tried_again(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    """What the first attempt had written is gone, and progress begins anew."""
    server = serve(_export(b"half", end=End.RESET), problem_answer(503), _export(b"whole"))
    told: list[int] = []
    async with connect(base_url=server.base_url, retry_backoff_factor=0) as client:
        saved = await client.download_document(CONTEXT, "doc", tmp_path, on_progress=lambda done, _: told.append(done))
    assert saved.path.read_bytes() == b"whole"
    assert set(_files(tmp_path)) == {"ratings.csv"}
    assert told.count(0) == 2
    assert told[-1] == 5


async def test_an_export_is_not(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    """It is a POST without a key, so nobody promises that repeating it is harmless."""
    server = serve(_export(b"half", end=End.RESET))
    async with connect(base_url=server.base_url, retry_backoff_factor=0) as client:
        with pytest.raises(GPOConnectionError):
            await client.ratings.export(CONTEXT, to=tmp_path)
    assert _files(tmp_path) == {}


_FAILURES: dict[str, tuple[Answer, type[Exception]]] = {
    "cut": (_export(b"half", end=End.FIN), GPOConnectionError),
    "reset": (_export(b"half", end=End.RESET), GPOConnectionError),
    "refused": (problem_answer(500), ServerError),
    "no CSV": (json_answer({"items": []}), InvalidResponseError),
    "a page": (Answer(headers={"Content-Type": "text/html"}, pieces=[b"<p>"], framing="length"), InvalidResponseError),
}


@pytest.mark.parametrize("failure", _FAILURES)
async def test_failures_leave_no_file(failure: str, tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """What was there stays, and nothing is added."""
    answer, error = _FAILURES[failure]
    server = serve(answer)
    old = tmp_path / "ratings.csv"
    old.write_bytes(b"old")
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(error):
            await client.ratings.export(CONTEXT, to=old)
    assert _files(tmp_path) == {"ratings.csv": b"old"}


async def test_a_callback_that_fails(tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """Its error is the user's own; the export ends, and its file goes."""
    server = serve(_export(b"one", b"two"))

    def fail(done: int, _total: int | None) -> None:
        if done:
            raise LookupError("mine")

    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(LookupError, match="mine"):
            await client.ratings.export(CONTEXT, to=tmp_path, on_progress=fail)
        with pytest.raises(InvalidArgumentError, match="on_progress"):
            await client.ratings.export(CONTEXT, to=tmp_path, on_progress=5)
    assert _files(tmp_path) == {}


async def test_real_export(client: Any, tmp_path: Path) -> None:
    """From the sandbox, in the user's time zone."""
    async with client:
        conversation = await client.open_conversation({"instance_id": "export", "user_id": "ana"}, title="Ábaco, “b”")
        await conversation.rate(4, comment="two\r\nlines")
        saved = await client.ratings.export(conversation.context, to=tmp_path, time_zone="America/Mexico_City")
    text = saved.path.read_text("utf-8")
    assert saved.path == tmp_path / "ratings.csv"
    assert '"Ábaco, “b”",ana,4,"two' in text
    assert "-06:00," in text
