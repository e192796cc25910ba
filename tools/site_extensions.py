"""What the documentation site needs beside its pages, as extensions that mkdocs.yml names.

Docstrings (griffe) are written for readers of code and for ``help()``; the site renders Markdown. So doctests and
literal blocks become fenced blocks, and roles such as ``:class:`Page``` become code.

Documents from above ``docs/`` (Python-Markdown), such as CONTRIBUTING.md, link to ``docs/streaming.md``, which is right
where they stand. On the site they are pages beside that one.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import griffe
from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

_ROLE = re.compile(r":(?:attr|class|exc|func|meth|mod):`~?([^`]+)`")
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


def to_markdown(docstring: str) -> str:
    r"""Return a docstring with its doctests and literal blocks fenced, and its roles as code.

    Args:
        docstring: Its text, without the indentation that all lines have.

    >>> to_markdown("See :class:`Page`::\n\n    next(page)")
    'See `Page`:\n\n```python\nnext(page)\n```'
    """
    written: list[str] = []
    is_literal = False
    for paragraph in _PARAGRAPH.split(_ROLE.sub(r"`\1`", docstring)):
        is_literal = is_literal and paragraph.startswith("    ")
        if is_literal:
            _add_to_fence(written, textwrap.dedent(paragraph))
        elif paragraph.startswith(">>> "):
            written.append(f"```pycon\n{paragraph}\n```")
        elif paragraph.endswith("::"):
            is_literal = True
            written.append(paragraph[:-2] + ":" if paragraph[:-2].strip() else "")
        else:
            written.append(paragraph)
    return "\n\n".join(text for text in written if text)


def _add_to_fence(written: list[str], code: str) -> None:
    if written[-1].startswith("```python\n"):
        written[-1] = f"{written[-1].removesuffix('```')}\n{code}\n```"
    else:
        written.append(f"```python\n{code}\n```")


class ForMarkdown(griffe.Extension):
    """Rewrites every docstring that is loaded."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Give what was found its docstring: a module, class, function or attribute."""
        if obj.docstring is not None:
            obj.docstring.value = to_markdown(obj.docstring.value)

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Give a package's subclasses of generated models their docstrings, as at run time."""
        if pkg.path != "gpo_client" or "gpo_core_client" not in pkg.modules_collection:
            return
        generated = pkg.modules_collection["gpo_core_client.models"]
        for name, model in pkg["models.generated"].members.items():
            if not model.is_alias and model.is_class and model.docstring is None:
                model.docstring = generated[name].final_target.docstring


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
