"""Many questions at once: a bounded number of streams, a progress bar, and a line of JSON for each answer.

    python examples/async_batch.py questions.txt --at-once 8 > answers.jsonl

The file has a question on each line; without a file there are some to try. Answers are written in the order they become
whole, each with the number of its question. A question that fails is reported in the same way, with what had arrived,
and stops no other. The bar needs the extra cli. Asks the server that GPO_API_BASE_URL names, or a sandbox on its usual
address (start one: make sandbox). The exit code is 0 when all questions were answered, 1 when some were not, and 130
after Ctrl-C.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from gpo_client import GPOClientError, GPOCoreClient, Session, StreamError
from gpo_client.models.requests import SessionContextDict

WHO: SessionContextDict = {"instance_id": "advisory-001", "user_id": "user-1"}
QUESTIONS = (
    "Which tax regimes can a technology company choose in Mexico?",
    "What is RESICO?",
    "Which withholding applies to software royalties paid abroad?",
    "When does a foreign company have a permanent establishment in Mexico?",
    "What VAT rate do exported services have?",
    "How are employee stock options taxed?",
)

Numbered = tuple[int, str]


class Batch:
    """Questions being asked.

    Args:
        client: The client, shared by all tasks.
        session: The session of all questions; each has a conversation of its own.
        progress: The bar.
        total: How many questions there are.
    """

    def __init__(self, client: GPOCoreClient, session: Session, progress: Progress, total: int) -> None:
        self._client = client
        self._session = session
        self._progress = progress
        self._bar = progress.add_task("asking", total=total, chunks=0)
        self._chunks = 0
        self.failures = 0

    async def run(self, questions: Iterator[Numbered], at_once: int) -> None:
        """Ask all questions, no more than ``at_once`` at any time; the group ends when the last task has ended."""
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(self._work(questions))

    async def _work(self, questions: Iterator[Numbered]) -> None:
        # All tasks take from one iterator: whoever is free takes the next question.
        for number, question in questions:
            try:
                result = await self._answer(question)
            except StreamError as error:
                result = {"error": str(error), "answer": error.partial.content}
            except GPOClientError as error:
                result = {"error": str(error)}
            self.failures += "error" in result
            print(json.dumps({"number": number, "question": question, **result}, ensure_ascii=False), flush=True)
            self._progress.advance(self._bar)

    async def _answer(self, question: str) -> dict[str, Any]:
        conversation = await self._client.start_conversation(self._session, {"title": question[:80]})
        context = self._session.chat_context(conversation.conversation_id)
        async with self._client.chat_stream(context, {"query": question}, fallback=True) as stream:
            async for _ in stream:
                self._chunks += 1
                self._progress.update(self._bar, chunks=self._chunks)
        whole = stream.partial
        sources = [source.title for source in whole.sources]
        return {"answer": whole.content, "sources": sources, "seconds": round(whole.duration or 0.0, 3)}


def bar() -> Progress:
    """A bar on standard error, if that is a terminal."""
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[chunks]} chunks"), TimeElapsedColumn())
    # Answers that go to the same terminal are printed above the bar; those that go to a file must not pass through it.
    above = sys.stdout.isatty()
    return Progress(*columns, console=console, disable=not console.is_terminal, redirect_stdout=above)


async def ask_all(questions: Sequence[str], at_once: int) -> int:
    """Ask all questions; how many could not be answered."""
    async with GPOCoreClient(auto_renew_token=True) as client:
        session = await client.session(WHO)
        with bar() as progress:
            batch = Batch(client, session, progress, len(questions))
            await batch.run(iter(enumerate(questions, 1)), at_once)
    return batch.failures


def main() -> int:
    """Run the batch; the exit code."""
    parser = argparse.ArgumentParser(description="Ask many questions at once.")
    parser.add_argument("file", nargs="?", type=Path, help="a text file with a question on each line")
    parser.add_argument("--at-once", type=int, default=4, metavar="N", help="how many streams at a time (default: 4)")
    options = parser.parse_args()
    if options.at_once < 1:
        parser.error("--at-once must be 1 or more")
    try:
        lines = options.file.read_text(encoding="utf-8").splitlines() if options.file else QUESTIONS
        return 1 if asyncio.run(ask_all([line for line in lines if line.strip()], options.at_once)) else 0
    except (GPOClientError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cancelled", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
