"""Fixtures for all tests."""

from __future__ import annotations

import gc
import inspect
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from gpo_sandbox import running_sandbox
from tests.support.parts import LEFT_OPEN, TRANSPORTS, examples, exception_of, installed
from tests.support.redis_server import running_redis
from tests.support.runtimes import make_client

# jsonschema imports it, and it takes 1.7 s of CPU each time: for the format "iri", which the contract does not have.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# A busy machine is no failure: nothing is timed.
settings.register_profile(
    "untimed", deadline=None, max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# Nor is it for requests of the tests' own: what httpx takes for a timeout where none is given is 5 seconds.
_PATIENCE: httpx.Timeout = inspect.signature(httpx.request).parameters["timeout"].default
_PATIENCE.connect = _PATIENCE.read = _PATIENCE.write = _PATIENCE.pool = 60.0

# As root, without a screen, and without calls home.
_CHROMIUM = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
#: How long a page in a browser may take for anything, in milliseconds; only a test that fails waits for it.
PATIENCE_MS = 20_000


@pytest.fixture(params=["sync", "asyncio", "trio"])
def runtime(request: pytest.FixtureRequest) -> str:
    """Where a test runs: asynchronous tests run in all three runtimes."""
    return str(request.param)


@pytest.fixture
def anyio_backend(runtime: str) -> str:
    """The event loop of a runtime; the blocking client borrows one to run the test's body on."""
    return "asyncio" if runtime == "sync" else runtime


def pytest_configure(config: pytest.Config) -> None:
    """Heed Ctrl-C: shells have what they start in the background ignore it, and so would programs that tests start.

    What a transport leaves to the garbage collector is no error.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("transport") != TRANSPORTS[0]:
        config.addinivalue_line("filterwarnings", LEFT_OPEN)


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--transport``: what carries the requests of all clients that say nothing else."""
    parser.addoption("--transport", choices=TRANSPORTS, default=TRANSPORTS[0])


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores, where as many as are good are asked for: tests wait for a third of their time."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


@pytest.hookimpl(tryfirst=True)  # before marks choose what is run
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a transport cannot do, and say why; what runs alone is slow."""
    for item in items:
        if item.get_closest_marker("alone"):
            item.add_marker("slow")
        if reason := exception_of(item.nodeid, config.getoption("transport")):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage meanwhile: twelve thousand tests are none, and it took a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Leave what was collected out of what is looked through when a test collects garbage: twelve thousand tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    """The environment of whoever runs the tests must not decide them."""
    for name in list(os.environ):
        if name.startswith(
            (
                *("GPO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
                *("NO_PROXY", "no_proxy", "SSL_CERT_", "REQUESTS_CA_BUNDLE"),
            )
        ):
            monkeypatch.delenv(name)
    # Nor may their settings files and keys.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(Path(os.devnull) / "none"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    if (transport := pytestconfig.getoption("transport")) != TRANSPORTS[0]:
        monkeypatch.setenv("GPO_API_TRANSPORT", transport)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Any]:
    """A sandbox that answers as fast as it can, for all tests: each opens sessions of its own, as administrator."""
    with running_sandbox(chunk_delay_s=0.0, admins="*") as running:
        yield running


@pytest.fixture
def connect(runtime: str) -> Callable[..., Any]:
    """Makes a client for the test's runtime: ``async with connect(base_url=...) as client``."""

    def make(**options: Any) -> Any:
        return make_client(runtime, **options)

    return make


@pytest.fixture
def client(connect: Callable[..., Any], sandbox: Any) -> Any:
    """A client of the shared sandbox; tests enter it with ``async with``."""
    return connect(base_url=sandbox.base_url)


@pytest.fixture(scope="session")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real Redis server."""
    installed("redis-server")
    with running_redis(tmp_path_factory.mktemp("redis"), databases="1000") as address:
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser. Its driver runs an event loop in this thread, so it must be gone before tests that need one."""
    executable = installed("chromium")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_CHROMIUM))
        yield browser
        browser.close()
