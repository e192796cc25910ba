"""Make the drawings, or check that those in the repository are what would be made.

python -m tools.drawings           # exit code 1, and the names, when one is not up to date
python -m tools.drawings --write
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.drawings.batches import batches
from tools.drawings.buffer import buffer
from tools.drawings.deadlines import deadlines
from tools.drawings.errors import errors
from tools.drawings.rooms import rooms
from tools.drawings.ways import chunk, question

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DRAWINGS = {
    "batches.svg": batches,
    "buffer.svg": buffer,
    "chunk.svg": chunk,
    "deadlines.svg": deadlines,
    "errors.svg": errors,
    "question.svg": question,
    "rooms.svg": rooms,
}


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    drawn = {IMAGES / name: draw().svg() for name, draw in DRAWINGS.items()}
    stale = {path: svg for path, svg in drawn.items() if not path.exists() or path.read_text("utf-8") != svg}
    if "--write" in arguments:
        for path, svg in stale.items():
            path.write_text(svg, "utf-8")
        return 0
    for path in stale:
        print(f"docs/images/{path.name} is not what would be drawn: run 'make drawings'", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
