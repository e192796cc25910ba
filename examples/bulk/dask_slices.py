"""Bulk questions with Dask: each future is a slice."""

from typing import Any

from distributed import Client

from gpo_client.batch import ask_slice


def ask_all(dask: Client, questions: list[str], slice_size: int = 20, **settings: Any) -> list[dict[str, Any]]:
    """Ask all questions on all workers. A slice whose worker was killed is asked again by another one."""
    slices = [questions[start : start + slice_size] for start in range(0, len(questions), slice_size)]
    futures = dask.map(ask_slice, slices, retries=3, **settings)
    answers: Any = dask.gather(futures)  # type: ignore[no-untyped-call, unused-ignore]
    return [row for rows in answers for row in rows]
