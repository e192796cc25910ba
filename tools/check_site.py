"""Checks the documentation site in ``site/``: every link leads somewhere, and nothing is fetched from elsewhere.

    python tools/check_site.py [FOLDER]

prints what is wrong, a line each; the exit code is 1 then. The builder checks links between Markdown pages; this looks
at what it has built: files, anchors, and what the theme has added.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import attrs

ROOT = Path(__file__).resolve().parents[1]

# What a browser fetches while it shows a page, by tag. Links that somebody has to click may lead anywhere.
_FETCHED = {
    "audio": "src", "embed": "src", "iframe": "src", "image": "href", "img": "src", "input": "src", "link": "href",
    "object": "data", "script": "src", "source": "src", "track": "src", "use": "href", "video": "src",
}  # fmt: skip
_STYLE_FETCHES = re.compile(r"@import\s+[\"']([^\"']+)|url\(\s*[\"']?([^\"')]+)")


@attrs.define
class Page:
    """What a page offers and what it wants.

    Attributes:
        anchors: What can be linked to.
        links: Where its links lead.
        fetched: What is fetched to show it.
        images: Its pictures without a description.
    """

    anchors: set[str] = attrs.field(factory=set[str])
    links: list[str] = attrs.field(factory=list[str])
    fetched: list[str] = attrs.field(factory=list[str])
    images: list[str] = attrs.field(factory=list[str])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.page.anchors |= {given[name] for name in ("id", "name") if given.get(name)}
        address = given.get(_FETCHED.get(tag, ""), "")
        if address and not (tag == "link" and given.get("rel") in ("canonical", "prev", "next")):
            self.page.fetched.append(address)
        elif tag == "a" and "href" in given:
            self.page.links.append(given["href"])
        self.page.fetched += _in_style(given.get("style", ""))
        if tag == "img" and not given.get("alt"):
            self.page.images.append(given.get("src", ""))


def _in_style(style: str) -> list[str]:
    return [one or other for one, other in _STYLE_FETCHES.findall(style)]


def read_page(html: str) -> Page:
    """Return what a page offers and wants.

    >>> page = read_page('<h2 id="a"></h2><a href="b.html#c"></a><img src="d.svg" alt="a drawing">')
    >>> page.anchors, page.links, page.fetched, page.images
    ({'a'}, ['b.html#c'], ['d.svg'], [])
    """
    reader = _Reader()
    reader.feed(html)
    return reader.page


def problems(site: Path) -> Iterator[str]:
    """Return what is wrong with a site, a sentence each.

    Args:
        site: The folder it was built into.
    """
    site = site.resolve()
    pages = {path: read_page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"there is no site in {site}"
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for address in page.fetched:
            yield from (f"{name}: {problem}" for problem in _fetch_problems(site, path, address))
        # The page for addresses that do not exist is shown anywhere: its links are absolute.
        for address in page.links if name != "404.html" else ():
            yield from (f"{name}: {problem}" for problem in _link_problems(site, path, address, pages))
        yield from (f"{name}: the picture {image} has no description" for image in page.images)
    for path in sorted(site.rglob("*.css")):
        for address in _in_style(path.read_text("utf-8")):
            yield from (f"{path.name}: {problem}" for problem in _fetch_problems(site, path, address))


def _fetch_problems(site: Path, path: Path, address: str) -> Iterator[str]:
    if address.startswith("data:"):
        return
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        yield f"{address} would be fetched from elsewhere"
        return
    base = site if parts.path.startswith("/") else path.parent
    if parts.path and not (base / unquote(parts.path).lstrip("/")).is_file():
        yield f"{address} is not there"


def _link_problems(site: Path, path: Path, address: str, pages: dict[Path, Page]) -> Iterator[str]:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if target.is_dir():
        target /= "index.html"
    # A file beside the site may be there today, on this machine; it is not published with it.
    if not target.is_file() or not target.is_relative_to(site):
        yield f"the link {address} leads nowhere"
    elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
        yield f"the link {address} leads to a place that is not on that page"


def main(arguments: list[str]) -> int:
    """Check a site; the exit code."""
    found = list(problems(Path(arguments[0] if arguments else ROOT / "site")))
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
