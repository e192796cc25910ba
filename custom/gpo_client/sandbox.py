"""The sandbox under the name that programs import it by; it lives in a package of its own, ``gpo_sandbox``."""

import sys

from gpo_sandbox import RunningSandbox, SandboxSettings, SettingsError, create_app, running_sandbox
from gpo_sandbox.__main__ import main

__all__ = ["RunningSandbox", "SandboxSettings", "SettingsError", "create_app", "running_sandbox"]

if __name__ == "__main__":
    sys.exit(main())
