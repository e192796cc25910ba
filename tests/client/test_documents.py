"""Documents and exports: lists, and files that are whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import pytest

from gpo_client import (
    DocumentSearch,
    Download,
    GPOConnectionError,
    InvalidArgumentError,
    InvalidResponseError,
    NotFoundError,
    ServerError,
)
from tests.client.conftest import Connect, Serve
from tests.client.users import RESICO, open_session
from tests.support.events import json_answer, problem_answer
from tests.support.question import CONTEXT
from tests.support.wire import Answer, End

_PDF = {"Content-Type": "application/pdf"}
_CSV = {"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": 'attachment; filename="../ratings.csv"'}

#: Two ways to a file; an export is a POST without a key, which nobody repeats.
_WAYS: dict[str, Callable[..., Any]] = {
    "document": lambda client, to, **how: client.download_document(CONTEXT, "doc_1", to, **how),
    "export": lambda client, to, **how: client.ratings.export(CONTEXT, to=to, **how),
}
_every_way = pytest.mark.parametrize("download", _WAYS.values(), ids=_WAYS)


def _file(*pieces: bytes | Event, disposition: str | None = None, **how: Any) -> Answer:
    headers = {**_PDF, "Content-Disposition": disposition} if disposition else _PDF
    return Answer(**{"headers": headers, "pieces": pieces, "framing": "length", **how})


def _export(*pieces: bytes, **how: Any) -> Answer:
    return Answer(**{"headers": _CSV, "pieces": pieces, "framing": "chunked", **how})


def _contents(folder: Path) -> dict[str, bytes | None]:
    """What is in a folder: the contents of files by name, None for folders."""
    return {path.name: None if path.is_dir() else path.read_bytes() for path in folder.iterdir()}


async def test_lists(client: Any) -> None:
    """All documents, those that hold a text in a chosen order, categories and solutions."""
    async with client:
        session = await open_session(client)
        all_of_them = [item async for item in await client.list_documents(session, page_size=5)]
        found = await client.search_documents(
            session, {"search_text": "resico", "sort_column": "title", "sort_order": "Ascending", "page_size": 2}
        )
        titles = [item.title async for item in found]
        same = await client.search_documents(session, DocumentSearch(search_text="resico", sort_column="title"))
        every = await client.search_documents(session)
        categories = await client.list_document_categories(session)
        tops = await client.list_document_categories(session, document_category_type="Category")
        solutions = await client.list_document_solutions(session)
    assert len({item.document_id for item in all_of_them}) == len(all_of_them) == every.total_count > 5
    assert titles == sorted(titles, key=str.lower)
    assert sorted(item.title for item in same.items) == sorted(titles)
    assert {item.document_category_type for item in tops} == {"Category"}
    assert len(tops) < len(categories)
    assert {item.category for item in all_of_them if item.category} == {item.name for item in tops}
    assert solutions


async def test_download(client: Any, tmp_path: Path) -> None:
    """A cited document comes whole: into memory, into a file, into a folder."""
    async with client:
        session = await open_session(client)
        answer = await client.chat(session, {"query": RESICO})
        document_id = answer.sources[0].document_id
        in_memory = await client.download_document(session, document_id)
        in_file = await client.download_document(session, document_id, tmp_path / "mine.md")
        in_folder = await client.download_document(session, document_id, str(tmp_path))
        with pytest.raises(NotFoundError):
            await client.download_document(session, "nobody", tmp_path / "nobody.md")
    assert isinstance(in_memory, Download)
    assert (in_memory.path, in_memory.size_bytes) == (None, len(in_memory.content))
    assert (in_file.path, in_file.content) == (tmp_path / "mine.md", b"")
    assert in_folder.path == tmp_path / str(in_memory.file_name)
    assert set(_contents(tmp_path)) == {"mine.md", in_memory.file_name}
    assert set(_contents(tmp_path).values()) == {in_memory.content}
    assert in_file.size_bytes == in_folder.size_bytes == len(in_memory.content)
    assert in_memory.media_type.startswith("text/")


_PAGE = {"Content-Type": "text/html"}
_FAILURES: dict[tuple[str, str], tuple[Answer, type[Exception]]] = {
    ("document", "cut short"): (_file(b"half", announced=99, end=End.FIN), GPOConnectionError),
    ("document", "reset"): (_file(b"half", announced=99, end=End.RESET), GPOConnectionError),
    ("document", "refused"): (problem_answer(404), NotFoundError),
    ("document", "damaged"): (_file(b"no gzip", headers={**_PDF, "Content-Encoding": "gzip"}), InvalidResponseError),
    ("document", "a part"): (_file(b"half", status=206), InvalidResponseError),
    ("document", "not ready"): (_file(b"{}", status=202), InvalidResponseError),
    ("document", "nothing"): (Answer(status=204, framing="close"), InvalidResponseError),
    ("document", "a problem"): (
        json_answer({}, headers={"Content-Type": "application/problem+json"}),
        InvalidResponseError,
    ),
    ("document", "silence"): (_file(b"half", announced=99, end=End.STALL), TimeoutError),
    ("export", "cut short"): (_export(b"half", end=End.FIN), GPOConnectionError),
    ("export", "reset"): (_export(b"half", end=End.RESET), GPOConnectionError),
    ("export", "refused"): (problem_answer(500), ServerError),
    ("export", "no CSV"): (json_answer({"items": []}), InvalidResponseError),
    ("export", "a page"): (_export(b"<p>", headers=_PAGE, framing="length"), InvalidResponseError),
}


@pytest.mark.parametrize(("way", "failure"), _FAILURES)
async def test_failures_leave_no_file(
    way: str, failure: str, tmp_path: Path, connect_once: Connect, serve: Serve
) -> None:
    """What is there stays as it was, and nothing is added."""
    answer, error = _FAILURES[way, failure]
    server = serve(answer)
    existing = tmp_path / "report.pdf"
    existing.write_bytes(b"the old one")
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(error):
            await _WAYS[way](client, existing, timeout=0.3 if failure == "silence" else 20)
    assert _contents(tmp_path) == {"report.pdf": b"the old one"}


async def test_an_export_is_asked_for_once(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    """It is a POST without a key, so nobody promises that repeating it is harmless."""
    async with connect(base_url=serve(_export(b"half", end=End.RESET)).base_url, retry_backoff_factor=0) as client:
        with pytest.raises(GPOConnectionError):
            await client.ratings.export(CONTEXT, to=tmp_path)
    assert _contents(tmp_path) == {}


@pytest.mark.parametrize("runtime", ["asyncio", "trio"])
async def test_cancelled_download_leaves_no_file(tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """A download whose task is cancelled takes its unfinished file along."""
    server = serve(_file(b"half", announced=99, end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        with anyio.move_on_after(0.3) as scope:
            await client.download_document(CONTEXT, "doc_1", tmp_path)
        await server.closed(0)
    assert scope.cancelled_caught
    assert _contents(tmp_path) == {}


_NAMES = {
    "attachment; filename=\"plain.pdf\"; filename*=UTF-8''informe%20a%C3%B1o.pdf": "informe año.pdf",
    'attachment; filename="informe año.pdf"': "informe año.pdf",
    'attachment; filename="../../etc/passwd"': "passwd",
    'attachment; filename=".."': "download",
    "attachment": "download",
}


@pytest.mark.parametrize("disposition", _NAMES, ids=lambda disposition: disposition[12:60] or "none")
async def test_names_that_servers_give(disposition: str, tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """A server chooses a name in the folder at most, never a place."""
    server = serve(_file(b"content", disposition=disposition))
    folder = tmp_path / "folder"
    folder.mkdir()
    async with connect_once(base_url=server.base_url) as client:
        saved = await client.download_document(CONTEXT, "doc_1", folder)
    assert _contents(tmp_path) == {"folder": None}
    assert _contents(folder) == {saved.path.name: b"content"}
    assert saved.path.parent == folder
    assert saved.path.name == _NAMES[disposition]


@pytest.mark.parametrize("group", ["ratings", "question_details"])
async def test_progress_of_exports(group: str, tmp_path: Path, connect_once: Connect, serve: Serve) -> None:
    """Bytes so far, and of all where the length is announced; the same in memory and into a file."""
    server = serve(
        _export(b"one,", b"two\r\n"), _export(b"one,", b"two\r\n", framing="length"), _export(b"one,two\r\n")
    )
    told: list[list[tuple[int, int | None]]] = [[], [], []]
    async with connect_once(base_url=server.base_url) as client:
        export = getattr(client, group).export
        for seen, to in zip(told, (tmp_path, tmp_path / "mine.csv", None), strict=True):
            saved = await export(CONTEXT, to=to, on_progress=lambda *now, seen=seen: seen.append(now))
            content = saved.content if to is None else saved.path.read_bytes()
            assert (content, saved.size_bytes, saved.media_type) == (b"one,two\r\n", 9, "text/csv")
            assert saved.file_name == "ratings.csv"
    assert set(_contents(tmp_path)) == {"ratings.csv", "mine.csv"}
    assert [(seen[0], seen[-1]) for seen in told] == [((0, size), (9, size)) for size in (None, 9, None)]
    assert all(seen == sorted(seen, key=lambda now: now[0]) for seen in told)


@_every_way
async def test_progress_that_fails(
    download: Callable[..., Any], tmp_path: Path, connect_once: Connect, serve: Serve
) -> None:
    """What the callback raises ends the download; no file is left and the connection is let go."""
    server = serve(_file(b"half", announced=8, end=End.STALL, headers=_CSV))

    def fail(received: int, _: int | None) -> None:
        if received:
            raise ZeroDivisionError

    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(ZeroDivisionError):
            await download(client, tmp_path, on_progress=fail)
        await server.closed(0)
        with pytest.raises(InvalidArgumentError, match="on_progress"):
            await download(client, tmp_path, on_progress=5)
    assert _contents(tmp_path) == {}


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
