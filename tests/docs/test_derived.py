"""What the documents derive from the code, or say of it: settings, drawings, the ways through it, names and files."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import attrs
import grimp
import pytest

from gpo_client import GPOConfig, exceptions
from gpo_client.exceptions import GPOClientError
from tests.docs.blocks import ROOT
from tools import settings_table
from tools.drawings import __main__ as drawings
from tools.drawings.batches import handed_out
from tools.drawings.buffer import levels
from tools.drawings.errors import notes
from tools.drawings.ways import CHUNK, QUESTION, Station

_ROW = re.compile(r"^\| `(\w+)`(?:<br>`(\w+)`)? \| ([^|<]+)<br>(\S+) \| (.+) \|$", re.MULTILINE)


def test_every_setting_is_in_the_table() -> None:
    """With its variable, its default and a meaning, in the order of the fields."""
    rows = _ROW.findall(settings_table.PAGE.read_text("utf-8"))
    fields = [field for field in attrs.fields(GPOConfig) if not field.name.startswith("_")]
    assert [row[0] for row in rows] == [field.name for field in fields]
    for (name, variable, unit, default, meaning), field in zip(rows, fields, strict=True):
        assert variable == ("" if name == "ssl_context" else f"GPO_API_{name.upper()}")
        assert unit in ("text", "number", "seconds", "bytes", "true, false", "names, values", "object", "path")
        assert meaning.endswith(".")
        if isinstance(field.default, (int, float)) and not isinstance(field.default, bool):
            assert float(default.strip("`")) == field.default, name


@pytest.mark.parametrize(
    ("file", "change"), [("PAGE", ("`60`", "`61`")), ("OVERRIDES", ("timeout: float", "timeout: int"))]
)
def test_settings_check(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    change: tuple[str, str],
) -> None:
    """The page and the overrides are up to date; one that is not is told, and written."""
    assert settings_table.main([]) == 0
    stale = tmp_path / "stale"
    stale.write_text(getattr(settings_table, file).read_text("utf-8").replace(*change), "utf-8")
    monkeypatch.setattr(settings_table, file, stale)
    assert settings_table.main([]) == 1
    assert "make settings" in capsys.readouterr().err
    assert settings_table.main(["--write"]) == 0
    assert settings_table.main([]) == 0


def test_drawings_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The drawings are up to date; one that is not, or is missing, is told, and drawn."""
    assert drawings.main([]) == 0
    monkeypatch.setattr(drawings, "IMAGES", tmp_path)
    assert drawings.main([]) == 1
    assert capsys.readouterr().err.count("make drawings") == len(drawings.DRAWINGS)
    assert drawings.main(["--write"]) == 0
    assert drawings.main([]) == 0
    (tmp_path / "errors.svg").write_text("<svg/>", "utf-8")
    assert drawings.main([]) == 1


@pytest.mark.parametrize("name", drawings.DRAWINGS)
def test_drawing(name: str) -> None:
    """A drawing says what it shows, needs nothing from elsewhere, fits its card, and has both lights and darks."""
    svg = drawings.DRAWINGS[name]().svg()
    root = ET.fromstring(svg)
    assert (root.findtext("{*}title") or "").strip()
    assert "prefers-color-scheme: dark" in svg
    assert set(re.findall(r"https?://[^\"]+", svg)) == {"http://www.w3.org/2000/svg"}
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        for side, limit in (("x", width), ("x1", width), ("x2", width), ("y", height), ("y1", height), ("y2", height)):
            assert 0 <= float(element.get(side, 0)) <= limit, ET.tostring(element)


def test_tree_of_errors() -> None:
    """Every error is in the drawing, with what the description of the module says of it."""
    svg = drawings.DRAWINGS["errors.svg"]().svg()
    for name, kind in vars(exceptions).items():
        if isinstance(kind, type) and issubclass(kind, GPOClientError):
            assert f">{name}</text>" in svg
            assert kind is GPOClientError or notes()[name]


def test_batches_and_buffer_are_as_told() -> None:
    """The numbers that the texts beside the drawings name."""
    sizes = [size for _, size in handed_out()]
    assert (sum(sizes), len(sizes), sizes[0]) == (21, 7, 1)
    seen = levels()
    assert max(level for _, level, _ in seen) == 16
    resumed = [level for (_, _, was_paused), (_, level, is_paused) in pairwise(seen) if was_paused and not is_paused]
    assert len(resumed) == 4
    assert set(resumed) == {7}


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("gpo_client")


def _are_linked(one: str, other: str) -> bool:
    a, b = (f"gpo_client.{re.sub(r'(/__init__)?[.]py$', '', file).replace('/', '.')}" for file in (one, other))
    return _graph().direct_import_exists(importer=a, imported=b) or _graph().direct_import_exists(
        importer=b, imported=a
    )


@pytest.mark.parametrize("way", [QUESTION, CHUNK], ids=["question", "chunk"])
def test_each_file_is_linked_to_one_before(way: tuple[Station, ...]) -> None:
    """By an import, or in the file that is named as the link."""
    assert len(way) <= 10
    for number, station in enumerate(way[1:], 1):
        before = [other.file for other in way[:number]]
        link = station.link
        if link:
            assert _are_linked(station.file, link), (station.file, link)
        assert any(_are_linked(link or station.file, other) or link == other for other in before), station.file


def test_the_page_names_every_word_of_its_glossary_once() -> None:
    """The glossary has thirty names, sorted, and each is a name in the code."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = page.split("## Glossary", 1)[1].split("\n## ", 1)[0].splitlines()
    names = [row.split("|")[1].strip().strip("`") for row in rows if row.startswith("| `")]
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "custom" / "gpo_client").rglob("*.py"))
    assert names == sorted(names, key=str.lower)
    assert len(names) == len(set(names)) == 30
    assert [name for name in names if f"class {name}" not in sources and f"def {name}" not in sources] == []


def test_the_files_that_the_page_names_are_there() -> None:
    """Whether in full or by their last parts."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`([\w/]+(?:\.py|/))`", page)
    paths = [path.relative_to(ROOT) for folder in ("custom", "tests") for path in (ROOT / folder).rglob("*")]
    known = [f"/{path}/" if (ROOT / path).is_dir() else f"/{path}" for path in paths] + ["/gpo_core_client/"]
    assert len(named) > 10
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in known)] == []


def test_the_files_that_contributors_are_sent_to_are_there() -> None:
    """Each path in CONTRIBUTING.md that begins with a folder of the project, and each link."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:custom|tests|tools|bench|docs|examples)/[\w./-]*)`", page) + re.findall(
        r"\]\(([\w./-]+)\)", page
    )
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
