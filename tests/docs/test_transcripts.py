"""What documents show of the command line is what it prints.

``python -m tests.docs.test_transcripts`` writes the true output into the documents.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest

from gpo_client.sandbox import running_sandbox
from tests.docs.transcripts import commands, comparable, output_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cli.md"


def _environment(base_url: str, folder: Path) -> dict[str, str]:
    return {"GPO_API_BASE_URL": base_url, "GPO_SESSION_USER_ID": "user-1", "XDG_STATE_HOME": str(folder)}


@pytest.mark.skipif(sys.platform == "win32", reason="there is neither bash nor a pseudo-terminal")
def test_transcripts(tmp_path: Path) -> None:
    """Each command of the page, in its order, prints what is shown below it."""
    page = PAGE.read_text("utf-8")
    shown = commands(page)
    assert len(shown) >= 8
    with running_sandbox(chunk_delay_s=0) as sandbox:
        for one in shown:
            printed = output_of(one, tmp_path, _environment(sandbox.base_url, tmp_path))
            assert comparable(printed) == comparable(one.output), one.command


def _rewrite() -> None:
    page = PAGE.read_text("utf-8")
    written, at = "", 0
    with tempfile.TemporaryDirectory() as folder, running_sandbox(chunk_delay_s=0) as sandbox:
        for one in commands(page):
            printed = output_of(one, Path(folder), _environment(sandbox.base_url, Path(folder)))
            written += page[at : one.start] + printed.replace(sandbox.base_url, "http://127.0.0.1:8760").replace(
                f"port {sandbox.settings.port}", "port 8760"
            )
            at = one.end
    PAGE.write_text(written + page[at:], "utf-8")


if __name__ == "__main__":
    _rewrite()
