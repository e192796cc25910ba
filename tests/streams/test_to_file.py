"""Answers written to files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpo_client import APIStatusError, InvalidArgumentError, StreamInterruptedError
from gpo_client.drivers import files
from tests.client.conftest import Serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.streams.kinds import every_kind
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

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
    server = serve(stream_answer(*_EVENTS))
    async with connect_once(base_url=server.base_url) as client:
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

    server = serve(stream_answer(pieces=pieces()))
    async with connect_once(base_url=server.base_url) as client:
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


async def test_an_empty_answer(connect_once: Connect, serve: Serve, tmp_path: Path) -> None:
    """A whole answer without text is a file without text."""
    server = serve(stream_answer(*answer_events()))
    async with connect_once(base_url=server.base_url) as client:
        await client.chat_stream(CONTEXT, QUESTION).to_file(tmp_path / "answer.md")
    assert (tmp_path / "answer.md").read_bytes() == b""
    assert _names(tmp_path) == ["answer.md"]
