"""Docstrings as the documentation site needs them. A griffe extension, named in mkdocs.yml.

The docstrings are written for readers of code and for ``help()``; the site renders Markdown. So doctests and literal
blocks become fenced blocks, and roles such as ``:class:`Page``` become code.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any

import griffe

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
