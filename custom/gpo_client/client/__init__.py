"""The clients: :class:`GPOCoreClient` for ``await``, :class:`SyncGPOCoreClient` for plain calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.client.aio.client import ConversationHandle, GPOCoreClient
    from gpo_client.client.aio.core import AsyncPage
    from gpo_client.client.sync.client import SyncConversationHandle, SyncGPOCoreClient
    from gpo_client.client.sync.core import SyncPage

__all__ = [
    "AsyncPage", "ConversationHandle", "GPOCoreClient", "SyncConversationHandle", "SyncGPOCoreClient", "SyncPage",
]  # fmt: skip

__getattr__ = lazy_names(
    __name__,
    {
        "gpo_client.client.aio.client": "ConversationHandle GPOCoreClient",
        "gpo_client.client.aio.core": "AsyncPage",
        "gpo_client.client.sync.client": "SyncConversationHandle SyncGPOCoreClient",
        "gpo_client.client.sync.core": "SyncPage",
    },
)


def __dir__() -> list[str]:
    return __all__
