"""For the tests of programs that use the client: a server, scripted streams, and recordings.

    from gpo_client.testing import recorded, running_sandbox, scripted_stream, vcr_config

Needs the extra `testing`; fixtures for pytest are in `gpo_client.testing.pytest_plugin`. See docs/testing.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gpo_client.lazy import lazy_names

if TYPE_CHECKING:
    from gpo_client.testing.cassettes import Recording, recorded, vcr_config
    from gpo_client.testing.scripted import ScriptedTransport, scripted_stream
    from gpo_sandbox import RunningSandbox, running_sandbox

__all__ = [
    "Recording", "RunningSandbox", "ScriptedTransport", "recorded", "running_sandbox", "scripted_stream", "vcr_config",
]  # fmt: skip

# Each is loaded when it is first used: recordings need no server, and a server no recordings.
_load = lazy_names(
    __name__,
    {
        "gpo_sandbox": "RunningSandbox running_sandbox",
        "gpo_client.testing.cassettes": "Recording recorded vcr_config",
        "gpo_client.testing.scripted": "ScriptedTransport scripted_stream",
    },
)


def __getattr__(name: str) -> Any:
    try:
        return _load(name)
    except ImportError as error:
        # From the sandbox, where something of its own extra is missing; that is a part of this one.
        raise ImportError(
            f'{name} needs more than is installed ({error}): pip install "gpo-client[testing]"'
        ) from error
