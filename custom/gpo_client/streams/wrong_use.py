"""Misuse of clients, streams and pages: each ``for`` and ``with`` of the other kind says what to write.

Type checkers do not see these methods, so that they go on objecting to such a use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gpo_client.exceptions import WrongRuntimeError


class AsyncIterationOnly:
    """For what is iterated with ``async for``."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __iter__(self) -> NoReturn:
            """Not for this object. The error is a TypeError too: frameworks ask with ``iter()`` which kind it is."""
            raise _asynchronous(self, "for")


class AsyncPiecesOnly(AsyncIterationOnly):
    """For the pieces of a stream's text."""

    __slots__ = ()


class AsyncWithOnly:
    """For what is entered with ``async with``."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __enter__(self) -> NoReturn:
            """Not for this object."""
            raise _asynchronous(self, "with")

        def __exit__(self, *_: object) -> None:
            """Never reached; its absence would hide the message of ``__enter__``."""


class AsyncOnly(AsyncIterationOnly, AsyncWithOnly):
    """For what is iterated with ``async for`` and entered with ``async with``."""

    __slots__ = ()


class SyncIterationOnly:
    """For what is iterated with a plain ``for``."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def __aiter__(self) -> NoReturn:
            """Not for this object."""
            raise _blocking(self, "for")


class SyncPiecesOnly:
    """For the pieces of a stream's text: nothing.

    Frameworks are given them to send on, and take for asynchronous whatever has an ``__aiter__``.
    """

    __slots__ = ()


class SyncWithOnly:
    """For what is entered with a plain ``with``."""

    __slots__ = ()

    if not TYPE_CHECKING:

        async def __aenter__(self) -> NoReturn:
            """Not for this object."""
            raise _blocking(self, "with")

        async def __aexit__(self, *_: object) -> None:
            """Never reached; its absence would hide the message of ``__aenter__``."""


class SyncOnly(SyncIterationOnly, SyncWithOnly):
    """For what is iterated with a plain ``for`` and entered with a plain ``with``."""

    __slots__ = ()


def _asynchronous(misused: object, word: str) -> WrongRuntimeError:
    name = type(misused).__name__
    return WrongRuntimeError(f"{name} is asynchronous: use 'async {word}', or SyncGPOCoreClient with a plain '{word}'")


def _blocking(misused: object, word: str) -> WrongRuntimeError:
    name = type(misused).__name__
    return WrongRuntimeError(f"{name} is blocking: use a plain '{word}', or GPOCoreClient with 'async {word}'")


def silent_end(error: BaseException) -> RuntimeError:
    """Return what is raised in place of an end of iteration that a callback has let out: it would pass for the end of a
    whole answer (generators do the same, PEP 479).
    """
    return RuntimeError(f"a callback raised {type(error).__name__}, which would have ended the iteration around it")
