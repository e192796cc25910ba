"""What a run of the tests may have: real parts that may not be installed, and how hard hypothesis tries."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def examples(number: int) -> int:
    """How many examples hypothesis tries: all of them where all tests shall run, a quarter otherwise.

    Args:
        number: All of them.
    """
    return number if os.environ.get("TEST_ALL") else number // 4


def installed(program: str) -> str:
    """Where a program is. Without it the test is left out, with a note; where all tests shall run, it fails.

    Args:
        program: Its name.
    """
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]))
    if found is None and os.environ.get("TEST_ALL"):
        pytest.fail(f"{program} is not installed, and no test shall be left out")
    if found is None:
        pytest.skip(f"{program} is not installed: make test-all installs it")
    return found


def optional(program: str, how: str) -> str:
    """Where a program is that no target of make installs. Without it the test is left out, with a note.

    Args:
        program: Its name, or a path below the project's folder.
        how: The command that installs it.
    """
    folders = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]
    found = shutil.which(ROOT / program if "/" in program else program, path=os.pathsep.join(folders))
    if found is None:
        pytest.skip(f"{program} is not installed: {how}")
    return found


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process which needs it makes for all that run tests side by side.

    Args:
        factory: Of temporary folders.
        name: The folder's.
        make: Fills the empty folder that it is given.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return _filled(base / name, make)
    import fcntl  # where there are several processes

    with (base.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _filled(base.parent / name, make)


def _filled(folder: Path, make: Callable[[Path], object]) -> Path:
    if not folder.exists():
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)  # of one that failed
        new.mkdir()
        make(new)
        new.rename(folder)
    return folder


#: The values of the setting; the first is the default.
TRANSPORTS = ("own", "httpx", "httpx2")

_NONSENSE = "take a server that sends nonsense for one that hangs up"
_UNINTERRUPTED = "cannot be interrupted before the head of a response"

_ANEW = "connect anew after a stream"
#: The tests look at our own connections as they are made.
_UNSEEN = "are not seen connecting"
_ONE_LOOP = "serve one event loop"

#: Patterns of test ids, each with what clients of httpx and httpx2 do otherwise; docs/integration.md tells users.
EXCEPTIONS = {
    r"test_stream_scenarios.*-(no HTTP|bad chunk size)\]": _NONSENSE,
    r"test_resume.*-errors that pass while resuming\]": _NONSENSE,
    r"test_hostile.*::test_head_without_end": _NONSENSE,
    r"test_deadlines.*::test_drips\[sync": "wait anew, blocking, for each piece that arrives",
    r"test_reuse.*::test_(connection_is_reused|end_that_comes_late.*no surplus)": _ANEW,
    r"test_tls.*::test_proxy_of_https": _ANEW,
    r"test_tls.*::test_tunnel\[": "tell a proxy that they accept anything",
    r"test_tls.*::test_proxy_of_an_unknown_authority": "do not say whose certificate was refused",
    r"test_closed_client.*::test_(connecting|raw)": _UNSEEN,
    r"test_closed_client.*::test_waiting_for_a_place_and_for_a_head\[sync": _UNINTERRUPTED,
    # Each call has a loop of its own, and the client is closed on another.
    r"test_closed_client.*::test_waiting.*\[(asyncio|trio)": _ONE_LOOP,
    r"test_closed_client.*::test_shaking_hands": (
        "leave it to the garbage collector to close a connection that is given up amid a handshake"
    ),
    r"test_closing.*::test_closed_by_another_thread_before": _UNINTERRUPTED,
    r"test_batch.*::test_leaving_early\[sync\]": _UNINTERRUPTED,
    r"test_asked_keys.*::test_event_loops_side_by_side": _ONE_LOOP,
    r"test_messages.*::test_where_a_redirect_points\[.*https:(//ana:pa(/55|55\?)|ana|\\\\)": (
        "read themselves where a redirect points, and httpx fails where that is no address"
    ),
    r"test_closing.*::test_interpreter_exit\[async stream left open\]": "complain when a loop ends amid a stream",
}

#: They leave it to the garbage collector to end a body that is given up amid its sending, and trio warns of that.
LEFT_OPEN = "ignore:Async generator 'httpx:ResourceWarning"


def exception_of(test_id: str, transport: str) -> str | None:
    """Why a test is left out on a transport; None: it is not."""
    if transport == TRANSPORTS[0]:
        return None
    return next((f"they {what}" for pattern, what in EXCEPTIONS.items() if re.search(pattern, test_id)), None)
