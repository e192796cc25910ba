"""Answers written to files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpo_client import APIStatusError, InvalidArgumentError, StreamInterruptedError
from gpo_client.drivers import files
from tests.client.conftest import Connect, Serve
from tests.streams.kinds import every_kind
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.question import CONTEXT, QUESTION
from tests.support.wire import End
from tests.support.wire_script import Answer

_EVENTS = answer_events("México ", "taxes ", "income €.")
_TEXT = "México taxes income €."


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@every_kind
async def test_whole(kind: Callable[[Any], Any], connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """The file has the text and nothing is beside it, whatever was there before; the result says the rest."""
    path = tmp_path / "answer.md"
    path.write_text("before")
    (tmp_path / "answer.md.part").write_text("from a failure before")
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        stream, *_ = kind(client.chat_stream(CONTEXT, QUESTION))
        answer = await stream.to_file(path)
    assert path.read_text("utf-8") == _TEXT
    assert _names(tmp_path) == ["answer.md"]
    assert (answer.is_complete, len(answer.sources), answer.chunk_count) == (True, 1, 4)


async def test_nothing_is_seen_before_the_end(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """Whoever looks at the file during the answer sees the one before."""
    path = tmp_path / "answer.md"
    path.write_text("before")
    seen: list[str] = []

    def pieces() -> Any:
        for event in _EVENTS:
            seen.append(path.read_text())
            yield event

    async with connect_once(base_url=serve(stream_answer(pieces=pieces())).base_url) as client:
        await client.chat_stream(CONTEXT, QUESTION).to_file(str(path))
    assert set(seen) == {"before"}
    assert path.read_text("utf-8") == _TEXT


async def test_cut_short(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """What arrived is kept beside the file, until there is more or the whole of it."""
    path, part = tmp_path / "answer.md", tmp_path / "answer.md.part"
    path.write_text("before")
    server = serve(
        stream_answer(*_EVENTS[:2], end=End.RESET),
        problem_answer(403),
        stream_answer(end=End.FIN),
        stream_answer(*_EVENTS),
    )
    async with connect_once(base_url=server.base_url) as client:
        with pytest.raises(StreamInterruptedError):
            await client.chat_stream(CONTEXT, QUESTION).to_file(path)
        assert (part.read_text("utf-8"), path.read_text("utf-8")) == ("México taxes ", "before")
        for error in (APIStatusError, StreamInterruptedError):
            with pytest.raises(error):
                await client.chat_stream(CONTEXT, QUESTION).to_file(path)
            assert part.read_text("utf-8") == "México taxes "
            assert _names(tmp_path) == ["answer.md", "answer.md.part"]
        await client.chat_stream(CONTEXT, QUESTION).to_file(path)
    assert _names(tmp_path) == ["answer.md"]


async def test_files_that_cannot_be_written(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """Whatever is wrong with the path is told before anything is sent."""
    (tmp_path / "file").touch()
    server = serve()
    async with connect_once(base_url=server.base_url) as client:
        for path, error in (
            (tmp_path, IsADirectoryError),
            ("", IsADirectoryError),
            (tmp_path / "missing" / "answer.md", FileNotFoundError),
            (tmp_path / "file" / "answer.md", NotADirectoryError),
            (tmp_path / ("x" * 300), OSError),
        ):
            with pytest.raises(error):
                await client.chat_stream(CONTEXT, QUESTION).to_file(path)
        for no_path in (None, 5, "a\0b"):
            with pytest.raises(InvalidArgumentError, match="path must be that of a file") as caught:
                await client.chat_stream(CONTEXT, QUESTION).to_file(no_path)
            assert caught.value.field == "path"
    assert server.connections == []
    assert _names(tmp_path) == ["file"]


async def test_a_bad_path_in_the_middle_of_a_stream(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """The connection is released."""
    server = serve(stream_answer(*_EVENTS[:2], end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION)
        await anext(stream)
        with pytest.raises(FileNotFoundError):
            await stream.to_file(tmp_path / "missing" / "answer.md")
        await server.closed(0)


async def test_a_full_disk(
    connect_once: Connect, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error comes at once, and the connection is released."""

    def write(self: files.AtomicFile, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.AtomicFile, "write", write)
    server = serve(stream_answer(*_EVENTS[:2], end=End.STALL))
    async with connect_once(base_url=server.base_url) as client:
        stream = client.chat_stream(CONTEXT, QUESTION).buffered()
        with pytest.raises(OSError, match="No space left"):
            await stream.to_file(tmp_path / "answer.md")
        await server.closed(0)
        assert stream.partial.content


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def _write(to: Any, connect_once: Connect, serve: Serve) -> None:
    async with connect_once(base_url=serve(stream_answer(*_EVENTS)).base_url) as client:
        await client.chat_stream(CONTEXT, QUESTION).to_file(to)


async def _download(to: Any, connect_once: Connect, serve: Serve) -> None:
    headers = {"Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="answer.md"'}
    async with connect_once(base_url=serve(Answer(headers=headers, pieces=[_TEXT.encode()])).base_url) as client:
        await client.download_document(CONTEXT, "doc_1", to=to)


both = pytest.mark.parametrize("write", [_write, _download], ids=["answer", "download"])
Write = Callable[[Any, Connect, Serve], Any]


@both
async def test_links_are_written_through(write: Write, connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """What they lead to is replaced, whether it is there or not; other hard links see the same."""
    (folder := tmp_path / "kept").mkdir()
    (folder / "answer.md").write_text("before")
    (tmp_path / "link").symlink_to("kept/answer.md")
    (tmp_path / "link to a link").symlink_to("link")
    (tmp_path / "link to nothing").symlink_to("kept/new.md")
    (tmp_path / "hard").hardlink_to(folder / "answer.md")
    for name in ("link to a link", "link to nothing"):
        await write(tmp_path / name, connect_once, serve)
        assert (tmp_path / name).is_symlink()
    assert (tmp_path / "link").is_symlink()
    assert [(path.name, path.read_text("utf-8")) for path in sorted(folder.iterdir())] == [
        ("answer.md", _TEXT),
        ("new.md", _TEXT),
    ]
    assert (tmp_path / "hard").read_text("utf-8") == _TEXT


@both
async def test_mode_and_owner_stay(write: Write, connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """Of a file that exists; a new one gets what any new file gets."""
    existing, new, usual = tmp_path / "existing", tmp_path / "new", tmp_path / "usual"
    existing.touch()
    existing.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(existing, 1234, 2345)
    owner = existing.stat().st_uid, existing.stat().st_gid
    usual.touch()
    await write(existing, connect_once, serve)
    await write(new, connect_once, serve)
    assert existing.read_text("utf-8") == _TEXT
    assert (_mode(existing), existing.stat().st_uid, existing.stat().st_gid) == (0o640, *owner)
    assert _mode(new) == _mode(usual)


@both
async def test_an_owner_that_cannot_be_given(
    write: Write, connect_once: Connect, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is written into, so that it stays whose it is."""

    def refuse(*_: Any) -> None:
        raise PermissionError

    path = tmp_path / "existing"
    path.write_text("before, and longer than the answer will be")
    number = path.stat().st_ino
    monkeypatch.setattr(os, "chown", refuse)
    monkeypatch.setattr(Path, "chmod", refuse)
    await write(path, connect_once, serve)
    assert (path.read_text("utf-8"), path.stat().st_ino) == (_TEXT, number)
    assert _names(tmp_path) == ["existing"]


async def test_nobody_reads_along(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """What is to replace a private file is private while it is written, and when it is kept beside."""
    path = tmp_path / "answer.md"
    path.touch()
    path.chmod(0o600)
    modes: set[int] = set()

    def pieces() -> Any:
        for event in _EVENTS[:2]:
            modes.update(_mode(each) for each in tmp_path.iterdir())
            yield event

    async with connect_once(base_url=serve(stream_answer(pieces=pieces(), end=End.RESET)).base_url) as client:
        with pytest.raises(StreamInterruptedError):
            await client.chat_stream(CONTEXT, QUESTION).to_file(path)
    assert modes == {0o600}
    assert _mode(tmp_path / "answer.md.part") == 0o600


@both
async def test_pipes_are_written_into(write: Write, connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """And stay pipes. One that nobody reads from is told, under the name that was given."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="pipe") as caught:
        await write(pipe, connect_once, serve)
    assert caught.value.filename == str(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        await write(pipe, connect_once, serve)
        assert os.read(reader, 1000).decode() == _TEXT
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert _names(tmp_path) == ["pipe"]


@both
async def test_devices_are_written_into(write: Write, connect_once: Connect, serve: Serve) -> None:
    """They are never replaced."""
    await write("/dev/null", connect_once, serve)
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc")
@both
async def test_open_files_are_written_into(write: Write, connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """As ``/dev/stdout`` is, also where the shell has led it into a file: what was printed before stays."""
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        log.write("before ")
        log.flush()
        await write(f"/dev/fd/{log.fileno()}", connect_once, serve)
        assert (tmp_path / "log").read_text("utf-8") == f"before {_TEXT}"
        os.fstat(log.fileno())
    assert (tmp_path / "log").stat().st_nlink == 1
    assert _names(tmp_path) == ["log"]


async def test_names_that_the_service_gives(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """In a folder, they lead into no link, pipe or device."""
    (tmp_path / "private").write_text("before")
    for make in (lambda path: path.symlink_to("private"), os.mkfifo):
        make(tmp_path / "answer.md")
        with pytest.raises(OSError, match="no regular file") as caught:
            await _download(tmp_path, connect_once, serve)
        assert caught.value.filename == str(tmp_path / "answer.md")
        (tmp_path / "answer.md").unlink()
    assert (tmp_path / "private").read_text() == "before"
    await _download(tmp_path, connect_once, serve)
    assert _names(tmp_path) == ["answer.md", "private"]


async def test_a_download_into_a_pipe_that_breaks(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """It is not begun anew: what was written cannot be taken back."""
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    headers = {"Content-Type": "text/plain"}
    server = serve(
        Answer(headers=headers, pieces=[b"half of it"], end=End.RESET, framing="length", announced=100),
        Answer(headers={"Content-Type": "text/plain"}, pieces=[b"all of it"]),
    )
    try:
        async with connect_once(base_url=server.base_url, max_retries=1, retry_backoff_factor=0) as client:
            with pytest.raises(OSError, match="cannot be taken back") as caught:
                await client.download_document(CONTEXT, "doc_1", to=pipe)
        assert caught.value.filename == str(pipe)
        assert os.read(reader, 1000) == b"half of it"
    finally:
        os.close(reader)


@both
async def test_errors_name_the_file_of_the_user(
    write: Write, connect_once: Connect, serve: Serve, tmp_path: Path
) -> None:
    """And never ours beside it; a name as long as any file's is no problem."""
    (tmp_path / "file").touch()
    (tmp_path / "round").symlink_to("round")
    wrong = {"missing/a.md": FileNotFoundError, "file/a.md": NotADirectoryError, "round": OSError, "x" * 300: OSError}
    for name, error in wrong.items():
        with pytest.raises(error) as caught:
            await write(tmp_path / name, connect_once, serve)
        assert caught.value.filename == str(tmp_path / name)
        assert str(caught.value).endswith(f": {str(tmp_path / name)!r}")  # and no other
        assert ".part" not in str(caught.value)
    await write(tmp_path / ("y" * 255), connect_once, serve)
    assert (tmp_path / ("y" * 255)).read_text("utf-8") == _TEXT


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_disk_that_is_full_names_the_file(connect_once: Connect, serve: Serve) -> None:
    """The system's own error of a write has no name at all."""
    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"):
        await _write("/dev/full", connect_once, serve)
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)  # noqa: PTH116


async def test_an_empty_answer(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """A whole answer without text is a file without text."""
    async with connect_once(base_url=serve(stream_answer(*answer_events())).base_url) as client:
        await client.chat_stream(CONTEXT, QUESTION).to_file(tmp_path / "answer.md")
    assert (tmp_path / "answer.md").read_bytes() == b""
    assert _names(tmp_path) == ["answer.md"]
