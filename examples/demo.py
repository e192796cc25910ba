"""`make demo`: a sandbox in this process, and one question with each client, answered as you watch."""

import asyncio
import shutil
import sys
import textwrap
from io import TextIOWrapper

from gpo_client import CitationSource, GPOCoreClient, StreamingChunk, SyncGPOCoreClient
from gpo_client.models.requests import SessionContextDict
from gpo_client.sandbox import running_sandbox

WHO: SessionContextDict = {"instance_id": "demo", "user_id": "demo-user"}
FIRST_QUESTION = "Which tax regimes can a technology company choose from in Mexico?"
SECOND_QUESTION = "¿Qué tasa de IVA tienen los servicios exportados?"
WIDTH = max(40, min(shutil.get_terminal_size().columns, 100)) - 1


class Page:
    """Prints an answer as it comes, broken between words; a word that is not whole yet waits for its end."""

    def __init__(self) -> None:
        self._word = ""
        self._column = 0

    def show(self, chunk: StreamingChunk) -> None:
        """Print the chunk's text and, when it is the final one, its sources."""
        for character in chunk.content or "":
            if character.isspace():
                self._end_word(character)
            else:
                self._word += character
        if chunk.is_complete:
            self._end_word("\n")
            for number, source in enumerate(chunk.sources or (), 1):
                print(f"\n[{number}] {_described(source)}")
            print()

    def _end_word(self, space: str) -> None:
        if self._word:
            before = "" if not self._column else " " if self._column + len(self._word) < WIDTH else "\n"
            print(before + self._word, end="", flush=True)
            self._column = len(self._word) + (self._column + 1 if before == " " else 0)
            self._word = ""
        if space == "\n":
            print()
            self._column = 0


def _described(source: CitationSource) -> str:
    relevance = "not rated" if source.relevance_score is None else f"relevance {source.relevance_score:.2f}"
    excerpt = textwrap.fill(source.content_excerpt or "", WIDTH, initial_indent="    ", subsequent_indent="    ")
    return f"{source.title} ({relevance})\n{excerpt}"


def _ask(base_url: str) -> None:
    print(f"SyncGPOCoreClient: {FIRST_QUESTION}\n")
    page = Page()
    with SyncGPOCoreClient(base_url=base_url) as client, client.open_conversation(WHO).stream(FIRST_QUESTION) as stream:
        for chunk in stream:
            page.show(chunk)


async def _ask_async(base_url: str) -> None:
    print(f"GPOCoreClient: {SECOND_QUESTION}\n")
    page = Page()
    async with GPOCoreClient(base_url=base_url) as client:
        conversation = await client.open_conversation(WHO)
        async with conversation.stream(SECOND_QUESTION) as stream:
            async for chunk in stream:
                page.show(chunk)


def main() -> int:
    """Run the demonstration; the exit code is 130 if it was interrupted."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # terminals that cannot show “ or é
    try:
        with running_sandbox() as sandbox:
            print(f"A sandbox is running on {sandbox.base_url}\n")
            _ask(sandbox.base_url)
            asyncio.run(_ask_async(sandbox.base_url))
        print("\nOther programs have doors of their own: gpo mcp, gpo serve openai, make react-chat.")
    except KeyboardInterrupt:
        print("\n\nInterrupted.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
