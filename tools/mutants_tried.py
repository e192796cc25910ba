"""A plugin of pytest, for tools/mutants.py: tests are collected once, and each mutation is tried in a fork of that.

mutmut's functions choose what they do by `MUTANT_UNDER_TEST`: a fork has but to set it, and to run the tests that reach
its function. What is called while tests are collected has left its results in constants: when such a mutation is not
noticed, it gets a process of its own, which knows it from the beginning.
"""

import json
import os
import pickle
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest
from mutmut.mutation import trampoline

NAME = "MUTANT_UNDER_TEST"
#: The names of mutations, and what came of each, in the folder that tools/mutants.py works in.
PLAN, VERDICTS = Path("plan.json").absolute(), Path("verdicts.json").absolute()
# In seconds of the clock, not of the processor: what waits for ever needs none. Each test has so much, not all of them
# together: what is endless is so in the first that reaches it.
_PATIENCE_S, _PATIENCE_FOR_COLLECTION_S, _PATIENCE_FACTOR = 15, 60, 10
_FAILED = 1

_reached: set[str] = set()  # which functions
_failures: list[str] = []
if NAME not in os.environ:
    trampoline.record_trampoline_hit = lambda name, **_: _reached.add(name)  # type: ignore[attr-defined]
    os.environ[NAME] = "stats"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note what failed."""
    if report.failed:
        _failures.append(f"{report.nodeid}\n{report.longreprtext[-2000:]}")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Try all mutations, unless this process is one that tries one."""
    if os.environ[NAME] != "stats" or session.testsfailed:
        return None
    at_collection = set(_reached)
    tests = _as_they_are(session)
    plan = json.loads(PLAN.read_text("utf-8"))
    verdicts: dict[str, str] = {}
    running: dict[int, str] = {}
    for name in plan["names"]:
        function = name.rpartition("__mutmut_")[0]
        mine = [(item, took) for item, took, reached in tests if function in reached]
        if function not in at_collection and not mine:
            verdicts[name] = "no tests"
            continue
        if len(running) >= plan["processes"]:
            _wait_for_one(running, verdicts)
        pid = os.fork()
        if not pid:
            _try_one(session, name, mine, function in at_collection)
        running[pid] = name
    while running:
        _wait_for_one(running, verdicts)
    VERDICTS.write_text(json.dumps(verdicts), "utf-8")
    return True


def _as_they_are(session: pytest.Session) -> list[tuple[pytest.Item, float, set[str]]]:
    """Run each test without any mutation, in a fork: return its time and what it reached, the quickest first."""
    reader, writer = os.pipe()
    if not os.fork():
        with os.fdopen(writer, "wb") as pipe:
            pickle.dump([_as_it_is(item) for item in session.items], pipe)
            pickle.dump(_failures, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        found, failures = pickle.load(pipe), pickle.load(pipe)  # noqa: S301 - our own
    os.wait()
    if failures:
        pytest.exit("These fail without any mutation:\n" + "\n".join(failures), _FAILED)
    return sorted(((item, *one) for item, one in zip(session.items, found, strict=True)), key=lambda one: one[1])


def _as_it_is(item: pytest.Item) -> tuple[float, set[str]]:
    _reached.clear()
    start = time.perf_counter()
    _run(item)
    return time.perf_counter() - start, set(_reached)


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _try_one(
    session: pytest.Session, name: str, tests: list[tuple[pytest.Item, float]], is_in_constants: bool
) -> NoReturn:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    trampoline.set_mutant_under_test(name)
    try:
        for item, took in tests:
            signal.alarm(_PATIENCE_S + int(_PATIENCE_FACTOR * took))
            _run(item)
            if _failures:
                os._exit(_FAILED)
    except BaseException:  # noqa: BLE001 - whatever a mutation does to pytest: it is noticed
        os._exit(_FAILED)
    if is_in_constants:
        signal.alarm(_PATIENCE_FOR_COLLECTION_S + int(_PATIENCE_FACTOR * sum(took for _, took in tests)))
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *session.config.invocation_params.args, "-x"])
    os._exit(0)


def _wait_for_one(running: dict[int, str], verdicts: dict[str, str]) -> None:
    pid, status = os.wait()
    code = os.waitstatus_to_exitcode(status)
    verdicts[running.pop(pid)] = {0: "survived", -signal.SIGALRM: "timeout"}.get(code, "noticed")
