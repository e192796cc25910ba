"""Slices asked by other engines, as the examples show it: workers are killed, each question is asked once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.batch.conftest import CountingSandbox
from tests.support.question import SESSION

pytestmark = pytest.mark.slow

_EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "bulk"
_MANY = 500
_QUESTIONS = [f"What is RESICO? {number}" for number in range(_MANY)]


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch, counting: CountingSandbox) -> Iterator[None]:
    """The examples can be imported, here and in workers, which find the service in their environment."""
    monkeypatch.syspath_prepend(_EXAMPLES)
    monkeypatch.setenv("PYTHONPATH", str(_EXAMPLES))
    monkeypatch.setenv("GPO_API_BASE_URL", counting.base_url)
    yield
    for name in ("celery_tasks", "ray_actors", "dask_slices"):
        sys.modules.pop(name, None)


def _settings() -> dict[str, Any]:
    return {"session": SESSION, "run": "test", "stream": True, "max_concurrency": 4}


def _killing(
    ask_all: Callable[[], list[Any]], victims: Callable[[], list[int]], counting: CountingSandbox
) -> list[Any]:
    """What ``ask_all`` gives while one of the processes is killed, after a fifth of the questions and after a half."""
    with ThreadPoolExecutor(1) as pool:
        answers = pool.submit(ask_all)
        for moment in (_MANY // 5, _MANY // 2):
            while counting.asked < moment and not answers.done():
                Event().wait(0.01)
            if answers.done():
                answers.result()  # raises what went wrong
            os.kill(victims()[0], signal.SIGKILL)
        return answers.result(300)


def _check(rows: list[Any], counting: CountingSandbox) -> None:
    assert [row["user_input"] for row in rows] == _QUESTIONS
    assert all(row["error"] is None and "RESICO" in row["response"] for row in rows)
    assert counting.asked == _MANY


def _children(parent: int) -> list[int]:
    told = [task / "children" for task in Path(f"/proc/{parent}/task").iterdir()]
    return [int(pid) for children in told for pid in children.read_text().split()]


def test_celery(redis_address: str, counting: CountingSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis broker, and two prefork workers."""
    pytest.importorskip("celery", reason="celery is not installed")
    monkeypatch.setenv("REDIS_URL", redis_address)
    command = [sys.executable, "-m", "celery", "-A", "celery_tasks", "worker", "--concurrency=2", "--loglevel=WARNING"]
    worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=_EXAMPLES)
    try:
        import celery_tasks  # type: ignore[import-not-found]

        questions = [{"question": question} for question in _QUESTIONS]
        rows = _killing(lambda: celery_tasks.ask_all(questions, **_settings()), lambda: _children(worker.pid), counting)
        _check(rows, counting)
    finally:
        worker.terminate()
        worker.wait(30)


@pytest.mark.filterwarnings("ignore")  # of its own deprecated settings
def test_ray(counting: CountingSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two local actors of ray.data."""
    pytest.importorskip("ray.data", reason="ray[data] is not installed")
    import ray
    import ray_actors  # type: ignore[import-not-found]

    environment = {"PYTHONPATH": str(_EXAMPLES), "GPO_API_BASE_URL": counting.base_url}
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": environment})
    try:
        rows = _killing(lambda: ray_actors.ask_all(_QUESTIONS, **_settings()), _actors, counting)
        _check(sorted(rows, key=lambda row: _QUESTIONS.index(row["user_input"])), counting)
    finally:
        ray.shutdown()


def _actors() -> list[int]:
    """The processes of Ray's actors that ask: they are called after what they do."""
    return [pid for pid in _descendants(os.getpid()) if b"MapWorker" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def _descendants(parent: int) -> Iterator[int]:
    for pid in _children(parent):
        yield pid
        yield from _descendants(pid)


def test_dask(counting: CountingSandbox) -> None:
    """Two local processes."""
    distributed = pytest.importorskip("distributed", reason="dask is not installed")
    import dask_slices  # type: ignore[import-not-found]

    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster) as dask:
        rows = _killing(
            lambda: dask_slices.ask_all(dask, _QUESTIONS, **_settings()),
            lambda: [worker.process.pid for worker in cluster.workers.values() if worker.process.pid],
            counting,
        )
        _check(rows, counting)
