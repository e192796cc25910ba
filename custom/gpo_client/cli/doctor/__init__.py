"""``gpo doctor``: what works between here and the service, and what to do about what does not."""

from __future__ import annotations

from gpo_client.cli.doctor.command import doctor

__all__ = ["doctor"]
