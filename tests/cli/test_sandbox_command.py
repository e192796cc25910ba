"""gpo sandbox and gpo completion."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpo_client import SyncGPOCoreClient
from tests.cli.conftest import Gpo
from tests.support.terminal import CTRL_C, Terminal


def test_a_sandbox_until_ctrl_c() -> None:
    """It says where it is, on loopback alone, answers, and stops without a word."""
    with Terminal("gpo", "sandbox", "--port", "0", "--chunk-delay-s", "0") as terminal:
        shown = terminal.wait_for("Ctrl+C to stop")
        address = re.search(r"GPO_API_BASE_URL=(http://127\.0\.0\.1:\d+)", shown)
        assert address
        with SyncGPOCoreClient(base_url=address[1]) as client:
            answer = client.open_conversation({"instance_id": "i", "user_id": "u"}).stream("What is RESICO?").collect()
        assert answer.sources
        terminal.send(CTRL_C)
        assert terminal.wait() == 0
    assert "Traceback" not in terminal.text


def test_the_sandbox_explains_itself(capsys: pytest.CaptureFixture[str], gpo: Gpo) -> None:
    """Its settings are its own; the help calls it by the name it was called under."""
    with pytest.raises(SystemExit) as stopped:
        gpo("sandbox", "--help")
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("usage: gpo sandbox ")
    assert "--chunk-delay-s" in said


def test_the_sandbox_needs_its_extra() -> None:
    """One line names it."""
    program = "import sys; sys.modules['uvicorn'] = None; from gpo_client.cli import main; sys.exit(main(['sandbox']))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        'gpo: the sandbox needs uvicorn, which is not installed: pip install "gpo-client[sandbox]"\n'
    )


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_completion(gpo: Gpo, tmp_path: Path) -> None:
    """The script is one that the shell understands, and completes commands and options."""
    (tmp_path / "gpo.bash").write_text(gpo("completion", "bash").out, "utf-8")
    program = """
        source gpo.bash; complete -p gpo > /dev/null || exit 9
        handler=$(complete -p gpo | sed 's/.*-F \\([^ ]*\\).*/\\1/')
        COMP_WORDS=(gpo his) COMP_CWORD=1; $handler gpo his gpo; echo "${COMPREPLY[@]}"
        COMP_WORDS=(gpo history --sea) COMP_CWORD=2; $handler gpo --sea history; echo "${COMPREPLY[@]}"
    """
    done = subprocess.run(
        ["bash", "-c", program], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split() for line in done.stdout.splitlines()] == [["history"], ["--search"]]
    for shell in ("zsh", "fish"):
        assert "history" in gpo("completion", shell).out
