"""The tree of exceptions, and exceptions on their way."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import gpo_client
from gpo_client import exceptions
from gpo_client.models import Problem, StreamedResponse

#: Each exception with everything it also is, apart from GPOClientError and what all exceptions are.
TREE: dict[str, set[str]] = {
    "GPOClientError": set(),
    "ConfigurationError": set(),
    "InvalidArgumentError": {"ValueError"},
    "UsageError": {"RuntimeError"},
    "WrongRuntimeError": {"UsageError", "RuntimeError", "TypeError"},
    "APIStatusError": set(),
    "InvalidRequestError": {"APIStatusError"},
    "AuthenticationError": {"APIStatusError"},
    "TokenExpiredError": {"APIStatusError", "AuthenticationError"},
    "PermissionDeniedError": {"APIStatusError"},
    "NotFoundError": {"APIStatusError"},
    "BatchStoppedError": set(),
    "ConflictError": {"APIStatusError"},
    "CredentialError": set(),
    "RateLimitError": {"APIStatusError"},
    "ServerError": {"APIStatusError"},
    "ServiceUnavailableError": {"APIStatusError", "ServerError"},
    "InvalidResponseError": set(),
    "GPOConnectionError": {"ConnectionError", "OSError"},
    "GPOTimeoutError": {"GPOConnectionError", "ConnectionError", "TimeoutError", "OSError"},
    "StreamError": set(),
    "StreamInterruptedError": {"StreamError", "GPOConnectionError", "ConnectionError", "OSError"},
    "StreamTimeoutError": {
        *("StreamError", "GPOTimeoutError", "GPOConnectionError", "ConnectionError", "TimeoutError", "OSError")
    },
    "StreamProtocolError": {"StreamError"},
    "StreamLimitError": {"StreamError"},
    "StreamServerError": {"StreamError"},
}

_EVERY = {"GPOClientError", "Exception", "BaseException", "object"}


def test_tree_of_exceptions() -> None:
    """Each exception is what the documentation says, and nothing else."""
    public = {name: kind for name, kind in vars(exceptions).items() if _is_exception(kind)}
    warnings = {"InsecureConnectionWarning", "UnknownSettingWarning", "UnusableProxyWarning"}
    assert set(public) == {*TREE, *warnings}
    assert all(issubclass(public.pop(name), UserWarning) for name in warnings)
    for name, kind in public.items():
        assert {base.__name__ for base in kind.__mro__} - _EVERY - {name} == TREE[name], name
        assert issubclass(kind, exceptions.GPOClientError)
        assert getattr(gpo_client, name) is kind
        assert kind.__doc__


def test_tree_in_the_documentation() -> None:
    """The tree at the head of the module names them all."""
    words = (exceptions.__doc__ or "").split()
    assert set(TREE) <= set(words)


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseException)


_PROBLEM = Problem(title="Gone", status=410, code="stream_expired", request_id="req-1", field="query")
_DETAILS: dict[str, Any] = {"code": "a_code", "request_id": "req-1", "attempts": 3, "elapsed": 1.5}
_STREAM: dict[str, Any] = {**_DETAILS, "partial": StreamedResponse(content="Mexico "), "last_event_id": "msg_01:1"}


#: What each kind of exception is made with, the special ones first.
_MADE_WITH: dict[type[exceptions.GPOClientError], dict[str, Any]] = {
    exceptions.StreamServerError: {"problem": _PROBLEM, **_STREAM},
    exceptions.StreamError: _STREAM,
    exceptions.APIStatusError: {"status_code": 410, "problem": _PROBLEM, "retry_after": 7.0, **_DETAILS},
    exceptions.InvalidResponseError: {"path": "$.items[0]", "status_code": 200, **_DETAILS},
    exceptions.ConfigurationError: {"setting": "timeout", "origin": "an argument"},
    exceptions.InvalidArgumentError: {"field": "request.query"},
    exceptions.GPOClientError: _DETAILS,
}


def _make(kind: type[exceptions.GPOClientError]) -> exceptions.GPOClientError:
    details = next(details for known, details in _MADE_WITH.items() if issubclass(kind, known))
    return kind("it failed", **details)


@pytest.mark.parametrize("name", TREE)
@pytest.mark.parametrize(
    "pass_on",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deep"],
)
def test_exceptions_travel(name: str, pass_on: Any) -> None:
    """An exception that crosses a process border, or is copied, keeps everything."""
    error = _make(getattr(gpo_client, name))
    error.add_note("seen on the way")
    there = pass_on(error)
    assert type(there) is type(error)
    assert (str(there), there.message, there.args) == ("it failed", "it failed", ("it failed",))
    assert vars(there) == vars(error)
    assert there.__notes__ == ["seen on the way"]
