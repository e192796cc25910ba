"""What a forked child lets go of, and what it leaves alone; no fork: the system calls the same function in one."""

from __future__ import annotations

import gc
import weakref

import pytest

from gpo_client.http import processes


class _Shared:
    """What must not be shared."""

    def __init__(self, told: list[object]) -> None:
        self._told = told

    def after_fork(self) -> None:
        self._told.append(self)


def test_a_child_begins_anew() -> None:
    """Each is told, as long as it lives."""
    told: list[object] = []
    kept, gone = _Shared(told), _Shared(told)
    for each in (kept, gone):
        processes.register(each)
    del each, gone
    gc.collect()
    processes._in_child()
    assert told == [kept]


def test_what_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even given to the garbage collector."""
    left: list[object] = []
    monkeypatch.setattr(processes, "_left", left)
    things = [_Shared([]), _Shared([])]
    known = [weakref.ref(thing) for thing in things]
    processes.leave(*things)
    del things
    gc.collect()
    assert [each() for each in known] == left


def test_whose_it_is() -> None:
    """In words: who reads them wonders why it was theirs before."""
    assert processes.elsewhere("the stream") == (
        "the stream cannot be read here: it belongs to the process that opened it, and one that is forked opens its own"
    )
