"""What a client can make the sandbox hold, and for how long: all of it has a bound, and others are served."""

import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from gpo_sandbox import RunningSandbox, SettingsError, injection, running_sandbox
from gpo_sandbox.injection import Faults
from gpo_sandbox.middleware import MOST_WAITING
from gpo_sandbox.requests import SessionContext
from gpo_sandbox.responses import Problem
from gpo_sandbox.store import database as store
from gpo_sandbox.store import outcomes, sessions, users
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.outcomes import Outcomes
from gpo_sandbox.store.sessions import Sessions, Visitors
from gpo_sandbox.store.users import Users

from .conftest import Opener

PATIENCE_S = 30
HEAD = (
    b"POST /api/User/session HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 45\r\n\r\n"
)
WHOLE = HEAD + b'{"instance_id":"half-open","user_id":"ana"  }'
Connect = Callable[[RunningSandbox], socket.socket]


class _User(msgspec.Struct):
    user_id: str


@pytest.fixture
def dial() -> Iterator[Connect]:
    """Connects to a sandbox."""
    with ExitStack() as opened:

        def dial_(sandbox: RunningSandbox) -> socket.socket:
            address = ("127.0.0.1", sandbox.settings.port)
            return opened.enter_context(socket.create_connection(address, timeout=PATIENCE_S))

        yield dial_


def is_hung_up(connection: socket.socket) -> bool:
    """Wait for the end of a connection."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return True


@pytest.mark.parametrize("part", [b"", b"POST", HEAD[:-2], HEAD, HEAD + b"{", WHOLE + HEAD[:20], WHOLE + HEAD + b"{"])
def test_requests_that_do_not_come_whole(part: bytes, dial: Connect) -> None:
    """Their time ends, wherever they stop; also after one that was whole."""
    with running_sandbox(request_timeout_s=0.05) as sandbox:
        connection = dial(sandbox)
        connection.sendall(part)
        assert is_hung_up(connection)


def test_drips_do_not_put_it_off(dial: Connect) -> None:
    """A byte now and then is no progress: the time is for the whole request."""
    with running_sandbox(request_timeout_s=0.2) as sandbox:
        connection = dial(sandbox)
        connection.settimeout(0.01)
        sent = 0
        while sent < PATIENCE_S * 100:
            try:
                connection.sendall(HEAD[:1] if sent == 0 else b"X")
                sent += 1
                if not connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        assert 1 < sent < PATIENCE_S * 100


def test_whole_requests_have_their_time(visit: Opener) -> None:
    """A stream goes on for longer than a request may take to arrive, and a connection is used again."""
    with running_sandbox(request_timeout_s=0.05, chunk_delay_s=0.002) as sandbox:
        visitor = visit(sandbox)
        for _ in range(2):
            assert visitor.stream("What is RESICO?")[-1].data["is_complete"]


def test_the_oldest_half_open_request_makes_room(dial: Connect, visit: Opener) -> None:
    """Any number of them neither keeps others out nor is held at a time."""
    with running_sandbox(request_timeout_s=3600) as sandbox:
        first = dial(sandbox)
        first.sendall(HEAD[:20])
        others = [dial(sandbox) for _ in range(MOST_WAITING)]
        assert is_hung_up(first)
        others[-1].sendall(WHOLE)
        assert others[-1].recv(100).startswith(b"HTTP/1.1 200 ")
        assert visit(sandbox).ask("What is IVA?")["message_content"]


def test_pipelined_floods(dial: Connect) -> None:
    """Requests sent without waiting are answered one by one, in their order."""
    with running_sandbox() as sandbox:
        connection = dial(sandbox)
        many = 500
        connection.sendall(b"GET /api/Country HTTP/1.1\r\nHost: localhost\r\n\r\n" * many + b"GET /last HTTP/1.1\r\n")
        connection.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
        assert answer.count(b"HTTP/1.1 401 ") == many
        assert answer.count(b"HTTP/1.1 404 ") == 1
        assert answer.rindex(b"HTTP/1.1 404 ") > answer.rindex(b"HTTP/1.1 401 ")


def test_heads_without_end(dial: Connect) -> None:
    """Are refused long before they fill the memory."""
    with running_sandbox() as sandbox:
        connection = dial(sandbox)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_two_lengths(dial: Connect) -> None:
    """A body with both kinds of length is refused, and nothing after it is taken for a request."""
    with running_sandbox() as sandbox:
        connection = dial(sandbox)
        smuggled = b"0\r\n\r\nGET /api/Country HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n") + smuggled)
        answer = b""
        while part := connection.recv(65536):
            answer += part
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert answer.count(b"HTTP/1.1 ") == 1


def ask_for_a_fault(faults: Faults, sender: str, call: str, header: str = "status=503") -> bool:
    """Tell whether a request is refused."""
    try:
        faults.refuse(header, sender, call)
    except Problem:
        return True
    return False


def test_remembered_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number, their size and their age are bounded, whoever sends them and whatever else they send."""
    monkeypatch.setattr(injection, "_MOST_COUNTS", 3)
    faults = Faults.of(None, on_request=True)
    for number in range(10):
        assert ask_for_a_fault(faults, "x" * 50_000, f"{number}" * 1000)
        assert not ask_for_a_fault(faults, "x" * 50_000, f"{number}" * 1000)
    assert len(faults._seen) == 3
    assert sum(len(key) for key in faults._seen) < 100
    assert ask_for_a_fault(faults, "x" * 50_000, "0" * 1000)  # the oldest are forgotten
    monkeypatch.setattr(injection, "now", lambda: 1e12)
    ask_for_a_fault(faults, "another", "day")
    assert len(faults._seen) == 1


def test_faults_are_for_those_who_asked_for_them() -> None:
    """Without the setting, for trusted users alone, whose number is bounded too."""
    faults = Faults.of(None, on_request=False)
    faults.trust("ours")
    assert faults.due("slow=1", "ours", None) is not None
    assert faults.due("slow=1", "others", None) is None
    assert not ask_for_a_fault(faults, "others", "call")


def test_remembered_outcomes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept, as many as there may be and as many bytes."""
    monkeypatch.setattr(store, "_SWEEP_AFTER", 1)
    monkeypatch.setattr(outcomes, "_MOST_OUTCOMES", 5)
    monkeypatch.setattr(outcomes, "_MOST_BYTES", 100)
    database = Database(":memory:")
    kept = Outcomes(database)
    for number in range(20):
        kept.remember("ana", f"small-{number}", number, b"x")
    assert database.number("SELECT count(*) FROM outcomes") == 6  # five, and the one that came after the sweep
    for number in range(20):
        kept.remember("ana", f"large-{number}", number, b"x" * 60)
    assert database.number("SELECT sum(length(sealed)) FROM outcomes") <= 160
    assert kept.recall("ana", "large-19", 19) == b"x" * 60
    assert kept.recall("ana", "small-19", 19) is None
    database.close()


def test_remembered_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are over go first, then the oldest; nobody pushes out the sessions of others."""
    monkeypatch.setattr(store, "_SWEEP_AFTER", 1)
    monkeypatch.setattr(sessions, "_MOST_SESSIONS", 8)
    monkeypatch.setattr(sessions, "_MOST_OF_A_USER", 3)
    database = Database(":memory:")
    kept = Sessions(database, 3600.0)

    def opened(user_id: str) -> str:
        return kept.open(SessionContext(instance_id="i", user_id=user_id), None).token

    ana = opened("ana")
    last = [opened("mallory") for _ in range(20)][-1]
    assert (kept.caller(ana).user_id, kept.caller(last).user_id) == ("ana", "mallory")
    assert database.number("SELECT count(*) FROM sessions") == 1 + 3 + 1  # and the one that came after the sweep
    for number in range(20):
        kept.revoke(kept.caller(opened(f"over-{number}")))
    assert (kept.caller(ana).user_id, kept.caller(last).user_id) == ("ana", "mallory")
    for number in range(20):
        opened(f"user-{number}")
    assert database.number("SELECT count(*) FROM sessions") == 8 + 1
    with pytest.raises(Problem):
        kept.caller(ana)
    database.execute("UPDATE sessions SET expires_at = 0")
    opened("ana")
    assert database.number("SELECT count(*) FROM sessions") == 1
    database.close()


def test_remembered_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has been away for longest is forgotten, but for those who have a role or a conversation."""
    monkeypatch.setattr(store, "_SWEEP_AFTER", 1)
    monkeypatch.setattr(users, "_MOST_USERS", 4)
    database = Database(":memory:")
    kept = Users(database, frozenset({"admin"}))
    kept.arrive("i", "admin")
    kept.arrive("i", "talker")
    database.execute(
        "INSERT INTO conversations (conversation_id, user_id, instance_id, title, created_at)"
        " VALUES ('c', 'talker', 'i', 't', 0)"
    )
    for number in range(20):
        kept.arrive("i", f"user-{number}")
    known = {row.user_id for row in database.rows(_User, "SELECT user_id FROM users")}
    assert known == {"admin", "talker", *(f"user-{number}" for number in range(15, 20))}
    database.execute("UPDATE users SET last_seen_at = 0, created_at = 0")
    kept.arrive("i", "new")
    assert {row.user_id for row in database.rows(_User, "SELECT user_id FROM users")} == {"admin", "talker", "new"}
    database.close()


def test_remembered_visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was here last is kept; a cookie that was made up is nobody's."""
    monkeypatch.setattr(sessions, "_MOST_VISITORS", 3)
    database = Database(":memory:")
    known = Visitors(database)
    cookies = [known.welcome() for _ in range(5)]
    names = [known.named(cookie) for cookie in cookies]
    assert names[:2] == [None, None]
    assert len(set(names[2:])) == 3
    assert not any(cookie in str(name) or str(name) in cookie for cookie in cookies for name in names[2:])
    for made_up in ("", "AAAA", names[4] or "", cookies[4][:-1], cookies[4] + "A"):
        assert known.named(made_up) is None
    database.close()


posix = pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")


def modes(folder: Path) -> set[str]:
    """Tell who may do what with the files of a folder."""
    return {stat.filemode(file.stat().st_mode) for file in folder.iterdir()}


@posix
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_the_database_is_its_owners(tmp_path: Path, visit: Opener, mask: int) -> None:
    """Whatever the process makes otherwise, also what SQLite puts beside it."""
    before = os.umask(mask)
    try:
        with running_sandbox(db=str(tmp_path / "gpo.db"), chunk_delay_s=0) as sandbox:
            visit(sandbox).ask("What is IVA?")
            assert len(list(tmp_path.iterdir())) == 3
            assert modes(tmp_path) == {"-rw-------"}
    finally:
        os.umask(before)


@posix
def test_the_database_is_private_from_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made so, not changed afterwards: there is no moment in which others can open it."""
    monkeypatch.setattr(Path, "chmod", lambda *_: pytest.fail("it could be read until now"))
    before = os.umask(0)
    try:
        Database(str(tmp_path / "gpo.db")).close()
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"-rw-------"}


@posix
def test_a_database_that_others_can_read(tmp_path: Path) -> None:
    """Is made its owner's, with what a killed sandbox left beside it."""
    path = tmp_path / "gpo.db"
    database = Database(str(path))
    database.execute("UPDATE users SET last_seen_at = 0")
    assert len(list(tmp_path.iterdir())) == 3
    for file in tmp_path.iterdir():
        file.chmod(0o664)
    Database(str(path)).close()
    assert modes(tmp_path) == {"-rw-------"}
    assert len(list(tmp_path.iterdir())) == 3
    database.close()


@posix
def test_a_database_that_cannot_be_made_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is not used: it may be somebody else's."""
    (tmp_path / "gpo.db").touch()
    (tmp_path / "gpo.db").chmod(0o644)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(SettingsError, match=r"db: cannot open .*mode 0600"):
        Database(str(tmp_path / "gpo.db"))


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """And stays what it was."""
    before = tmp_path.stat().st_mode
    with pytest.raises(SettingsError, match="db: cannot open"):
        Database(str(tmp_path))
    assert tmp_path.stat().st_mode == before
