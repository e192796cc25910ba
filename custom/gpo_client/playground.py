"""The playground under its earlier name; it lives in ``gpo_sandbox.playground``."""

import sys

import gpo_sandbox.playground

sys.modules[__name__] = gpo_sandbox.playground
