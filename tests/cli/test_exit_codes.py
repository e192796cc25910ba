"""How commands end: exit codes and messages, each as docs/cli.md says."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gpo_client.cli import main
from gpo_client.cli.exit_codes import ExitCode
from gpo_sandbox import running_sandbox
from tests.cli.conftest import Gpo
from tests.cli.service import farewell
from tests.support.events import (
    answer_events,
    chunk,
    json_answer,
    numbered,
    opening,
    problem_answer,
    session,
    stream_answer,
)
from tests.support.terminal import GPO
from tests.support.wire import End, WireServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("chatt",), 'Unknown command "chatt". Did you mean "chat"?'),
        (("chat", "hi", "--jsn"), "there is no option --jsn; 'gpo chat --help' shows what there is"),
        (("chat", "hi", "--token=t0k3n-s3cr3t"), "there is no option --token;"),
        (("chat", "-5 + 3?"), "no option -5 + 3?; put -- before a text that begins with a hyphen: gpo chat -- TEXT"),
        (("chat", "--what is RESICO?"), "there is no option --what is RESICO?; put -- before a text"),
        (("documents", "search", "-?"), "put -- before a text that begins with a hyphen: gpo documents search -- TEXT"),
        (("nosuch",), """Unknown command "nosuch"; 'gpo --help' shows"""),
        (("chat", "a", "b"), "'b' is one argument too many: put quotes around a text of several words"),
        (("chat", "hi", "--header", "k3y-s3cr3t"), "'Name: value', each on a line of its own: one has no colon"),
        (("chat", "hi", "--base-url"), "--base-url requires an argument"),
        (("--json", "chat", "hi"), "options come after the command"),
        (("chat", "hi", "--base-url", "gpo.example.com"), "(from option --base-url)"),
        (("chat", "hi", "--base-url", "https://user:pa55-s3cr3t@gpo.example.com"), "without credentials"),
        (("chat", "hi", "--timeout", "0"), "timeout must be a number of seconds greater than 0"),
        (("chat", "hi", "--timeout", "nan"), "(from option --timeout)"),
        (("chat", "hi", "--timeout", "soon"), "--timeout"),
        (("chat", "hi", "--environment", "home"), "production"),
        (("chat", "hi", "--config", "none.toml"), "cannot read the settings in file none.toml"),
        (("chat", "hi", "--api-key", "k3y-s3cr3t"), "GPO_API_API_KEY, or into a file"),
        (("chat", "hi", "--api-key=k3y-s3cr3t"), "--api-key-file"),
        (("chat", "hi", "--api-key-file", "none"), "cannot read the API key in file none"),
        (("serve", "openai", "--port", "70000"), "Must be <= 65535"),
        (("history", "--since", "some day"), "'some day' cannot be read; write it like one of: 2026-11-01"),
        (("history", "--limit", "0"), "--limit must be 1 or more"),
        (("history", "--limit", "2.5"), "Invalid value for --limit: '2.5' is no whole number"),
        (("history", "--closed", "--search", "x"), "--search and --closed do not go together"),
        (("messages",), "name a conversation, or --search"),
        (("messages", "conv_1", "--search", "x"), "name a conversation, or --search"),
        (("messages", "conv_1", "--since", "today"), "--since goes with --search"),
        (("feedback", "msg_1"), "say something: --like"),
        (("rate", "conv_1", "6"), "from 1 to 5, not 6"),
        (("rate", "conv_1", "4.5"), "'4.5' is no whole number"),
        (("rate", "conv_1"), "gpo rate needs RATING; 'gpo rate --help' shows"),
        (("batch", "q.txt"), "gpo batch needs --output;"),
        (("documents", "download"), "name the documents"),
        (("documents", "download", "a", "b", "--to", "x"), "--to must be a folder"),
        (("sandbox", "--port", "x"), "whole number"),
    ],
)
def test_wrong_calls(gpo: Gpo, arguments: tuple[str, ...], told: str) -> None:
    """2, and one line that says what is wrong; what may be a secret is not repeated."""
    done = gpo(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert told in done.err
    assert "s3cr3t" not in done.err


def test_whose_environment_is_wrong(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member of the session that is none says where it came from, and what it may be."""
    told = "environment must be one of production, staging, development, test, not 'prod' (from "
    (tmp_path / "gpo.toml").write_text('[session]\nenvironment = "prod"\n')
    assert gpo("history").complaint == f"{told}file gpo.toml)"
    monkeypatch.setenv("GPO_SESSION_ENVIRONMENT", "prod")
    assert gpo("history").complaint == f"{told}environment variable GPO_SESSION_ENVIRONMENT)"
    assert gpo("history", "--environment", "test").code == 0


def test_proxies_that_cannot_be_used(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Are passed by, and told in one line that names no line of our code."""
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy.example.com")
    done = gpo("history")
    assert done.code == 0
    assert done.complaint.startswith("the proxy in environment variable ALL_PROXY cannot be used, and connections go")


def test_keys_that_are_not_accepted(gpo: Gpo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3, with the remedy; the right key from a file or the environment lets in."""
    (tmp_path / "right").write_text("right-k3y\n")
    (tmp_path / "wrong").write_text("wrong-k3y\n")
    (tmp_path / "empty").write_text("\n")
    with running_sandbox(chunk_delay_s=0, api_key="right-k3y") as locked:
        at = ("--base-url", locked.base_url)
        for arguments in ((), ("--api-key-file", "wrong")):
            done = gpo("history", *at, *arguments)
            assert (done.code, done.out) == (3, "")
            assert "401" in done.complaint
            assert "check the API key (gpo login, GPO_API_API_KEY or --api-key-file)" in done.complaint
        assert gpo("history", *at, "--api-key-file", "empty").code == 2
        assert gpo("history", *at, "--api-key-file", "right").code == 0
        monkeypatch.setenv("GPO_API_API_KEY", "right-k3y")
        assert gpo("history", *at).code == 0


@pytest.mark.parametrize("status", [401, 403])
def test_not_allowed(gpo: Gpo, status: int) -> None:
    """3 also for what a session may not do, and for what the stream itself says."""
    with WireServer(*opening(), problem_answer(status), farewell()) as server:
        assert gpo("chat", "Why?", "--base-url", server.base_url).code == 3
    refused = f'event: error\ndata: {{"title": "No", "status": {status}}}\n\n'.encode()
    with WireServer(*opening(), stream_answer(refused), farewell()) as server:
        assert gpo("chat", "Why?", "--base-url", server.base_url).code == 3


def test_no_connection(gpo: Gpo, unused_address: str) -> None:
    """4, with the remedy."""
    done = gpo("chat", "Why?", "--base-url", unused_address)
    assert (done.code, done.out) == (4, "")
    assert f"no response from {unused_address}: connection refused; is the server running?" in done.complaint


def test_no_answer_in_time(gpo: Gpo) -> None:
    """4: silence is no connection either."""
    with WireServer(*opening(), stream_answer(end=End.STALL)) as server:
        done = gpo("chat", "Why?", "--base-url", server.base_url, "--timeout", "0.3")
    assert done.code == 4
    assert "timeout" in done.complaint.lower()


@pytest.mark.parametrize("status", [400, 404, 409, 418])
def test_other_errors(gpo: Gpo, status: int) -> None:
    """1, with what the service says and the request's id."""
    script = (json_answer(session()), problem_answer(status, "bad_thing"), farewell())
    with WireServer(*script) as server:
        done = gpo("messages", "conv_1", "--base-url", server.base_url)
    assert done.code == 1
    assert f"{status} " in done.complaint
    assert done.complaint.endswith("detail of bad_thing (request req_header)")


def test_hostile_errors(gpo: Gpo) -> None:
    """Errors are one line of what can be seen, whatever the service writes into them."""
    detail = "line one\nline two\x1b[2J\r\x9b1m" + "x" * 5_000
    script = (json_answer(session()), problem_answer(404, detail=detail), farewell())
    with WireServer(*script) as server:
        done = gpo("messages", "conv_1", "--base-url", server.base_url)
    assert done.code == 1
    assert "line one line two[2J" in done.complaint
    assert len(done.complaint) < 1_100


def test_files_that_cannot_be_written(gpo: Gpo) -> None:
    """1, with the file's name."""
    done = gpo("chat", "Why?", "--output", "no-such-folder/answer.md")
    assert (done.code, done.out) == (1, "")
    assert "no-such-folder" in done.complaint
    assert "No such file or directory" in done.complaint


def test_bugs_are_one_line_too(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """1, and --debug shows where."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("gpo_client.cli.chat.ask", broken)
    done = gpo("chat", "Why?")
    assert (done.code, done.complaint) == (1, "unexpected ZeroDivisionError: by zero; --debug shows where")
    debugged = gpo("chat", "Why?", "--debug")
    assert debugged.code == 1
    assert "Traceback" in debugged.err
    assert "in broken" in debugged.err


def test_debug_keeps_secrets(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log and the traceback show what the client does, and neither key nor token."""
    monkeypatch.setenv("GPO_API_API_KEY", "k3y-s3cr3t")
    script = (json_answer(session("t0k3n-s3cr3t")), problem_answer(404, detail="no t0k3n-s3cr3t here"), farewell())
    with WireServer(*script) as server:
        done = gpo("messages", "conv_1", "--base-url", server.base_url, "--debug")
        assert server.requests[0].headers["authorization"] == "Bearer k3y-s3cr3t"
    assert done.code == 1
    assert "NotFoundError" in done.err
    assert "s3cr3t" not in done.out + done.err
    assert "no ********** here" in done.err


@pytest.mark.parametrize("place", ["environment", "file", "header"])
def test_debug_keeps_secrets_of_bugs(gpo: Gpo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    """What Python itself says may quote anything: keys and secret header fields are masked wherever they stand."""
    arguments: tuple[str, ...] = ()
    if place == "environment":
        monkeypatch.setenv("GPO_API_API_KEY", "k3y-s3cr3t")
    elif place == "file":
        (tmp_path / "key").write_text("k3y-s3cr3t")
        arguments = ("--api-key-file", str(tmp_path / "key"))
    else:
        arguments = ("--header", "X-Api-Key: k3y-s3cr3t")

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by k3y-s3cr3t")

    monkeypatch.setattr("gpo_client.cli.options.SyncGPOCoreClient.session", broken)
    done = gpo("chat", "Why?", "--debug", *arguments)
    assert done.code == 1
    assert "ZeroDivisionError: by **********" in done.err
    assert "s3cr3t" not in done.out + done.err


def test_debug_keeps_the_token_of_bugs(gpo: Gpo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the session too, which nobody has given."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by t0k3n-s3cr3t")

    monkeypatch.setattr("gpo_client.cli.options.SyncGPOCoreClient.list_messages", broken)
    with WireServer(json_answer(session("t0k3n-s3cr3t")), farewell()) as server:
        done = gpo("messages", "conv_1", "--base-url", server.base_url, "--debug")
    assert done.code == 1
    assert "ZeroDivisionError: by **********" in done.err
    assert "s3cr3t" not in done.out + done.err


def test_retries_are_logged_with_debug(gpo: Gpo) -> None:
    """Otherwise they are nobody's business."""
    for arguments, logged in (((), False), (("--debug",), True)):
        script = (problem_answer(503, headers={"Retry-After": "0"}), *opening(), stream_answer(*answer_events("Yes.")))
        with WireServer(*script, farewell()) as server:
            done = gpo("chat", "Why?", "--base-url", server.base_url, *arguments)
        assert done.code == 0
        assert ("retrying createSession" in done.err) == logged


def _piped(*arguments: str, environment: dict[str, str], **how: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*GPO, *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment}, **how
    )


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("chat", "Why?"), ("documents", "list", "--json"), ("doctor",), ("--help",)])
def test_broken_pipes_are_quiet(sandbox: Any, arguments: tuple[str, ...]) -> None:
    """As with head -1: nothing on standard error, and the exit code of a program that SIGPIPE ended."""
    reader, writer = os.pipe()
    os.close(reader)
    process = _piped(*arguments, environment={"GPO_API_BASE_URL": sandbox.base_url}, stdout=writer)
    os.close(writer)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (141, b"")


def test_head(slow_sandbox: Any) -> None:
    """The first line is there, and the rest of the answer is not waited for."""
    command = f"set -o pipefail; {' '.join(GPO)} chat 'What is RESICO?' --json | head -1"
    environment = {**os.environ, "GPO_API_BASE_URL": slow_sandbox.base_url}
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment, timeout=60, check=False)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (141, b"", 1)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk(sandbox: Any, unbuffered: str) -> None:
    """1: an answer that could not be written is no success; nor does the interpreter fail at it once more, with 120."""
    environment = {"GPO_API_BASE_URL": sandbox.base_url, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        process = _piped("chat", "Why?", environment=environment, stdout=full)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors == b"gpo: No space left on device\n"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_closed_streams(sandbox: Any) -> None:
    """What cannot be written is an error, with a line where one can be written; closed input is none."""
    environment = {**os.environ, "GPO_API_BASE_URL": sandbox.base_url}
    for command, streams, code, told in (
        ("chat 'Why?'", ">&-", 1, b"gpo: standard output is closed\n"),
        ("documents list --json", ">&-", 1, b"gpo: standard output is closed\n"),
        ("--help", ">&-", 1, b"gpo: standard output is closed\n"),
        ("chat 'Why?'", "<&- >&- 2>&-", 1, b""),
        ("chat 'Why?' -o answer.md", "<&- >&-", 0, b""),
        ("chat 'Why?'", "<&- 2>&- >/dev/null", 0, b""),
        ("chat 'Why?' --base-url x", "2>/dev/full", 2, b""),
        ("chat -", "<&-", 2, b"gpo: there is no question: standard input is closed\n"),
        ("batch - -o a.jsonl", "<&-", 2, b"gpo: there are no questions: standard input is closed\n"),
        (
            "mcp",
            "<&-",
            2,
            b"gpo: an agent speaks over standard input and output, and they are closed: --http does without\n",
        ),
    ):
        shell = ["bash", "-c", f"{' '.join(GPO)} {command} {streams}"]
        done = subprocess.run(shell, env=environment, capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (code, told), (command, streams)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """The session is ended, no file is left behind, and the exit code says which signal it was."""
    half = numbered([chunk("Half an answer")])
    script = (*opening(), stream_answer(*half, end=End.STALL), farewell())
    allow = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    with WireServer(*script) as server:
        arguments = ["gpo", "chat", "Why?", "--output", str(tmp_path / "answer.md"), "--base-url", server.base_url]
        program = (
            f"{allow}; import sys; sys.argv = {arguments!r}; runpy.run_module('gpo_client.cli', run_name='__main__')"
        )
        process = subprocess.Popen([sys.executable, "-W", "error", "-c", program], stderr=subprocess.PIPE)
        while not (parts := list(tmp_path.glob(".*.part"))) or not parts[0].stat():
            assert process.poll() is None
        while len(server.requests) < 3:
            assert process.poll() is None
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
        assert server.requests[-1].target == "/api/User/logout"
    assert process.returncode == code
    assert errors == (b"gpo: cancelled\n" if number == signal.SIGINT else b"")
    assert list(tmp_path.iterdir()) == []


def test_the_extra_is_named() -> None:
    """Whoever has not installed it is told how, in one line."""
    for missing in ("cyclopts", "rich", "markdown_it"):
        program = (
            f"import sys; sys.modules[{missing!r}] = None; import gpo_client.cli; sys.exit(gpo_client.cli.main([]))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        expected = f"gpo: the command line needs {missing}"
        assert done.stderr.startswith(expected)
        assert done.stderr.endswith('which is not installed: pip install "gpo-client[cli]"\n')
        assert done.stderr.count("\n") == 1


def test_documented_codes() -> None:
    """The help and docs/cli.md name the codes that there are."""
    documented = (ROOT / "docs" / "cli.md").read_text("utf-8")
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", documented, re.MULTILINE)}
    assert codes == set(ExitCode)


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    """As the package says."""
    from gpo_client import __version__

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"gpo-client {__version__}\n"
