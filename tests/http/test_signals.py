"""A signal whose handler raises, at any bytecode of a blocking call: its exception comes out, and nothing is lost."""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import gpo_client
from gpo_client import SyncGPOCoreClient
from tests.client.conftest import Serve
from tests.support.events import chat_response, json_answer
from tests.support.question import CONTEXT
from tests.support.wire import Answer, Received

# A socket that had no owner yet when the signal came: Python closes it, and says so.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

_TOP = Path(gpo_client.__file__).parent
_ROOMS = tuple(str(_TOP / room) for room in ("http", "drivers"))
# What the interpreter does around an exception: no signal is looked at there, and what is raised by a tracer leaves
# the exception that is being handled in place for good (CPython 3.11).
_NO_PLACE = frozenset({"PUSH_EXC_INFO", "CHECK_EXC_MATCH", "POP_EXCEPT", "RERAISE", "COPY"})
# More than one call takes; what is beyond its end interrupts nothing.
_MOST = 6000


class SignalError(BaseException):
    """What a signal's handler raises, as Ctrl-C does."""


def _answer(request: Received) -> Answer:
    return json_answer(chat_response(f"to {request.json['query']}"))


class _Interruption:
    """Raises at one bytecode of our rooms, counted from the beginning of a block."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.where = ""

    def __call__(self, frame: FrameType, event: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(_ROOMS) or _is_in_destructor(frame):
            return None  # what a destructor raises is lost, whoever wrote it
        frame.f_trace_opcodes = True
        if event == "opcode" and dis.opname[frame.f_code.co_code[frame.f_lasti]] not in _NO_PLACE:
            self._left -= 1
            if self._left == 0:
                self.where = f"{frame.f_code.co_qualname}:{frame.f_lineno}"
                raise SignalError
        return self


def _is_in_destructor(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


@contextmanager
def _interrupted(at: int) -> Iterator[_Interruption]:
    interruption, before = _Interruption(at), sys.gettrace()
    sys._getframe().f_trace_opcodes = True  # CPython 3.12 looks at it when a tracer is set, and no more
    sys.settrace(interruption)
    try:
        yield interruption
    finally:
        sys.settrace(before)


def _check(client: SyncGPOCoreClient, at: int) -> str:
    """Interrupt one call, and ask once more; where that was."""
    told = None
    with _interrupted(at) as interruption:
        try:
            client.chat(CONTEXT, {"query": f"first {at}"})
        except SignalError as error:
            told = type(error)
    assert (told is SignalError) == bool(interruption.where), interruption.where
    assert client.chat(CONTEXT, {"query": f"second {at}"}).message_content == f"to second {at}", interruption.where
    return interruption.where


def _check_all(serve: Serve, places: range, is_fresh: bool) -> None:
    base_url = serve(then=_answer).base_url
    with SyncGPOCoreClient(base_url=base_url, max_connections=1, timeout=30.0, max_retries=0) as client:
        for at in places:
            if is_fresh:
                with SyncGPOCoreClient(base_url=base_url, max_connections=1, timeout=30.0, max_retries=0) as other:
                    where = _check(other, at)
            else:
                where = _check(client, at)
            if not where:
                assert at > places.start, "nothing was interrupted"
                return
    raise AssertionError(f"a call takes more than {places.stop} bytecodes")


@pytest.mark.parametrize("is_fresh", [False, True])
def test_some_bytecodes(is_fresh: bool, serve: Serve) -> None:
    """One in a hundred."""
    _check_all(serve, range(13, _MOST, 97), is_fresh)


@pytest.mark.slow
@pytest.mark.parametrize("is_fresh", [False, True])
def test_each_bytecode(is_fresh: bool, serve: Serve) -> None:
    """All of them, one after the other."""
    _check_all(serve, range(1, _MOST), is_fresh)
