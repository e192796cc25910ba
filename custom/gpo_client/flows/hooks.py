"""The callbacks and observers of a client."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.call_details import ResumeDetails, RetryDetails
from gpo_client.flows.observers import Observer


@attrs.frozen(kw_only=True)
class Hooks:
    """Whom a client tells what it does.

    Attributes:
        on_retry: Called before a request is sent again. What it raises ends the call.
        on_resume: Called before a stream is continued. What it raises ends the stream.
        observers: Told of every call from beginning to end. What they raise ends nothing.
    """

    on_retry: Callable[[RetryDetails], object] | None = None
    on_resume: Callable[[ResumeDetails], object] | None = None
    observers: tuple[Observer, ...] = ()


def checked_observers(observers: Iterable[Observer]) -> tuple[Observer, ...]:
    """Observers as given, if that is what they are.

    Raises:
        InvalidArgumentError: They are no collection, or one is no Observer, the class of one for example.
    """
    try:
        given = tuple(observers)
    except TypeError as error:
        message = f"observers must be a list of observers, not {observers!r}"
        raise InvalidArgumentError(message, field="observers") from error
    for observer in given:
        if not isinstance(observer, Observer):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgumentError(f"observers: {observer!r} is not a gpo_client.Observer", field="observers")
    return given
