"""Answers as they are shown: what every way of showing one does, plain text and JSON, and the sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self
from urllib.parse import quote, urlsplit

import attrs
from rich import box
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from gpo_client.models.stream import CitationSource, StreamingChunk
from gpo_client.printable import one_line
from gpo_client.text.sources import SourceCollector


@attrs.frozen(kw_only=True)
class AnswerFacts:
    """What is told below an answer."""

    conversation_id: str
    message_id: str | None = None  # the answer's id, for feedback; None when the service did not tell it
    first_chunk_s: float | None = None  # seconds to the first chunk; None for an answer that was not streamed
    duration_s: float | None = None
    resume_count: int = 0  # how often the stream was continued on a new connection
    warnings: Sequence[str] = ()  # what to take care of


class AnswerView(Protocol):
    """Shows one answer. A context manager: left early, it leaves the terminal as it should be."""

    def __enter__(self) -> Self:
        """Begin: the question is on its way."""
        ...

    def __exit__(self, *error: object) -> None:
        """End, with all that had arrived on view."""

    def status(self, text: str) -> None:
        """Say what is being waited for."""

    def chunk(self, chunk: StreamingChunk) -> None:
        """Show a chunk."""

    def finish(self, facts: AnswerFacts) -> None:
        """Show that the answer is whole."""


class _Unattended:
    """What nobody watches while it is being written."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def status(self, text: str) -> None:
        pass


class PlainView(_Unattended):
    """The text as it is, for pipes and files."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._sources = SourceCollector()
        self._last = "\n"

    def __exit__(self, *error: object) -> None:
        """End the last line, however far it got."""
        if not self._last.endswith("\n"):
            self._last = "\n"
            self._write("\n")

    def chunk(self, chunk: StreamingChunk) -> None:
        """Write the chunk's text."""
        if chunk.content:
            self._write(chunk.content)
            self._last = chunk.content
        self._sources.add(chunk.sources or ())

    def finish(self, facts: AnswerFacts) -> None:
        """Write the sources below the text."""
        self.__exit__()
        for warning in facts.warnings:
            self._write(f"\nWarning: {one_line(warning)}\n")
        if self._sources.numbered:
            self._write(f"\n{sources_text(self._sources.numbered)}\n")


class JsonView(_Unattended):
    """One JSON object for each chunk (NDJSON), with the conversation it belongs to."""

    def __init__(self, write: Callable[[Mapping[str, Any]], None], conversation_id: str) -> None:
        self._write = write
        self._conversation_id = conversation_id

    def chunk(self, chunk: StreamingChunk) -> None:
        """Write the chunk."""
        self._write({**chunk.to_dict(), "conversation_id": self._conversation_id})

    def finish(self, facts: AnswerFacts) -> None:
        """Nothing is left to say."""


# Narrower than this, a table would leave no room for the excerpts.
_NARROW = 70
_BAR_WIDTH = 10


def relevance_bar(score: float | None, *, ascii_only: bool = False) -> str:
    """Return a relevance as a bar and a percentage; a dash when the service does not say.

    >>> relevance_bar(0.62)
    '██████░░░░ 62 %'
    """
    if score is None:
        return "-"
    share = min(max(score, 0.0), 1.0)
    full = round(share * _BAR_WIDTH)
    on, off = ("#", ".") if ascii_only else ("█", "░")
    return f"{on * full}{off * (_BAR_WIDTH - full)} {share * 100:.0f} %"


def sources_table(sources: Sequence[CitationSource], width: int, *, ascii_only: bool = False) -> RenderableType:
    """Return the sources for a terminal of a width: a table, or one below the other where it is narrow."""
    if width < _NARROW:
        return Group(*(_stacked(number, source, ascii_only) for number, source in enumerate(sources, 1)))
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title="Sources", title_justify="left")
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Source", overflow="fold", ratio=2)
    table.add_column("Relevance", no_wrap=True)
    table.add_column("Excerpt", overflow="fold", ratio=3)
    for number, source in enumerate(sources, 1):
        bar = relevance_bar(source.relevance_score, ascii_only=ascii_only)
        table.add_row(str(number), _name(source), bar, Text(one_line(source.content_excerpt or ""), "dim"))
    return table


def sources_text(sources: Sequence[CitationSource]) -> str:
    """Return the sources as plain text, with their excerpts below them."""
    lines = ["Sources:"]
    for number, source in enumerate(sources, 1):
        score = "" if source.relevance_score is None else f" (relevance {source.relevance_score:.2f})"
        address = f" {one_line(source.url)}" if source.url else ""
        lines.append(f"[{number}] {one_line(_title(source))}{score}{address}")
        if source.content_excerpt:
            lines.append(f"    {one_line(source.content_excerpt)}")
    return "\n".join(lines)


def _title(source: CitationSource) -> str:
    return source.title or source.url or source.document_id or source.id or "untitled"


def _name(source: CitationSource) -> Text:
    name = Text().append(one_line(_title(source)), Style(bold=True, link=link(source.url)))
    # The id is what gpo documents download takes, and shorter than any address.
    if where := source.document_id or source.url:
        name.append(f"\n{one_line(where)}", "dim")
    return name


def link(url: str | None) -> str | None:
    r"""Return an address that a terminal may open (OSC 8), in characters that can be nothing else; None for others.

    >>> link("https://example.com/a b?q=ñ"), link("javascript:alert(1)"), link("https://example.com/\x1b]8;;")
    ('https://example.com/a%20b?q=%C3%B1', None, None)
    """
    if url is None or not url.isprintable():
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~") if is_web else None


def _stacked(number: int, source: CitationSource, ascii_only: bool) -> Text:
    bar = relevance_bar(source.relevance_score, ascii_only=ascii_only)
    text = Text.assemble("\n", f"[{number}] ", _name(source), f"\n{bar}", overflow="fold")
    return text.append(f"\n{one_line(source.content_excerpt)}", "dim") if source.content_excerpt else text
