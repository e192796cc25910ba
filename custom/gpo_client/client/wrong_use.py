"""Clients in the wrong world: each kind of ``with`` on the other kind of client says which client to use."""

from __future__ import annotations

from typing import NoReturn

from gpo_client.exceptions import WrongWorldError


class AsyncOnly:
    """For asynchronous clients."""

    def __enter__(self) -> NoReturn:
        """Not for this client.

        Raises:
            WrongWorldError: Always.
        """
        raise WrongWorldError(
            "GPOCoreClient is asynchronous: use 'async with', or SyncGPOCoreClient with a plain 'with'"
        )

    def __exit__(self, *_: object) -> None:
        """Never reached; its absence would hide the message of ``__enter__``."""


class SyncOnly:
    """For blocking clients."""

    async def __aenter__(self) -> NoReturn:
        """Not for this client.

        Raises:
            WrongWorldError: Always.
        """
        raise WrongWorldError("SyncGPOCoreClient is blocking: use a plain 'with', or GPOCoreClient with 'async with'")

    async def __aexit__(self, *_: object) -> None:
        """Never reached; its absence would hide the message of ``__aenter__``."""
