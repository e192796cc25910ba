"""Code in a text written in Markdown, found while the text is still arriving. Machines without I/O."""

from gpo_client.markdown.code import CodeTracker
from gpo_client.markdown.fences import FenceTracker, Kind, Piece

__all__ = ["CodeTracker", "FenceTracker", "Kind", "Piece"]
