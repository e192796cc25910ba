"""A real server for the GPO Core API: for development, tests and demonstrations.

It keeps its data in SQLite and answers questions from a small library of Markdown documents. Start it with
`python -m gpo_client.sandbox`, or inside a program with `running_sandbox()`.
"""

try:
    import starlette as _starlette
    import uvicorn as _uvicorn
except ModuleNotFoundError as error:
    if error.name not in {"starlette", "uvicorn"}:
        raise
    raise ImportError(
        f'the sandbox needs {error.name}, which is not installed: pip install "gpo-client[sandbox]"'
    ) from error

from gpo_sandbox.app import create_app
from gpo_sandbox.server import RunningSandbox, running_sandbox
from gpo_sandbox.settings import SandboxSettings, SettingsError

__all__ = ["RunningSandbox", "SandboxSettings", "SettingsError", "create_app", "running_sandbox"]

del _starlette, _uvicorn
