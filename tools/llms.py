"""The documentation for language models: ``llms.txt``, ``llms-full.txt`` and the pages as Markdown, into the site.

    python tools/llms.py [FOLDER]

``llms.txt`` lists the pages in the order of mkdocs.yml, each with its first sentence (llmstxt.org); ``llms-full.txt``
is all of them, one after the other.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
_INCLUDED = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)
_MARK = re.compile(r"^(<!--.*?-->|</?div.*?>)\n", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_SENTENCE = re.compile(r"[^.]*?(?:\.(?=\s|$)|$)", re.DOTALL)


def pages(root: Path = ROOT) -> Iterator[tuple[str, str, str]]:
    """Each page of the site: its section, its path below docs/, and its Markdown without marks for tests."""
    config = yaml.safe_load((root / "mkdocs.yml").read_text("utf-8"))
    for section, path in _flat(config["nav"], "Start"):
        text = (root / "docs" / path).read_text("utf-8")
        text = _INCLUDED.sub(lambda found: (root / found[1]).read_text("utf-8"), text)
        yield section, path, _MARK.sub("", text).strip()


def _flat(nav: list[Any], section: str) -> Iterator[tuple[str, str]]:
    for entry in nav:
        if isinstance(entry, str):
            yield section, entry
        else:
            for name, below in entry.items():
                yield from [(section, below)] if isinstance(below, str) else _flat(below, name)


def summary(text: str) -> tuple[str, str]:
    r"""Return the title of a page, and the first sentence below it in plain words.

    >>> summary("# Streaming\n\nRead [a stream](b.md).\n  Then more.")
    ('Streaming', 'Read a stream.')
    """
    title = next((line[2:] for line in text.splitlines() if line.startswith("# ")), "")
    prose = _FENCE.sub("", text.partition(f"# {title}\n")[2])
    found = (block for block in re.split(r"\n\s*\n", prose) if block.strip() and block.strip()[0] not in "#|-:<!`")
    sentence = _SENTENCE.match(_LINK.sub(r"\1", next(found, "")).strip())
    return title, " ".join((sentence[0] if sentence else "").split())


def index(found: list[tuple[str, str, str]]) -> str:
    """Return the text of llms.txt."""
    lines = [
        "# GPO client",
        "",
        "> The Python client for the GPO Core API: typed, resumable answer streams, sync and async.",
    ]
    section = ""
    for its, path, text in found:
        if its != section:
            section = its
            lines += ["", f"## {section}", ""]
        title, first = summary(text)
        lines.append(f"- [{title or path}]({path}){f': {first}' if first else ''}")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files into a site that has been built."""
    site = Path(arguments[0]) if arguments else ROOT / "site"
    found = list(pages())
    for _, path, text in found:
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(f"{text}\n", "utf-8")
    (site / "llms.txt").write_text(index(found), "utf-8")
    (site / "llms-full.txt").write_text("\n\n".join(text for _, _, text in found) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
