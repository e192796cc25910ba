"""Derive the blocking shells from the asynchronous ones: ``make sync``; ``--check`` tells whether they are in step.

The shells hold types and documentation, no decisions, so the two kinds differ in a few words only. Written twice they
would drift apart; here the words that differ are a table.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("custom/gpo_client/streams", "custom/gpo_client/client", "custom/gpo_client/relay", "custom/gpo_client/http")
ASYNC_ONLY = "# async only"
HEADER = "# Derived from {source} by `make sync`: edit that file, not this one.\n"

# Applied in this order. A rule that matches nowhere is an error: it would have no reason to be here.
RULES = (
    (r"__a(iter|next|enter|exit)__", r"__\1__"),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\banext\(", "next("),
    (r"\baiter\(", "iter("),
    (r"\baclose\b", "close"),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bIterator, Callable, Iterator\b", "Callable, Iterator"),
    (r"\bAwaitable, ", ""),
    (r" \| AsyncIterable\[T\]", ""),
    (r"\beach in a task of its own\b", "each in a thread of its own"),
    (r"\bAwaitable\[(\w+\[T\]|None|AsyncLine|Session|Sequence\[StreamingChunk\] \| None)\]", r"\1"),
    (r"\bAsync(Iteration|Pieces|With)?Only\b", r"Sync\1Only"),
    (r"\bAsyncHttpClient\b", "HttpClient"),
    (
        r"\bAsync(Page|Items|Run|Lock|Signal|ChunkSource|Upstream|Reader|Consumer|Batches|Background|Watch|Condition|Event)\b",
        r"Sync\1",
    ),
    (r"\basync_(transport|questions|given_client|raw_transport|shielded|connect|resolve)\b", r"sync_\1"),
    (r"\bAsyncBaseTransport\b", "BaseTransport"),
    (r"\bAsyncByteStream\b", "SyncByteStream"),
    (r"\bhandle_async_request\b", "handle_request"),
    (r"\baread\b", "read"),
    (r"\basync_(start|within|at_exit|chores)\b", r"sync_\1"),
    (
        r"\b(_|Given|Pooled|)Async(Body|Connection|DefaultTransport|Exchange|Line|Opening|Places|Pool|Transport|Backend)\b",
        r"\1Sync\2",
    ),
    (r"(\"|httpx2?\.)AsyncClient\b", r"\1Client"),
    (r"\b((ChatStream|ChunkStream)(Text|Progress)?|TransformedText|ConversationHandle|GPOCoreClient)\b", r"Sync\1"),
    (r"\b(Batch|Subscription|Subscriber|(?:Memory|Redis)?RelayLog|Relay|RunningAnswer)\b", r"Sync\1"),
    (r"\bredis\.asyncio\b", "redis"),
    (r"\.aio\b", ".sync"),
    (r"\bnetwork\.backends\b", "network.blocking"),
    (r"``sync`` beside this one is derived from it", "``aio`` beside this one is what it is derived from,"),
    (r"\bany number of tasks (of one event loop|and event loops)\b", "any number of threads"),
    (r"\banother task\b", "another thread"),
    (r"\bby one task at\b", "by one thread at"),
)


def derive(source: str) -> tuple[str, set[str]]:
    """Return the blocking form of a source text, and the rules that took part in it."""
    text = "".join(line for line in source.splitlines(keepends=True) if ASYNC_ONLY not in line)
    used = set()
    for pattern, replacement in RULES:
        text, count = re.subn(pattern, replacement, text)
        used |= {pattern} if count else set()
    return text, used


def derived_files(root: Path) -> dict[Path, str]:
    """All derived files with their texts.

    Raises:
        SystemExit: A rule matches nowhere.
    """
    files, used = {}, set[str]()
    for folder in FOLDERS:
        for path in sorted((root / folder / "aio").glob("*.py")):
            text, rules = derive(path.read_text(encoding="utf-8"))
            used |= rules
            header = HEADER.format(source=path.relative_to(root).as_posix())
            files[root / folder / "sync" / path.name] = _formatted(header + text, path)
    if unused := [pattern for pattern, _ in RULES if pattern not in used]:
        raise SystemExit(f"rules of unasync that match nowhere: {unused}")
    return files


def differences(root: Path) -> list[str]:
    """Return what is wrong with the derived files: changed, missing or left over."""
    files = derived_files(root)
    existing = {path for folder in FOLDERS for path in (root / folder / "sync").glob("*.py")}
    wrong = [f"left over: {path.relative_to(root)}" for path in sorted(existing - set(files))]
    for path, text in files.items():
        if path not in existing:
            wrong.append(f"missing: {path.relative_to(root)}")
        elif path.read_text(encoding="utf-8") != text:
            wrong.append(f"out of step: {path.relative_to(root)}")
    return wrong


def write(root: Path) -> None:
    """Write the derived files that are not in step, and remove those left over."""
    files = derived_files(root)
    for folder in FOLDERS:
        (root / folder / "sync").mkdir(exist_ok=True)
        for path in (root / folder / "sync").glob("*.py"):
            if path not in files:
                path.unlink()
    for path, text in files.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def _formatted(text: str, path: Path) -> str:
    ruff = Path(sysconfig.get_path("scripts"), "ruff")
    for command in (["check", "--select=I,F401", "--fix-only"], ["format"]):
        arguments = [str(ruff), *command, "--quiet", "--stdin-filename", str(path), "-"]
        text = subprocess.run(arguments, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text


if __name__ == "__main__":
    if "--check" not in sys.argv:
        write(ROOT)
    elif wrong := differences(ROOT):
        sys.exit("\n".join([*wrong, "run `make sync`"]))
