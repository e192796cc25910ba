"""The ways that architecture.md draws are those of the code: held against the imports, and no longer than ten files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import grimp
import pytest

from tools.drawings.ways import CHUNK, QUESTION, Station

ROOT = Path(__file__).resolve().parents[2]


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("gpo_client")


def _are_linked(one: str, other: str) -> bool:
    a, b = (f"gpo_client.{file.removesuffix('.py').replace('/', '.')}" for file in (one, other))
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
    """The glossary is sorted, and each name in it is a name in the code."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = page.split("## Glossary", 1)[1].split("\n## ", 1)[0].splitlines()
    names = [row.split("|")[1].strip().strip("`") for row in rows if row.startswith("| `")]
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "custom" / "gpo_client").rglob("*.py"))
    assert names == sorted(names, key=str.lower)
    assert len(names) == len(set(names)) >= 30
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
