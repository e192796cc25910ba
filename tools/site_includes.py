"""Pages of the site that include a document from above ``docs/``. An extension of Python-Markdown, named in mkdocs.yml.

Such a document (CONTRIBUTING.md, for example) links to ``docs/streaming.md``, which is right where it stands. On the
site it is a page beside that one.
"""

from __future__ import annotations

import re

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

_TO_DOCS = re.compile(r"\]\(docs/")
_TO_TOP = re.compile(r"\]\(([A-Z_]+\.md)(?=[)#])")


def on_site(line: str) -> str:
    """Return a line with its links as they must be on the site.

    >>> on_site("[a](docs/relay.md#safety), [b](CHANGELOG.md), [c](relay.md)")
    '[a](relay.md#safety), [b](changelog.md), [c](relay.md)'
    """
    return _TO_TOP.sub(lambda link: f"]({link[1].lower()}", _TO_DOCS.sub("](", line))


class _Links(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return [on_site(line) for line in lines]


class IncludedPages(Extension):
    """Rewrites the links of included documents."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that Python-Markdown calls
        """Take part, after the snippets (32) have been put in."""
        md.preprocessors.register(_Links(md), "included-pages", 31)


def makeExtension(**options: object) -> IncludedPages:  # noqa: N802 - as above
    """Return the extension."""
    return IncludedPages(**options)
