"""Many questions: what ``client.batch`` gives, files of answers, and slices for other machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.batch.running import ask_slice
    from gpo_client.client.aio.batch import Batch
    from gpo_client.client.sync.batch import SyncBatch
    from gpo_client.models.answer import BatchProgress, BatchResult

__all__ = ["Batch", "BatchProgress", "BatchResult", "SyncBatch", "ask_slice"]

__getattr__ = lazy_names(
    __name__,
    {
        "gpo_client.batch.running": "ask_slice",
        "gpo_client.client.aio.batch": "Batch",
        "gpo_client.client.sync.batch": "SyncBatch",
        "gpo_client.models.answer": "BatchProgress BatchResult",
    },
)


def __dir__() -> list[str]:
    return __all__
