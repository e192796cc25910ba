"""Listing, searching and downloading documents."""

from collections.abc import Callable
from pathlib import Path

import pytest

import gpo_sandbox
from gpo_sandbox import RunningSandbox, SettingsError, running_sandbox

from .conftest import Opener
from .visitor import Visitor

_CORPUS = Path(gpo_sandbox.__file__).parent / "corpus"
_FRONT = """---
document_id: {id}
title: {title}
file_name: {id}.md
category: {category}
sub_category: {sub}
solution: CE
tags: one, dos
summary: About {id}.
summary_es: Sobre {id}.
created_at: 2026-01-0{day}T00:00:00Z
modified_at: 2026-02-0{day}
---
"""


@pytest.fixture
def library(tmp_path: Path, start_sandbox: Callable[..., RunningSandbox], visit: Opener) -> Visitor:
    """Visit a sandbox with three documents of its own."""
    documents = [("b", "Álgebra", "A", "x", "fox"), ("a", "beta", "B", "x", "lynx"), ("c", "Gamma", "B", "y", "owl")]
    for day, (id_, title, category, sub, word) in enumerate(documents, 1):
        text = _FRONT.format(id=id_, title=title, category=category, sub=sub, day=day)
        (tmp_path / f"{id_}.md").write_text(f"{text}# {title}\n\n## Basics\n\nThe {word} pays no tax.\n")
    return visit(start_sandbox(corpus=tmp_path, chunk_delay_s=0))


def _ids(visitor: Visitor, **body: object) -> str:
    items = visitor.post("/api/Documents/managed", body).raise_for_status().json()["items"]
    return "".join(item["document_id"] for item in items)


def test_every_packaged_document_is_listed_once(visitor: Visitor) -> None:
    """All pages together are the whole library, the most recently changed first."""
    pages = [visitor.get("/api/Documents", page=page, page_size=5).json() for page in (1, 2, 3, 4, 5)]
    items = [item for page in pages for item in page["items"]]
    assert {item["file_name"] for item in items} == {path.name for path in _CORPUS.glob("*.md")}
    assert len(items) == pages[0]["total_count"]
    assert [item["modified_at"] for item in items] == sorted((it["modified_at"] for it in items), reverse=True)


def test_downloads_are_the_files(visitor: Visitor) -> None:
    """Bytes, size, media type and name are those of the file."""
    for item in visitor.get("/api/Documents", page_size=100).json()["items"]:
        response = visitor.get(f"/api/Documents/{item['document_id']}/download")
        assert response.content == (_CORPUS / item["file_name"]).read_bytes()
        assert len(response.content) == item["size_bytes"]
        assert response.headers["Content-Type"].startswith(item["media_type"])
        assert f'attachment; filename="{item["file_name"]}"' in response.headers["Content-Disposition"]


def test_an_unknown_document(visitor: Visitor) -> None:
    """There is nothing to download."""
    response = visitor.get("/api/Documents/doc-99/download")
    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_searching_and_sorting(library: Visitor) -> None:
    """Texts are found in any case and without accents; columns sort both ways, by default the newest first."""
    assert _ids(library) == "cab"
    assert _ids(library, search_text="ALGEBRA") == "b"
    assert _ids(library, search_text="dos", sort_column="title", sort_order="Ascending") == "bac"
    assert _ids(library, sort_column="file_name", sort_order="Ascending") == "abc"
    assert _ids(library, sort_column="created_at") == "cab"
    assert _ids(library, search_text="lynx") == ""
    assert _ids(library, page=2, page_size=2) == "b"


def test_categories_and_solutions(library: Visitor) -> None:
    """Sub-categories know their category; the same name under another category is another one."""
    path = "/api/Documents/Documentcategories"
    everything = library.get(path).json()
    top = library.get(path, document_category_type="Category").json()
    below = library.get(path, document_category_type="SubCategory").json()
    names = {item["category_id"]: item["name"] for item in everything}
    assert [item["name"] for item in top] == ["A", "B"]
    assert [(item["name"], names[item["parent_id"]]) for item in below] == [("x", "A"), ("x", "B"), ("y", "B")]
    assert len(names) == 5
    assert library.get("/api/Documents/Documentsolutions").json() == [{"solution_id": "sol-ce", "name": "CE"}]


def test_answers_come_from_the_documents_that_were_given(library: Visitor) -> None:
    """Another folder, other answers."""
    answer = library.ask("What about a lynx?")
    assert [source["document_id"] for source in answer["sources"]] == ["a"]
    assert "The lynx pays no tax. [1]" in answer["message_content"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# No front matter", "front matter"),
        ("---\ndocument_id: a\n---\n# A", "title"),
        ("---\ncolour: a\n---\n", "colour"),
        (_FRONT.format(id="a", title="A", category="A", sub="x", day="x"), "2026"),
    ],
)
def test_documents_that_cannot_be_used(tmp_path: Path, text: str, reason: str) -> None:
    """A bad file is named, with what is wrong with it."""
    (tmp_path / "bad.md").write_text(text)
    with pytest.raises(SettingsError, match=rf"bad\.md.*{reason}"), running_sandbox(corpus=tmp_path):
        pass
