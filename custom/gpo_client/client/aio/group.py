"""Groups: methods of the client that belong together, under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gpo_client.client.aio.core import ClientCore


class Group:
    """Methods of a client that belong together.

    A group has no state: making one costs nothing, and it works as long as its client is open.

    Args:
        client: The client they belong to.
    """

    __slots__ = ("_client",)

    def __init__(self, client: ClientCore) -> None:
        self._client = client

    def __repr__(self) -> str:
        """Of which client."""
        return f"<{type(self).__name__} of {self._client!r}>"
