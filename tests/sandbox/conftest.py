"""Sandboxes and their visitors."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gpo_sandbox import RunningSandbox, running_sandbox

from .visitor import Visitor

Opener = Callable[..., Visitor]


@pytest.fixture(scope="session")
def shared() -> Iterator[RunningSandbox]:
    """Run one sandbox for all tests that need no settings of their own; users keep them apart."""
    with running_sandbox(chunk_delay_s=0, admins="ana,ben") as sandbox:
        yield sandbox


@pytest.fixture
def visit() -> Iterator[Opener]:
    """Open sessions as new users of a sandbox."""
    with ExitStack() as opened:

        def open_(sandbox: RunningSandbox, user_id: str | None = None, **how: str) -> Visitor:
            visitor = Visitor(sandbox.base_url, user_id, **how)
            opened.callback(visitor.http.close)
            return visitor

        yield open_


@pytest.fixture
def visitor(shared: RunningSandbox, visit: Opener) -> Visitor:
    """Open a session as a new user of the shared sandbox."""
    return visit(shared)


@pytest.fixture
def instance() -> str:
    """Name an instance that nobody else uses: metrics count everything in one."""
    return f"instance-{uuid4().hex[:8]}"


@pytest.fixture
def ana(shared: RunningSandbox, visit: Opener, instance: str) -> Visitor:
    """Open a session in an instance of its own, as its administrator."""
    return visit(shared, "ana", instance_id=instance)


@pytest.fixture
def ben(shared: RunningSandbox, visit: Opener, instance: str) -> Visitor:
    """Open a session as another administrator of the same instance."""
    return visit(shared, "ben", instance_id=instance)


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., RunningSandbox]]:
    """Run sandboxes with settings of their own until the test ends."""
    with ExitStack() as running:

        def start(**changes: Any) -> RunningSandbox:
            return running.enter_context(running_sandbox(**changes))

        yield start


@pytest.fixture
def db_file(tmp_path: Path) -> str:
    """Name a database file."""
    return str(tmp_path / "sandbox.db")
