"""A string that does not show itself."""

from __future__ import annotations

MASK = "'**********'"


class Secret(str):
    """A token or key: an ordinary string to whoever uses it, a mask to whoever prints the object that holds it.

    Only ``repr`` is masked, because that is what tracebacks, debuggers, containers and attrs classes show.
    ``str(secret)`` and formatting give the value, so that it can be put into a header or handed on as JSON.

    >>> token = Secret("s3cr3t")
    >>> token
    '**********'
    >>> "Bearer " + token
    'Bearer s3cr3t'
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return MASK
