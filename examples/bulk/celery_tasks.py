"""Bulk questions with Celery: each task asks a slice. Start workers with `celery -A celery_tasks worker`."""

import os
from typing import Any

from celery import Celery, group

from gpo_client.batch import ask_slice

app = Celery("bulk", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
# A slice whose worker was killed is asked again, by another worker, under the same keys.
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=1)

ask = app.task(ask_slice, name="ask_slice", typing=False)


def ask_all(questions: list[dict[str, Any]], slice_size: int = 20, **settings: Any) -> list[dict[str, Any]]:
    """Ask all questions on all workers; the rows in the order of the questions."""
    slices = [questions[start : start + slice_size] for start in range(0, len(questions), slice_size)]
    tasks = group(ask.s(part, **settings) for part in slices)
    return [row for rows in tasks.apply_async().get() for row in rows]
