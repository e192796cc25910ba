"""The earlier place of ``gpo_client.operations.answers``."""

from gpo_client.operations.answers import generated, read_answer

__all__ = ["generated", "read_answer"]
