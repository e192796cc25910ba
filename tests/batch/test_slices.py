"""Slices: one function that can be sent anywhere."""

from __future__ import annotations

import json
import multiprocessing
import pickle
import sys
from typing import Any

import pytest

from gpo_client import ConfigurationError
from gpo_client.batch import ask_slice, running
from tests.batch.conftest import CountingSandbox
from tests.support.question import SESSION

_QUESTIONS: list[Any] = ["What is RESICO?", {"query": "What is PTU?", "id": 2}, {"nothing": 3}]


def test_a_slice(counting: CountingSandbox) -> None:
    """Rows in order, of JSON's types; asked again it is the same, under another name of the run it is not."""
    config = {"base_url": counting.base_url}
    for run, asked in (("one", 2), ("one", 2), ("two", 4)):
        rows = ask_slice(_QUESTIONS, session=SESSION, run=run, config=config, rate=1000, workers=2)
        assert json.loads(json.dumps(rows)) == rows
        assert [row["user_input"] for row in rows] == ["What is RESICO?", "What is PTU?", ""]
        assert rows[1]["id"] == 2
        assert [row["error"] is None for row in rows] == [True, True, False]
        assert counting.asked == asked


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_other_processes(method: str, counting: CountingSandbox) -> None:
    """The function is pickled, the client made where it runs; one that was made before a fork goes on in the child."""
    assert pickle.loads(pickle.dumps(ask_slice)) is ask_slice
    settings = {"session": SESSION, "run": "one", "config": {"base_url": counting.base_url}}
    ask_slice(["What is IVA?"], **settings)
    with multiprocessing.get_context(method).Pool(2) as pool:
        parts = [pool.apply_async(ask_slice, ([f"What is PTU? {number}"],), settings) for number in range(4)]
        rows = [part.get(60)[0] for part in parts]
    assert [row["user_input"] for row in rows] == [f"What is PTU? {number}" for number in range(4)]
    assert counting.asked == 5


def test_bad_settings() -> None:
    """Come out where they are used."""
    with pytest.raises(ConfigurationError, match="no_such_setting"):
        ask_slice([], session=SESSION, run="one", config={"no_such_setting": 1})


class _WaitingError(Exception):
    """Raised instead of a wait."""


@pytest.mark.redis
def test_one_rate_for_all_processes(
    counting: CountingSandbox, redis_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two a minute, of which another process has asked one: the second question here has to wait for its turn."""
    pytest.importorskip("limits")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        raise _WaitingError

    monkeypatch.setattr(running, "_sleep", wait)
    shared = {"rate": 2 / 60, "rate_storage": redis_address}
    settings: dict[str, Any] = {"session": SESSION, "run": "one", "config": {"base_url": counting.base_url}, **shared}
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (row,) = pool.apply(ask_slice, (["What is IVA?"],), settings)
    assert row["error"] is None
    with pytest.raises(_WaitingError):
        ask_slice(["What is PTU?", "What is RESICO?"], **settings)
    assert 0 < waits[0] <= 60
    assert ask_slice(["What is PTU?"], **{**settings, "run": "two"})[0]["error"] is None


def test_without_limits(counting: CountingSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "limits", None)
    with pytest.raises(ImportError, match="pip install limits"):
        ask_slice(["?"], session=SESSION, run="one", config={"base_url": counting.base_url}, rate=1, rate_storage="x:")
