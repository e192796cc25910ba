"""The clients: :class:`GPOCoreClient` for ``await``, :class:`SyncGPOCoreClient` for plain calls."""

from gpo_client.client.aio.client import GPOCoreClient
from gpo_client.client.aio.conversation import ConversationHandle
from gpo_client.client.aio.pages import AsyncPage
from gpo_client.client.sync.client import SyncGPOCoreClient
from gpo_client.client.sync.conversation import SyncConversationHandle
from gpo_client.client.sync.pages import SyncPage

__all__ = [
    "AsyncPage",
    "ConversationHandle",
    "GPOCoreClient",
    "SyncConversationHandle",
    "SyncGPOCoreClient",
    "SyncPage",
]
