"""Further programs at the door for OpenAI's protocol: langchain-openai, litellm, and the command llm."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpo_client.relay import Relay, RelayOptions
from tests.doors.conftest import KEY, QUESTION, RESUMING, Door, broken_answer, openai, scripted
from tests.doors.foreign.pictures import draw_terminal
from tests.support.events import answer_events, problem_answer, stream_answer
from tests.support.wire import End

pytestmark = pytest.mark.slow

#: A program on litellm. What it leaves open at its end would disturb tests in the same process.
LITELLM = """
import sys
import litellm

address, key, question, *whole = sys.argv[1:]
messages = [{"role": "user", "content": question}]
how = {"model": "openai/gpo", "api_base": address, "api_key": key, "num_retries": 0, "max_retries": 0}
if whole:
    print(litellm.completion(messages=messages, **how).choices[0].message.content)
else:
    for chunk in litellm.completion(messages=messages, stream=True, **how):
        print(chunk.choices[0].delta.content or "", end="", flush=True)
    print()
"""
Start = Callable[..., subprocess.Popen[str]]


def stalled() -> Any:
    """A door whose answer never ends; nobody waits for a caller who has gone."""
    first, *_ = answer_events("Zero ", "one.")
    relay = Relay(RelayOptions(grace_s=3600))
    return scripted(stream_answer(first, end=End.STALL), make=openai(relay=relay))


@pytest.fixture(params=["llm", "litellm"])
def program(request: pytest.FixtureRequest) -> str:
    """A program in a process of its own."""
    pytest.importorskip(request.param)
    return str(request.param)


@pytest.fixture
def start(program: str, tmp_path: Path) -> Start:
    """Starts the program: it asks and prints the answer, as it comes or, with ``whole``, at once."""

    def start(door: Door, *whole: str) -> subprocess.Popen[str]:
        address = f"{door.address}/v1"
        # As its documents say; litellm would load a list of prices from elsewhere when it is imported.
        model = f"- model_id: gpo\n  model_name: gpo\n  api_base: {address}\n  api_key_name: gpo\n"
        (tmp_path / "extra-openai-models.yaml").write_text(model)
        (tmp_path / "keys.json").write_text(f'{{"gpo": "{KEY}"}}')
        settings = {"LLM_USER_PATH": str(tmp_path), "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}
        command = {
            "llm": ["-m", "llm", "-m", "gpo", QUESTION, *(["--no-stream"] if whole else [])],
            "litellm": ["-c", LITELLM, address, KEY, QUESTION, *whole],
        }[program]
        pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen([sys.executable, *command], env={**os.environ, **settings}, text=True, **pipes)

    return start


def printed(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a program prints: the answer, or what went wrong."""
    out, complaints = process.communicate(timeout=60)
    assert process.returncode == code, complaints
    return complaints if code else out


def test_program_whole_streamed_and_cited(openai_door: Door, program: str, start: Start) -> None:
    """Both ways it prints the answer, with the markers in the text."""
    streamed = printed(start(openai_door))
    assert "[1]" in streamed
    assert streamed == printed(start(openai_door, "whole"))
    if program == "llm":
        draw_terminal("openai-llm.svg", "The command llm asks the assistant", f'$ llm -m gpo "{QUESTION}"\n{streamed}')


def test_program_cancelled(start: Start) -> None:
    """Its end stops the answer at the service."""
    with stalled() as door, start(door) as process:
        assert process.stdout
        assert process.stdout.read(1) == "Z"
        process.terminate()
        door.upstream.wait_closed()


def test_program_resumed_unseen(start: Start) -> None:
    with scripted(*broken_answer(), make=openai(), **RESUMING) as door:
        assert printed(start(door)).strip() == "Zero one two."


def test_program_errors(start: Start) -> None:
    with scripted(problem_answer(409), make=openai()) as door:
        assert "Error" in printed(start(door), 1)


def langchain(door: Door) -> Any:
    """A model of langchain-openai."""
    library: Any = pytest.importorskip("langchain_openai")
    return library.ChatOpenAI(base_url=f"{door.address}/v1", api_key=KEY, model="gpo", max_retries=0)


def test_langchain_whole_streamed_and_cited(openai_door: Door) -> None:
    model = langchain(openai_door)
    whole = model.invoke(QUESTION).text
    assert "".join(piece.text for piece in model.stream(QUESTION)) == whole
    assert "[1]" in whole


def test_langchain_cancelled() -> None:
    """Leaving a stream stops the answer at the service."""
    with stalled() as door:
        pieces = langchain(door).stream("?")
        next(pieces)
        pieces.close()
        door.upstream.wait_closed()


def test_langchain_resumed_unseen() -> None:
    with scripted(*broken_answer(), make=openai(), **RESUMING) as door:
        assert "".join(piece.text for piece in langchain(door).stream("?")) == "Zero one two."


def test_langchain_errors() -> None:
    with scripted(problem_answer(409), make=openai()) as door, pytest.raises(Exception, match="409"):
        langchain(door).invoke("?")
