"""What the library's own transforms have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeVar

from gpo_client.exceptions import InvalidArgumentError, UsageError

Out = TypeVar("Out")


class Machine(ABC, Generic[Out]):
    """A transform that serves one text and says so when it is given another."""

    _closed = False

    def feed(self, text: str, /) -> Out:
        """Return what may leave now.

        Args:
            text: The next portion of the text.

        Raises:
            InvalidArgumentError: ``text`` is no text, such as the None of a chunk without content.
            UsageError: The transform is closed.
        """
        if self._closed:
            raise UsageError("the transform is closed: it serves one text, make a new one for the next")
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - users without a type checker
            raise InvalidArgumentError(f"a transform is fed with text, not {text!r}", field="text")
        return self._take(text)

    def close(self) -> Out:
        """Return the text has ended: what was held back. Closing twice is allowed and gives nothing more."""
        if self._closed:
            return self._take("")
        self._closed = True
        return self._finish()

    def cut(self) -> Out:
        """Return the text breaks off here: what was held back, as far as it may be shown. Instead of ``close``."""
        if self._closed:
            return self._take("")
        self._closed = True
        return self._break_off()

    def _break_off(self) -> Out:
        """Return what is held, when nobody can tell how the text would have gone on."""
        return self._finish()

    @abstractmethod
    def _take(self, text: str) -> Out:
        """Return what may leave once ``text`` has arrived; nothing for an empty text."""

    @abstractmethod
    def _finish(self) -> Out:
        """Everything that is held."""
