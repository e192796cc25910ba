"""One line of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from gpo_client import GPOClientError
from tests.support.wire import Answer


@attrs.frozen(kw_only=True)
class Scenario:
    """A server's answer, and what comes of it.

    Attributes:
        name: The id of the test.
        answer: The answer.
        text: The text that arrives, before the error if there is one; None: whatever.
        error: The exact class of the error; None: the answer is whole.
        says: What the error's message contains.
        details: Attributes of the error (dotted paths) and their values.
        settings: The client's settings.
        kept: Whether the connection stays open for other requests; None: either way is right.
    """

    name: str
    answer: Answer
    text: str | None = ""
    error: type[GPOClientError] | None = None
    says: tuple[str, ...] = ()
    details: Mapping[str, object] = attrs.field(factory=dict[str, object])
    settings: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    kept: bool | None = False
