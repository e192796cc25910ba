"""What survives the end of a process, whether it was stopped or killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gpo_sandbox import running_sandbox

from .conftest import Opener
from .visitor import ROYALTIES, Visitor, content_of, events_of


@contextmanager
def _process(db: str, chunk_delay_s: float) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a sandbox in a process of its own; yield it and its address."""
    flags = ["--port", "0", "--db", db, "--chunk-delay-s", str(chunk_delay_s)]
    command = [sys.executable, "-m", "gpo_sandbox", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().removeprefix("GPO sandbox on ").strip()
        finally:
            process.kill()


def _take_over(visitor: Visitor, base_url: str) -> None:
    """Let a visitor go on, with the same session, at another address."""
    visitor.http.base_url = base_url


def test_outcomes_and_opinions_survive_a_restart(db_file: str, visit: Opener) -> None:
    """Idempotency keys, feedback and closed conversations are in the file too."""
    with running_sandbox(db=db_file, chunk_delay_s=0) as sandbox:
        visitor = visit(sandbox)
        answer = visitor.ask(ROYALTIES, key="key-1")
        visitor.post("/api/Chat/feedback", {"message_id": answer["message_id"], "like": True})
    with running_sandbox(db=db_file, chunk_delay_s=0) as sandbox:
        _take_over(visitor, sandbox.base_url)
        assert visitor.ask(ROYALTIES, key="key-1") == answer
        assert visitor.messages(answer["conversation_id"])[1]["liked"] is True


def test_killed_in_the_middle_of_an_answer(db_file: str, visit: Opener) -> None:
    """SIGKILL loses no finished message, and the unfinished answer continues with the very next event."""
    with _process(db_file, 0.02) as (process, base_url):
        visitor = Visitor(base_url)
        conversation_id = visitor.start()
        finished = visitor.ask(ROYALTIES, conversation_id=conversation_id)
        text = ""
        with visitor.opened(ROYALTIES, key="key-1", conversation_id=conversation_id) as response:
            for part in response.iter_text():
                text += part
                if len(events_of(text)) >= 5:
                    process.send_signal(signal.SIGKILL)
                    break
        process.wait()
    events = events_of(text)
    with _process(db_file, 0) as (_, base_url):
        _take_over(visitor, base_url)
        kept = visitor.messages(conversation_id)
        events += visitor.stream(ROYALTIES, key="key-1", last=events[-1].id, conversation_id=conversation_id)
        replayed = visitor.stream(ROYALTIES, key="key-1", conversation_id=conversation_id)
    visitor.http.close()
    assert [message["role"] for message in kept] == ["user", "assistant", "user"]
    assert kept[1]["content"] == finished["message_content"] == content_of(events)
    assert [int(event.id.rpartition(":")[2]) for event in events] == list(range(1, len(events) + 1))
    assert events == replayed


def test_interrupting_is_a_normal_end() -> None:
    """SIGINT and SIGTERM end the process with 0, promptly and without a word, even with a stream open."""
    for number in (signal.SIGINT, signal.SIGTERM):
        command = [sys.executable, "-X", "dev", "-W", "error", "-m", "gpo_sandbox", "--port", "0"]
        flags = ["--chunk-delay-s", "3600"]
        with subprocess.Popen(
            [*command, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        ) as process:
            assert process.stdout is not None
            visitor = Visitor(process.stdout.readline().removeprefix("GPO sandbox on ").strip())
            with visitor.opened(ROYALTIES) as response:
                received = response.iter_text()
                assert next(received) == "retry: 1000\n\n"
                process.send_signal(number)
                assert list(received) == []
            visitor.http.close()
            _, complaints = process.communicate()
            # On a busy machine asyncio tells, in development mode, of what took long; that is no complaint.
            said = [line for line in complaints.splitlines() if not line.startswith("Executing <")]
            assert (process.returncode, said) == (0, [])
