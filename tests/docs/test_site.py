"""The documentation site, built as ``make docs`` builds it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gpo_client
from gpo_client import models, playground, relay, sandbox, streaming, testing
from tests.docs.blocks import ROOT
from tests.support.parts import made_once
from tools import llms
from tools.check_site import problems, read_page
from tools.site_extensions import on_site, to_markdown

pytestmark = pytest.mark.slow

_PARTS = ("mkdocs.yml", "CHANGELOG.md", "README.md", "openapi.yaml", "pyproject.toml")
_FOLDERS = ("docs", "custom", "gpo_core_client", "examples", "tools")


def _build(project: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zensical")
    environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", "PYTHONPATH": str(project)}
    return subprocess.run(
        [program, "build", "--strict", "--clean"],
        cwd=project,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def _make(folder: Path) -> None:
    """A copy of the project, as building writes beside the sources, with its site."""
    for name in _FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*_PARTS, *(path.name for path in ROOT.glob("*.md"))):
        shutil.copy(ROOT / path, folder)
    done = _build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    # griffe tells of descriptions that do not fit what they describe; the builder itself does not mind them.
    assert "griffe" not in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with its site."""
    return made_once(tmp_path_factory, "project with its site", _make)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site, to be damaged."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "errors.svg").write_text("<svg/>", "utf-8")
    (tmp_path / "site.css").write_text("p { color: red }", "utf-8")
    good = (
        '<a href="streaming.html#there">…</a><img src="images/errors.svg" alt="…"><a href="https://example.com">…</a>'
    )
    (tmp_path / "index.html").write_text(f"<html><body>{good}</body></html>", "utf-8")
    (tmp_path / "streaming.html").write_text('<html><body><h2 id="there">…</h2></body></html>', "utf-8")
    assert list(problems(tmp_path)) == []
    return tmp_path


def test_nothing_is_wrong_with_it(project: Path) -> None:
    """Every link leads somewhere, and nothing is fetched from elsewhere."""
    assert list(problems(project / "site")) == []
    assert len(list((project / "site").rglob("*.html"))) > 25


_DAMAGE = {
    '<a href="nowhere.html">': "the link nowhere.html leads nowhere",
    '<a href="../pyproject.toml">': "the link ../pyproject.toml leads nowhere",
    '<a href="streaming.html#nowhere">': "leads to a place that is not on that page",
    '<a href="#nowhere">': "leads to a place that is not on that page",
    '<img src="images/nowhere.svg" alt="…">': "images/nowhere.svg is not there",
    '<img src="images/errors.svg">': "the picture images/errors.svg has no description",
    '<img src="https://example.com/a.png" alt="…">': "https://example.com/a.png would be fetched from elsewhere",
    '<script src="//example.com/a.js"></script>': "//example.com/a.js would be fetched from elsewhere",
    '<link rel="stylesheet" href="http://example.com/a.css">': "would be fetched from elsewhere",
    '<link rel="preconnect" href="https://fonts.example.com">': "would be fetched from elsewhere",
    '<p style="background: url(https://example.com/a.png)">': "would be fetched from elsewhere",
    '<iframe src="https://example.com/"></iframe>': "would be fetched from elsewhere",
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_damage_is_found(site: Path, damage: str) -> None:
    """Each kind of broken link and foreign address."""
    page = site / "index.html"
    page.write_text(page.read_text("utf-8").replace("</body>", f"{damage}</body>"), "utf-8")
    (found,) = problems(site)
    assert _DAMAGE[damage] in found


def test_foreign_fonts_are_found(site: Path) -> None:
    """In style sheets as well; and an empty folder is no site."""
    style = site / "site.css"
    style.write_text('@import "https://fonts.example.com/a.css"; p { src: url(nowhere.woff) }', "utf-8")
    assert [problem.partition(": ")[2] for problem in problems(site)] == [
        "https://fonts.example.com/a.css would be fetched from elsewhere",
        "nowhere.woff is not there",
    ]
    assert len(list(problems(site / "images"))) == 1


def _anchors(project: Path) -> set[str]:
    pages = (project / "site" / "reference").glob("*.html")
    return {anchor for page in pages for anchor in read_page(page.read_text("utf-8")).anchors}


@pytest.mark.parametrize("room", [gpo_client, models, streaming, relay, testing, sandbox, playground])
def test_every_public_name_is_in_the_reference(project: Path, room: object) -> None:
    """Under the name it is imported by, or one of its other public names."""
    anchors = _anchors(project)
    rooms = ("gpo_client", "gpo_client.models", "gpo_client.streaming", "gpo_sandbox")
    for name in vars(room)["__all__"]:
        if name not in ("__version__", "transforms"):
            places = {f"{place}.{name}" for place in (*rooms, vars(room)["__name__"])}
            # A transform and its module have one name, so that the reference says which it means.
            places.add(f"gpo_client.text.transforms.{name}.{name}")
            assert anchors & places, f"{vars(room)['__name__']}.{name}"


def test_generated_models_are_described(project: Path) -> None:
    """Though what is declared of them for type checkers has no words of its own."""
    page = (project / "site" / "reference" / "models.html").read_text("utf-8")
    assert "The id of the conversation" in page


def test_every_method_of_both_clients_is_in_the_reference(project: Path) -> None:
    """With its description: the same on both sides."""
    anchors = _anchors(project)
    for kind in (
        gpo_client.GPOCoreClient,
        gpo_client.SyncGPOCoreClient,
        gpo_client.ChatStream,
        gpo_client.SyncChatStream,
    ):
        for name in dir(kind):
            if not name.startswith("_"):
                assert f"gpo_client.{kind.__name__}.{name}" in anchors, f"{kind.__name__}.{name}"


def test_docstrings_are_rendered(project: Path) -> None:
    """No role, no doctest and no literal block of reST is left as it stands in the code."""
    for page in (project / "site" / "reference").glob("*.html"):
        text = re.sub(
            r"<[^>]+>", "", re.sub(r"<(pre|code|script).*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL)
        )
        assert not re.search(r":(class|meth|func|attr):|&gt;&gt;&gt; |::\s*$", text, re.MULTILINE), page.name


def test_to_markdown() -> None:
    """Literal blocks may have several paragraphs, and stand alone; doctests may come one after the other."""
    assert to_markdown("As in::\n\n    a = 1\n\n    b = 2\n\nThen :meth:`~go` on.") == (
        "As in:\n\n```python\na = 1\n\nb = 2\n```\n\nThen `go` on."
    )
    assert to_markdown("One.\n\n::\n\n    a\n") == "One.\n\n```python\na\n\n```"
    assert to_markdown(">>> 1\n1\n\n>>> 2\n2") == "```pycon\n>>> 1\n1\n```\n\n```pycon\n>>> 2\n2\n```"


def test_included_documents_lead_where_they_should(project: Path) -> None:
    """Their links are right on the site too; what leads elsewhere is left alone."""
    page = read_page((project / "site" / "contributing.html").read_text("utf-8"))
    assert {"regenerate.html", "changelog.html"} <= set(page.links)
    assert on_site("[a](mkdocs.yml) [b](https://example.com/docs/A.md) `](x`") == (
        "[a](mkdocs.yml) [b](https://example.com/docs/A.md) `](x`"
    )


def test_for_language_models(project: Path) -> None:
    """Each page is listed, is there as Markdown, and is a part of the whole; marks for tests are not."""
    site = project / "site"
    assert llms.main([str(site)]) == 0
    listed = re.findall(r"^- \[.+?\]\((.+?)\)", (site / "llms.txt").read_text("utf-8"), re.MULTILINE)
    whole = (site / "llms-full.txt").read_text("utf-8")
    assert {path.with_suffix(".md").relative_to(site).as_posix() for path in site.rglob("*.html")} == {
        *listed,
        "404.md",
    }
    assert all((site / path).read_text("utf-8").strip() in whole for path in listed)
    assert "with SyncGPOCoreClient() as client:" in whole
    assert "<!-- output" not in whole
    assert '--8<-- "' not in whole


@pytest.fixture
def address(project: Path) -> Iterator[str]:
    """The site, served."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(project / "site")],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
    )
    with server:
        assert server.stdout is not None
        port = re.search(r"port (\d+)", server.stdout.readline())
        assert port
        yield f"http://127.0.0.1:{port[1]}"
        server.terminate()


@pytest.mark.browser
def test_a_browser_asks_nobody_else(address: str, chromium: Any) -> None:
    """Pages of each kind are shown without a request to anywhere else, without an error, and drawings are drawn."""
    asked, complaints = list[str](), list[str]()
    with chromium.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        for name in ("index", "streaming", "error_handling", "architecture", "performance", "reference/clients"):
            page.goto(f"{address}/{name}.html")
            undrawn = "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
            assert page.evaluate(undrawn) == []
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert complaints == []


@pytest.mark.browser
def test_pairs_are_tabs(address: str, chromium: Any) -> None:
    """One client is shown at a time, the other by a click or an arrow key; the choice holds on other pages."""
    from playwright.sync_api import expect

    with chromium.new_context() as context, chromium.new_context(java_script_enabled=False) as without_scripts:
        page = context.new_page()
        page.goto(f"{address}/getting_started.html")
        pair = page.locator(".pair").nth(1)
        tabs, panels = pair.get_by_role("tab"), pair.locator(".highlight")
        expect(tabs).to_have_text(["sync", "async"])
        expect(panels.nth(0)).to_be_visible()
        expect(panels.nth(1)).to_be_hidden()
        tabs.nth(0).press("ArrowRight")
        expect(tabs.nth(1)).to_be_focused()
        expect(panels.nth(0)).to_be_hidden()
        page.goto(f"{address}/index.html")
        expect(page.locator(".pair .highlight").nth(1)).to_be_visible()
        expect(page.locator(".pair .highlight").nth(0)).to_be_hidden()
        page.get_by_role("tab", name="sync", exact=True).first.click()
        expect(page.locator(".pair .highlight").nth(0)).to_be_visible()
        bare = without_scripts.new_page()
        bare.goto(f"{address}/index.html")
        expect(bare.locator(".pair .highlight").nth(0)).to_be_visible()
        expect(bare.locator(".pair .highlight").nth(1)).to_be_visible()
