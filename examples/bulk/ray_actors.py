"""Bulk questions with Ray: stateful actors ask the slices, each with a client of its own."""

from typing import Any

import ray

from gpo_client.batch import ask_slice


class Asker:
    """An actor that asks slices."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings

    def __call__(self, questions: dict[str, Any]) -> dict[str, Any]:
        """Ask a slice; Ray hands out and takes columns."""
        rows = ask_slice([{"question": str(text)} for text in questions["question"]], **self._settings)
        return {name: [row[name] for row in rows] for name in ("user_input", "response", "error")}


def ask_all(questions: list[str], workers: int = 2, **settings: Any) -> list[dict[str, Any]]:
    """Ask all questions on so many workers. A worker that is killed is started again, and its slice asked again."""
    data = ray.data.from_items([{"question": question} for question in questions])
    answers = data.map_batches(
        Asker,
        fn_constructor_args=[{"workers": workers, **settings}],
        batch_size=20,
        concurrency=workers,
        max_restarts=-1,
        max_task_retries=-1,
    )
    return [dict(row) for row in answers.take_all()]
