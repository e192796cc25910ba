"""How much hypothesis tries here: enough to find a broken rule. A busy machine is no failure: nothing is timed."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("streaming", deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("streaming")
