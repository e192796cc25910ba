"""The earlier place of ``gpo_client.operations.generated``."""

from gpo_client.operations.generated import request_from

__all__ = ["request_from"]
