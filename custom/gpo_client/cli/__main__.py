"""``python -m gpo_client.cli``: the same as ``gpo``."""

import sys

from gpo_client.cli import main

sys.exit(main())
