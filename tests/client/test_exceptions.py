"""The face: its names and how it is imported; the tree of exceptions, and exceptions on their way."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from importlib import import_module
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


# --- The face: its names, what importing it loads, and the tree of its exceptions.

#: The public names. A change here is a change of the API: say so in CHANGELOG.md.
NAMES = [
    "APIStatusError", "AsyncPage", "AuthenticationError", "BatchStoppedError", "ChatContext", "ChatHistoryEntry",
    "ChatRequest", "ChatResponse", "ChatStream", "ChunkAggregator", "Citation", "CitationSource",
    "ConfigurationError", "ConflictError", "Conversation", "ConversationHandle", "ConversationRating",
    "ConversationRequest", "ConversationSummary", "CredentialError", "Document", "DocumentCategory", "DocumentSearch",
    "DocumentSolution", "Download", "Feedback", "GPOClientError", "GPOConfig", "GPOConnectionError", "GPOCoreClient",
    "GPOTimeoutError", "HandoffFeedback", "InsecureConnectionWarning", "InvalidArgumentError", "InvalidRequestError",
    "InvalidResponseError", "Message", "MessageSearch", "NotFoundError", "Page", "PermissionDeniedError", "Problem",
    "RateLimitError", "RedactionFilter", "RetryPolicy", "SSEDecoder", "Secret", "SensitiveChatRequest",
    "SensitiveChatResponse", "SensitivityMarker", "ServerError", "ServerSentEvent", "ServiceUnavailableError",
    "Session", "SessionContext", "StreamError", "StreamInterruptedError", "StreamLimitError", "StreamProtocolError",
    "StreamServerError", "StreamTimeoutError", "StreamedResponse", "StreamingChatRequest", "StreamingChunk",
    "SyncChatStream", "SyncConversationHandle", "SyncGPOCoreClient", "SyncPage", "TokenExpiredError",
    "UnknownSettingWarning", "UnusableProxyWarning", "UsageError", "WrongRuntimeError", "__version__", "transforms",
]  # fmt: skip


def test_names() -> None:
    """The public names are these, each importable, each listed by ``dir``."""
    assert sorted(gpo_client.__all__) == sorted(NAMES)
    assert all(getattr(gpo_client, name) is not None for name in NAMES)
    assert set(NAMES) <= set(dir(gpo_client))
    for module in (gpo_client, gpo_client.models):
        with pytest.raises(AttributeError, match="no attribute 'ChatRequset'"):
            _ = module.ChatRequset


@pytest.mark.parametrize("name", ["Observer", "RetryDetails", "StreamStats"])
def test_names_that_have_moved_are_still_found(name: str) -> None:
    """With a warning that says where they are, and points at the line that uses them."""
    with pytest.warns(DeprecationWarning, match=rf"use gpo_client\.(observers|streaming)\.{name}$") as warned:
        found = getattr(gpo_client, name)
    assert warned[0].filename == __file__
    where = str(warned[0].message).rpartition(" ")[2].rpartition(".")[0]
    assert found is getattr(import_module(where), name)


def test_the_earlier_name_of_an_exception() -> None:
    """It is the same class, with a warning in the line that uses it."""
    for module in (gpo_client.exceptions, gpo_client):
        vars(module).pop("WrongWorldError", None)  # which is found at once the second time
        with pytest.warns(DeprecationWarning, match="use WrongRuntimeError$") as warned:
            assert module.WrongWorldError is gpo_client.WrongRuntimeError
        assert warned[0].filename == __file__


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("answers", "generated read_answer"),
        ("generated", "model_from request_from"),
        ("retry_after", "parse_retry_after"),
        ("verdicts", "status_error _target"),
    ],
)
def test_modules_that_have_moved_are_still_found(module: str, names: str) -> None:
    """Programs of those who own the API read answers and make requests with them."""
    found = import_module(f"gpo_client.flows.{module}")
    assert getattr(gpo_client.flows, module) is found
    assert all(callable(getattr(found, name)) for name in names.split())
    with pytest.raises(AttributeError, match="no attribute 'more'"):
        _ = found.more


def test_generated_models_are_the_generated_ones() -> None:
    """What is loaded late is made once, and is what the generator made."""
    import gpo_client.models
    import gpo_core_client.models

    assert gpo_client.ChatRequest is gpo_client.models.ChatRequest
    assert issubclass(gpo_client.ChatRequest, gpo_core_client.models.ChatRequest)
    assert gpo_client.models.UserType is gpo_core_client.models.UserType
    assert all(getattr(gpo_client.models, name) is not None for name in gpo_client.models.__all__)


_PARTS = ("cli", "relay", "sandbox", "testing")


#: What only some users need, and nobody before the first call.
_LATER = (
    *("dateutil", "gpo_core_client.api", "gpo_sandbox", *(f"gpo_client.{part}" for part in _PARTS)),
    *("rich", "cyclopts", "starlette", "uvicorn", "fastapi", "redis", "yaml", "opentelemetry"),
)


_MAKING = "import gpo_client\ngpo_client.SyncGPOCoreClient(base_url='https://gpo.example.com').close()"


def _loaded_by(program: str) -> set[str]:
    """The modules that a fresh interpreter has after ``program``."""
    report = f"{program}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-W", "error", "-c", report]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return set(json.loads(done.stdout))


def test_what_the_import_loads() -> None:
    """Of ours three small modules, and beyond them Python's own library: each name comes when it is used."""
    loaded = _loaded_by("import gpo_client") - _loaded_by("")
    not_of_python = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names}
    assert not_of_python == {"gpo_client", "gpo_client.lazy", "gpo_client.version"}


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """Nor does a client that is made load an operation, a date parser or a server."""
    loaded = _loaded_by(_MAKING)
    assert "gpo_client.client.sync.client" in loaded
    # httpx loads what its own command line program needs, if that is installed.
    early = {name for name in loaded for late in _LATER if f"{name}.".startswith(f"{late}.")}
    assert early == set() or early <= _loaded_by("import httpx")


def test_import_touches_nothing() -> None:
    """No handler, no level, no thread, no warning filter comes with the import."""
    code = (
        "import logging, threading, warnings; before = list(warnings.filters); import gpo_client;"
        " logger = logging.getLogger('gpo_client');"
        " print(logging.root.handlers, logger.level, logger.propagate, threading.active_count(),"
        " [h for h in logger.handlers if not isinstance(h, logging.NullHandler)], warnings.filters == before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] 0 True 1 [] True\n"


def test_models_are_frozen() -> None:
    """What comes back from the service is not changed in place."""
    chunk = gpo_client.StreamingChunk(content="a")
    with pytest.raises(AttributeError):
        chunk.content = "b"  # type: ignore[misc]
