"""For the tests of programs that use the client: a server, scripted streams, and recordings.

    from gpo_client.testing import recorded, running_sandbox, scripted_stream, vcr_config

Needs the extra `testing`; fixtures for pytest are in `gpo_client.testing.pytest_plugin`. See docs/testing.md.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gpo_client.testing.cassettes import Recording, recorded, vcr_config
    from gpo_client.testing.scripted import ScriptedTransport, scripted_stream
    from gpo_sandbox import RunningSandbox, running_sandbox

__all__ = [
    "Recording", "RunningSandbox", "ScriptedTransport", "recorded", "running_sandbox", "scripted_stream", "vcr_config",
]  # fmt: skip

_HOMES = {
    "RunningSandbox": "gpo_sandbox",
    "running_sandbox": "gpo_sandbox",
    "Recording": "gpo_client.testing.cassettes",
    "recorded": "gpo_client.testing.cassettes",
    "vcr_config": "gpo_client.testing.cassettes",
    "ScriptedTransport": "gpo_client.testing.scripted",
    "scripted_stream": "gpo_client.testing.scripted",
}


def __getattr__(name: str) -> Any:
    # Each is loaded when it is first used (PEP 562): recordings need no server, and a server no recordings.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    except ImportError as error:
        # From the sandbox, where something of its own extra is missing; that is a part of this one.
        raise ImportError(
            f'{name} needs more than is installed ({error}): pip install "gpo-client[testing]"'
        ) from error
    return value
