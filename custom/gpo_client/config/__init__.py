"""The settings of a client and where they come from."""

from gpo_client.config.overrides import ConfigOverrides
from gpo_client.config.settings import GPOConfig

__all__ = ["ConfigOverrides", "GPOConfig"]
