"""Answers and lists as notebooks show them (IPython's ``_repr_markdown_`` and ``_repr_html_``).

What a model or a service wrote is text here: markup in it is escaped, no picture is fetched, and only addresses of the
web become links.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from gpo_client.markdown import CodeTracker
from gpo_client.models.plain import json_text, to_plain
from gpo_client.printable import one_line, printable

if TYPE_CHECKING:
    from gpo_client.models.stream import CitationSource

# The longest cell of a table, in characters.
_LONGEST_CELL = 120
_MARKUP = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>|#~"})
# What may stand in an address as it is (RFC 3986 §2), without what Markdown would take for its end.
_IN_ADDRESSES = ":/?#@!$&'*+,;=%-._~[]"


class ShownAnswer:
    """An answer that notebooks show: its text, and its sources as a numbered list with links."""

    __slots__ = ()

    def _shown(self) -> tuple[str, Sequence[CitationSource]]:
        raise NotImplementedError

    def _repr_markdown_(self) -> str:
        text, sources = self._shown()
        lines = [f"{number}. {_link_in_markdown(source)}" for number, source in enumerate(sources, 1)]
        return "\n\n".join([_safe_markdown(printable(text)), *(["**Sources**", "\n".join(lines)] if lines else [])])

    def _repr_html_(self) -> str:
        text, sources = self._shown()
        items = "".join(f"<li>{_link_in_html(source)}</li>" for source in sources)
        return f"<div>{_text_in_html(printable(text))}{f'<p><b>Sources</b></p><ol>{items}</ol>' if items else ''}</div>"


class ShownTable:
    """A list that notebooks show as a table: a row for each item."""

    __slots__ = ()

    def _shown(self) -> tuple[str, Sequence[object]]:
        raise NotImplementedError

    def _repr_markdown_(self) -> str:
        title, items = self._shown()
        names, rows = _table(items)
        lines = [names, ["---"] * len(names), *([cell.translate(_MARKUP) for cell in row] for row in rows)]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines) if names else ""
        return f"{table}\n\n{title}".strip()

    def _repr_html_(self) -> str:
        title, items = self._shown()
        names, rows = _table(items)
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _safe_markdown(text: str) -> str:
    """Markdown without HTML and without pictures, which would be fetched when it is shown."""
    code = CodeTracker()
    parts = (*code.feed(text), *code.close())
    return "".join(part if is_code else part.replace("<", "&lt;").replace("![", "!\\[") for is_code, part in parts)


def _text_in_html(text: str) -> str:
    """Return the text, its Markdown rendered where markdown-it-py is installed (extra ``cli``)."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        return f'<div style="white-space: pre-wrap">{escape(text)}</div>'
    return str(MarkdownIt("commonmark", {"html": False}).enable("table").disable("image").render(text))


def _link_in_markdown(source: CitationSource) -> str:
    title = one_line(source.title or source.id or "a source without a title").translate(_MARKUP)
    return f"[{title}](<{address}>)" if (address := _address(source)) else title


def _link_in_html(source: CitationSource) -> str:
    title = escape(one_line(source.title or source.id or "a source without a title"))
    return f'<a href="{escape(address)}" rel="noreferrer">{title}</a>' if (address := _address(source)) else title


def _address(source: CitationSource) -> str | None:
    """Return where to read a source, if that is in the web: other schemes could run something (``javascript:``)."""
    address = quote(one_line(source.url or ""), safe=_IN_ADDRESSES)
    return address if address.lower().startswith(("http://", "https://")) else None


def _table(items: Sequence[object]) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, which are those of all members, and the rows."""
    rows: list[Any] = [to_plain(item) for item in items]
    members = [cast("dict[str, Any]", row) if isinstance(row, dict) else {"value": row} for row in rows]
    names = list(dict.fromkeys(name for row in members for name in row))
    return names, [[_cell(row.get(name)) for name in names] for row in members]


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json_text(value)
    line = one_line(text)
    return line if len(line) <= _LONGEST_CELL else f"{line[: _LONGEST_CELL - 1]}…"
