"""Both clients offer the same: names, parameters, types and words."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from gpo_client import GPOCoreClient, SyncGPOCoreClient
from gpo_client.streams import wrong_use as streams
from tests.support.runtimes import GROUPS, TWINS

#: What only one of a pair has, and why.
ASYNC_ONLY = {
    "aclose": "what closes is called aclose() in the asynchronous client, where close() is another name for it"
}
SYNC_ONLY: dict[str, str] = {}

#: The special methods that make iterators and context managers.
_SPECIAL = {"__aiter__": "__iter__", "__anext__": "__next__", "__aenter__": "__enter__", "__aexit__": "__exit__"}

_ONLY = (
    *(streams.AsyncWithOnly, streams.SyncWithOnly, streams.AsyncOnly, streams.SyncOnly),
    *(streams.AsyncIterationOnly, streams.SyncIterationOnly),
)

# From the words of the asynchronous client to those of the other, in annotations.
_TYPES = (
    (r"\bAsync(Page|Items|HttpClient|ChunkSource|Upstream|Reader)\b", r"Sync\1"),
    (r"\b(GPOCoreClient|ConversationHandle|(ChatStream|ChunkStream)(Text|Progress)?|TransformedText)\b", r"Sync\1"),
    (r"\b(Batch)\b", r"Sync\1"),
    (r" \| AsyncIterable\[T\]", ""),
    (r"\bSyncHttpClient\b", "HttpClient"),
    (r"\bAwaitable\[(\w+\[T\])\]", r"\1"),
)

_PAIRS = [(asynchronous, blocking) for blocking, asynchronous in TWINS.items()]
_pairs = pytest.mark.parametrize(("asynchronous", "blocking"), _PAIRS, ids=lambda kind: kind.__name__)


def _members(kind: type) -> dict[str, Any]:
    """What a class offers: public members, and the special methods by their names in the blocking client."""
    special = {*_SPECIAL, *_SPECIAL.values()} - _refusals(kind)
    names = [name for name in dir(kind) if not name.startswith("_") or name in special]
    return {_SPECIAL.get(name, name): inspect.getattr_static(kind, name) for name in names}


def _refusals(kind: type) -> set[str]:
    """The special methods with which an object refuses the other kind of ``with`` and ``for``."""
    return {name for only in _ONLY if issubclass(kind, only) for name in vars(only)}


def _signature(member: Any) -> str:
    """Parameters, defaults and types, in the words of the blocking client."""
    function: Any = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
    text = str(inspect.signature(function))
    for pattern, replacement in _TYPES:
        text = re.sub(pattern, replacement, text)
    return text


def _is_callable(member: Any) -> bool:
    return isinstance(member, property | classmethod | staticmethod) or inspect.isfunction(member)


@_pairs
def test_names(asynchronous: type, blocking: type) -> None:
    """The same members on both sides, apart from those with a written reason."""
    ours, theirs = set(_members(asynchronous)), set(_members(blocking))
    assert ours - theirs == set(ASYNC_ONLY) & ours
    assert theirs - ours == set(SYNC_ONLY) & theirs


@_pairs
def test_signatures(asynchronous: type, blocking: type) -> None:
    """The same kinds of members with the same parameters, defaults, types and results."""
    theirs = _members(blocking)
    for name, member in _members(asynchronous).items():
        if name not in ASYNC_ONLY:
            assert type(member) is type(theirs[name]), name
            if _is_callable(member):
                assert _signature(member) == _signature(theirs[name]), name
    assert _signature(asynchronous) == _signature(blocking)


@_pairs
def test_documentation(asynchronous: type, blocking: type) -> None:
    """Every member is documented, in the same words."""
    theirs = _members(blocking)
    for name, member in _members(asynchronous).items():
        if _is_callable(member) and name not in ASYNC_ONLY:
            words = inspect.getdoc(member)
            assert words, name
            assert words == inspect.getdoc(theirs[name]), name
    assert inspect.getdoc(_members(asynchronous).get("aclose")) == inspect.getdoc(theirs.get("close"))


@pytest.mark.parametrize("kind", [kind for pair in _PAIRS for kind in pair], ids=lambda kind: kind.__name__)
def test_classes_are_documented(kind: type) -> None:
    """Every class has words of its own."""
    assert (kind.__doc__ or "").strip()


def test_everything_is_compared() -> None:
    """The comparison sees what it is for."""
    members = _members(GPOCoreClient)
    assert {"chat", "chat_stream", "raw", "from_config_file", "__enter__", "__exit__"} < set(members)
    assert sum(map(_is_callable, members.values())) > 25
    assert "SyncPage[Message]" in _signature(members["list_messages"])


def test_operations_are_awaited() -> None:
    """In the asynchronous client everything is awaited but what does no I/O; in the other nothing is."""
    plain = {"batch", "chat_stream", "from_config_file", "raw", "raw_for", "with_options", *GROUPS}
    members = {name: member for name, member in _members(GPOCoreClient).items() if _is_callable(member)}
    assert {name for name, member in members.items() if not inspect.iscoroutinefunction(member)} == plain
    assert not any(map(inspect.iscoroutinefunction, _members(SyncGPOCoreClient).values()))
