"""How much hypothesis tries here: enough to find a broken rule."""

from __future__ import annotations

from hypothesis import settings

from tests.support.parts import examples

settings.register_profile("streaming", settings.get_profile("untimed"), max_examples=examples(150))
settings.load_profile("streaming")
