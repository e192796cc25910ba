"""Runs Python blocks, each in a process of its own, without importing the libraries anew for each.

    python -W error runner.py MODULE...

imports the modules, and then forks for every line of JSON that it reads: ``{"program": ..., "notebook": ...}``. The
answer is a line too: ``{"code": ..., "stdout": ..., "stderr": ...}``.
"""

from __future__ import annotations

import ast
import asyncio
import gc
import importlib
import inspect
import json
import os
import signal
import sys
import tempfile
from contextlib import suppress
from typing import Any, NoReturn


def run(program: str, *, notebook: bool) -> None:
    """Run a program as the main module; in a notebook, ``await`` is allowed anywhere."""
    names: dict[str, Any] = {"__name__": "__main__"}
    code = compile(program, "<block>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if notebook else 0)
    if not code.co_flags & inspect.CO_COROUTINE:
        exec(code, names)
        return

    async def cell() -> None:
        await eval(code, names)

    asyncio.run(cell())


def _in_child(request: dict[str, Any], files: list[Any]) -> NoReturn:
    for number, file in enumerate(files, 1):
        os.dup2(file.fileno(), number)
    with suppress(OSError):
        os.close(0)
    signal.alarm(60)  # a block that hangs is ended by the signal
    sys.argv = ["block"]
    sys.path[0] = ""  # as for a program in this folder: what the page had saved before can be imported
    run(request["program"], notebook=request["notebook"])
    gc.collect()  # what was left open is told while somebody listens
    sys.exit(0)


def main() -> None:
    """Serve until there is nothing more to read."""
    for name in sys.argv[1:]:
        importlib.import_module(name)
    gc.freeze()  # what is imported need not be looked through in each process
    while line := sys.stdin.readline():
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            if (child := os.fork()) == 0:
                _in_child(json.loads(line), [out, err])
            _, status = os.waitpid(child, 0)
            printed = [file.seek(0) or file.read().decode() for file in (out, err)]
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps({"code": code, "stdout": printed[0], "stderr": printed[1]}), flush=True)


if __name__ == "__main__":
    main()
