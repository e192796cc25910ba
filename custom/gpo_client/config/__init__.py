"""The settings of a client and where they come from."""

from gpo_client.config.settings import ConfigOverrides, GPOConfig

__all__ = ["ConfigOverrides", "GPOConfig"]
