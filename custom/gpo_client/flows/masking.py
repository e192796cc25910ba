"""Secrets in errors and in all their causes, masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import attrs

from gpo_client.exceptions import GPOClientError
from gpo_client.models.spellings import without_secrets


def hide_secrets(error: GPOClientError, secrets: Iterable[str]) -> None:
    """Take secrets out of an error and its causes, where it is.

    Args:
        error: The error. What the service answered (``partial``) stays as it is.
        secrets: What is not to be shown.
    """
    known = tuple(secrets)
    for one in _chain(error):
        if isinstance(one, GPOClientError):
            _mask_attributes(one, known)
        one.args = tuple(without_secrets(arg, known) if isinstance(arg, str) else arg for arg in one.args)
        for name in ("__cause__", "__context__"):
            behind = cast("BaseException | None", getattr(one, name))
            if behind is not None and not isinstance(behind, GPOClientError):
                setattr(one, name, _printable(behind, known))


def _mask_attributes(error: GPOClientError, known: tuple[str, ...]) -> None:
    for name, value in vars(error).items():
        if isinstance(value, str) and name != "last_event_id":  # which the stream is continued with
            vars(error)[name] = without_secrets(value, known)
    problem: Any = vars(error).get("problem")
    if problem is not None:
        fields = {
            name: without_secrets(text, known) for name, text in attrs.asdict(problem).items() if isinstance(text, str)
        }
        vars(error)["problem"] = attrs.evolve(problem, **fields)


def _printable(cause: BaseException, known: tuple[str, ...]) -> BaseException:
    """Return a cause that shows no secret: itself, or what can be said of it, with its own causes."""
    shown = f"{cause!s} {cause!r}"
    if without_secrets(shown, known) == shown:
        return cause
    kind = type(cause)
    clean = Exception(without_secrets(f"{kind.__module__}.{kind.__qualname__}: {cause}", known))
    clean.__cause__, clean.__context__ = cause.__cause__, cause.__context__
    clean.__suppress_context__ = cause.__suppress_context__
    return clean


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Return the error and what is behind it, each once; what is behind is looked at after it was handed out."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__]
