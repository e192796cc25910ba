"""The tests on each Python that there is, and on the lowest versions of everything that the project allows.

``make matrix`` runs all sessions; ``nox --session "tests-3.12"`` runs one. What this machine has no interpreter for is
named at the end, as skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

# Interpreters that version managers keep side by side are found beside the one that runs this.
_NEIGHBOURS = sorted(Path(sys.base_prefix).parent.glob("3.*/bin"))
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *map(str, _NEIGHBOURS)])

# uv trusts whom the machine trusts, as pip does: behind a proxy that looks into TLS it could install nothing else.
os.environ.setdefault("UV_SYSTEM_CERTS", "true")

# What is compiled is kept, as in the Makefile: each process that a test starts would compile it again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.options.default_venv_backend = "uv"  # which checks the hashes of constraints.txt for what is editable, too
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
#: What users can install; the rest is for developers.
EXTRAS = (
    "cli", "profiles", "sandbox", "yaml", "relay", "redis", "mcp", "langchain", "socks", "playground", "otel",
    "testing",
)  # fmt: skip
#: What the tests themselves need.
TEST_TOOLS = (
    "pytest-xdist", "trio", "hypothesis", "trustme", "pyte", "playwright", "flask", "django", "fastapi",
    "opentelemetry-sdk", "websockets", "jsonschema", "requests", "httpx2[http2]", "httpx[http2]", "respx",
    "pytest-httpx", "pytest-recording", "freezegun", "time-machine",
)  # fmt: skip
#: Clients that the doors are tried with.
FOREIGN_CLIENTS = (
    "openai", "fastmcp", "pydantic-ai-slim[openai,mcp]", "langchain-core", "langchain-openai", "langchain-tests",
    "litellm", "llm",
)  # fmt: skip
#: Frameworks that docs/recipes.md has recipes for.
FRAMEWORKS = ("streamlit", "gradio", "chainlit", "llama-index-core", "nbclient", "ipykernel")
#: The lowest uvicorn uses a part of websockets that the newest websockets warns of, in a way that it warns of too; the
#: lowest starlette one of anyio.
NOT_OURS = (
    "ignore:websockets:DeprecationWarning", "ignore:remove second argument of ws_handler:DeprecationWarning",
    "ignore:The anyio.abc.BlockingPortal alias:DeprecationWarning",
)  # fmt: skip
#: Tests that look at sources and documents rather than run what users run: on the first Python alone.
ABOUT_SOURCES = (
    "docs", "packaging", "typing", "bench", "client/test_unasync.py", "client/test_request_dicts.py",
    "security/test_audit.py",
)  # fmt: skip
#: Those that need the newest tools of developers.
NOT_ON_LOWEST = ("contract", "fuzz")
#: What holds whichever library carries the requests; tests/support/parts.py has the exceptions.
ON_EACH_TRANSPORT = ("client", "engine", "streams", "security", "http/test_tls.py")
#: What is in there and carries no request: sources that are read, and flows without I/O.
NOT_ON_EACH_TRANSPORT = (
    "client/test_exceptions.py",
    "client/test_unasync.py",
    "security/test_audit.py",
    "engine/test_flow_*.py",
)
#: What the tests of runtimes need, each where it is installed.
RUNTIMES = ("uvloop", "rloop", "nest_asyncio", "gevent", "eventlet", "gunicorn")


def _system_python() -> str | None:
    """Find the Python that the system itself brings, which is seldom the newest: Debian 12 has 3.11.2."""
    python = shutil.which("python3", path=os.confstr("CS_PATH")) if hasattr(os, "confstr") else None
    if python is None:
        return None
    check = [python, "-c", "import sys, venv; sys.exit(sys.version_info < (3, 11))"]
    return python if subprocess.run(check, check=False).returncode == 0 else None


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """The tests that are not slow, warnings being errors, on one Python."""
    session.install("--constraint", str(CONSTRAINTS), "--editable", ".[dev]")
    _test(session, *_without(*ABOUT_SOURCES), *session.posargs)


@nox.session(python=_system_python() or False)
def system(session: nox.Session) -> None:
    """Run the same on the system's own Python, where it is new enough."""
    if session.python is False:
        session.skip("the system's own Python is older than 3.11, or there is none")
    session.install("--constraint", str(CONSTRAINTS), "--editable", ".[dev]")
    _test(session, *_without(*ABOUT_SOURCES), *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Run the same on the lowest versions that pyproject.toml allows of what users install."""
    lowest_versions = Path(session.create_tmp()) / "lowest.txt"
    extras = [option for extra in EXTRAS for option in ("--extra", extra)]
    session.install("uv")
    session.run(
        "uv", "pip", "compile", "--quiet", "--resolution", "lowest-direct", "--python-version", "3.11",
        *extras, "pyproject.toml", "--output-file", str(lowest_versions), silent=True,
    )  # fmt: skip
    session.install("--requirement", str(lowest_versions))
    session.install("--constraint", str(lowest_versions), "--editable", ".", *TEST_TOOLS)
    ignored = [option for warning in NOT_OURS for option in ("-W", warning)]
    _test(session, *_without(*ABOUT_SOURCES, *NOT_ON_LOWEST), *ignored, *session.posargs)


@nox.session(venv_backend="none")  # the development tools, which nox is one of
@nox.parametrize("transport", ["httpx", "httpx2"])
def transports(session: nox.Session, transport: str) -> None:
    """Faults, conformance, resuming, leaving and security on a client of another library; all else runs on our own."""
    paths = [f"tests/{path}" for path in ON_EACH_TRANSPORT]
    _test(session, *paths, *_without(*NOT_ON_EACH_TRANSPORT), "--transport", transport, *session.posargs)


@nox.session(python="3.13")
def neighbours(session: nox.Session) -> None:
    """Stream beside openai and anthropic, which bring httpx2: nothing but what users install is there."""
    session.install("--constraint", str(CONSTRAINTS), ".[sandbox]")
    session.install("openai", "anthropic", "httpx2")
    session.run("python", "-W", "error", "-m", "tests.hosting.neighbours", *session.posargs)


@nox.session(python="3.12")
def doors(session: nox.Session) -> None:
    """Try the doors by clients of others: libraries of Python, and with ``make npm`` those of npm."""
    session.install("--constraint", str(CONSTRAINTS), "--editable", ".[dev]")
    session.install(*FOREIGN_CLIENTS)
    # The suites of langchain-tests bring plugins of pytest that are not for our tests.
    left_out = [option for name in ("asyncio", "codspeed", "socket") for option in ("-p", f"no:{name}")]
    recorded = ("--disable-recording", "--benchmark-disable")
    session.run("python", "-m", "pytest", "--quiet", *left_out, *recorded, "tests/doors", *session.posargs)


@nox.session(python="3.12")
def recipes(session: nox.Session) -> None:
    """Run the recipes of docs/recipes.md in their frameworks, the pages in Chromium."""
    session.install("--constraint", str(CONSTRAINTS), "--editable", ".[dev]")
    session.install(*FRAMEWORKS)
    session.run("python", "-m", "pytest", "--quiet", "tests/doors/foreign/test_recipes.py", *session.posargs)


@nox.session(python=["3.11", "3.13"])
def runtimes(session: nox.Session) -> None:
    """Both clients in other event loops, in greenlets and below servers that fork."""
    session.install("--constraint", str(CONSTRAINTS), "--editable", ".[dev]")
    session.install(*RUNTIMES)
    session.run("python", "-m", "pytest", "--quiet", "tests/hosting", "tests/http/test_tls.py", *session.posargs)


def _without(*patterns: str) -> list[str]:
    return [f"--ignore-glob=tests/{pattern}" for pattern in patterns]


def _test(session: nox.Session, *options: str) -> None:
    together = ("--numprocesses", "auto", "--dist", "worksteal", "--quiet", "-m", "not slow and not browser")
    python = "python" if session.virtualenv.bin_paths else sys.executable
    session.run(python, "-m", "pytest", *together, *options, external=True)
