"""gpo documents."""

from __future__ import annotations

import json
import os
import tempfile
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.cli.conftest import Gpo
from tests.cli.service import farewell
from tests.support.events import json_answer, session
from tests.support.terminal import in_terminal
from tests.support.wire import Answer, End, WireServer


def test_lists(gpo: Gpo) -> None:
    """A line for each, and the search finds by text in the order that was asked for."""
    listed = [line.split("\t") for line in gpo("documents", "list", "--all").lines]
    assert len(listed) == 18
    assert all(row[0].startswith("doc-") and row[3].endswith(".md") and int(row[2]) > 0 for row in listed)
    found = [
        json.loads(line) for line in gpo("documents", "search", "tax", "--sort", "title", "--ascending", "--json").lines
    ]
    titles = [item["title"] for item in found]
    assert titles == sorted(titles)
    assert len(titles) > 3
    (one,) = gpo("documents", "search", "RESICO: the simplified").lines
    assert one.startswith("doc-resico\t")
    assert gpo("documents", "search", "no such thing").out == ""


def test_downloads(gpo: Gpo, tmp_path: Path) -> None:
    """Into the folder where one is, under the service's name, and the path is printed."""
    done = gpo("documents", "download", "doc-resico", "doc-isr-general")
    assert (done.code, done.err) == (0, "")
    assert done.lines == ["resico.md", "isr-general.md"]
    assert (tmp_path / "resico.md").read_text("utf-8").startswith("---")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["isr-general.md", "resico.md"]


def test_where_to(gpo: Gpo, tmp_path: Path) -> None:
    """A folder or a file can be named."""
    (tmp_path / "folder").mkdir()
    assert gpo("documents", "download", "doc-resico", "--to", "folder").lines == ["folder/resico.md"]
    assert gpo("documents", "download", "doc-resico", "--to", "folder/other.md").lines == ["folder/other.md"]
    assert sorted(entry.name for entry in (tmp_path / "folder").iterdir()) == ["other.md", "resico.md"]


@pytest.mark.parametrize("to", [(), ("--to", "resico.md")])
def test_files_are_not_replaced(gpo: Gpo, tmp_path: Path, to: tuple[str, ...]) -> None:
    """Unless it is asked for: the service chooses the names."""
    (tmp_path / "resico.md").write_text("mine")
    done = gpo("documents", "download", "doc-resico", *to)
    assert (done.code, done.out) == (1, "")
    assert done.complaint == "resico.md exists; --force replaces it, --to chooses another place"
    assert (tmp_path / "resico.md").read_text() == "mine"
    assert gpo("documents", "download", "doc-resico", *to, "--force").code == 0
    assert (tmp_path / "resico.md").read_text("utf-8") != "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["resico.md"]


def test_links_stay(gpo: Gpo, tmp_path: Path) -> None:
    """A file that was named is written as the library writes it: through links, its mode as it was."""
    (tmp_path / "mine.md").touch(mode=0o640)
    (tmp_path / "link.md").symlink_to("mine.md")
    assert gpo("documents", "download", "doc-resico", "--to", "link.md").code == 1
    assert gpo("documents", "download", "doc-resico", "--to", "link.md", "--force").code == 0
    assert (tmp_path / "link.md").is_symlink()
    assert (tmp_path / "mine.md").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "mine.md").read_text("utf-8").startswith("---")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_pipes_are_written_into(gpo: Gpo, tmp_path: Path) -> None:
    """They hold nothing that could be lost."""
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert gpo("documents", "download", "doc-resico", "--to", "pipe").code == 0
        assert os.read(reader, 3) == b"---"
    finally:
        os.close(reader)


def test_names_from_the_service_stay_in_the_folder(gpo: Gpo, tmp_path: Path) -> None:
    """Whatever name the service gives."""
    headers = {"Content-Disposition": "attachment; filename*=UTF-8''..%2F..%2F%1Bevil.md", "Content-Type": "text/plain"}
    file = Answer(headers=headers, pieces=[b"text"], framing="length")
    (tmp_path / "in").mkdir()
    with WireServer(json_answer(session()), file, farewell()) as server:
        done = gpo("documents", "download", "doc_1", "--to", "in", "--base-url", server.base_url)
    assert done.code == 0
    assert done.lines == ["in/evil.md"]
    assert (tmp_path / "in" / "evil.md").read_text() == "text"


def test_broken_downloads_leave_nothing(gpo: Gpo, tmp_path: Path) -> None:
    """A file is whole or not there."""
    cut = Answer(headers={"Content-Type": "text/plain"}, pieces=[b"te"], framing="length", announced=4, end=End.FIN)
    with WireServer(json_answer(session()), *[cut] * 3) as server:
        done = gpo("documents", "download", "doc_1", "--base-url", server.base_url)
    assert done.code == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["none/resico.md", "a-file/resico.md", "x" * 300])
def test_places_that_cannot_be_written(gpo: Gpo, tmp_path: Path, to: str) -> None:
    """The error names the place that was asked for, and no temporary one."""
    (tmp_path / "a-file").touch()
    done = gpo("documents", "download", "doc-resico", "--to", to)
    assert (done.code, done.out) == (1, "")
    assert done.complaint.startswith(f"{to}: ")
    assert "gpo-" not in done.complaint


def test_a_progress_bar(tmp_path: Path) -> None:
    """In a terminal: how much has arrived of how much; gone when it is done."""
    from threading import Event

    go = Event()
    file = Answer(
        headers={"Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="a.txt"'},
        pieces=[b"x" * 30_000, go, b"x" * 10_000],
        framing="length",
        announced=40_000,
    )
    with (
        WireServer(json_answer(session()), file, farewell()) as server,
        in_terminal("documents", "download", "doc_1", base_url=server.base_url) as terminal,
    ):
        terminal.wait_for("30.0/40.0 kB")
        go.set()
        assert terminal.wait() == 0
    assert terminal.text == "a.txt"
    assert (tmp_path / "a.txt").stat().st_size == 40_000


def test_progress_of_downloads_without_a_size(gpo: Gpo) -> None:
    """A service that does not say how much there is."""
    file = Answer(headers={"Content-Type": "text/plain"}, pieces=[b"te", b"xt"], framing="chunked")
    with WireServer(json_answer(session()), file, farewell()) as server:
        assert gpo("documents", "download", "doc_1", "--base-url", server.base_url).lines == ["download"]


def test_opening(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is whole when the program that BROWSER names sees it; without any, the error names the file."""
    viewer = tmp_path / "viewer"
    viewer.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/seen\n')
    viewer.chmod(0o755)
    monkeypatch.setattr(webbrowser, "_tryorder", None)  # it looks at the environment once
    monkeypatch.setenv("BROWSER", str(viewer))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    done = gpo("documents", "open", "doc-resico")
    assert (done.code, done.out) == (0, "")
    seen = Path(unquote(urlsplit((tmp_path / "seen").read_text().strip()).path))
    assert seen.read_text().startswith("---\ndocument_id: doc-resico")
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    assert "set BROWSER to a program; the document is in" in gpo("documents", "open", "doc-resico").complaint
    assert gpo("documents", "open", "doc-none").code == 1
