"""Mutation testing with mutmut: does a test notice when a line of the code that decides is changed?

`python tools/mutants.py` tries every mutation of the rooms below, which takes hours; `--only sequence` those whose path
has one of the words in it, `--most 200` as many, chosen by `--seed`. Mutations that no test notices are listed with
their change, and make it fail unless `tools/mutants_explained.txt` says why they need not be noticed: there each has a
line, the function and the changed line, below a comment.

mutmut knows sources in `src/` alone, so it works in a folder of its own, `.cache/mutants`.
"""

import argparse
import ast
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / ".cache" / "mutants"
EXPLAINED = ROOT / "tools" / "mutants_explained.txt"

#: What decides, and the tests that have to notice: those without sockets, which are quick.
ROOMS = {
    "gpo_client/sse/sequence.py": [
        "tests/streaming/test_sequence.py",
        "tests/streaming/test_exactly_once.py",
    ],
    "gpo_client/sse/replay.py": [
        "tests/streaming/test_replay.py",
        "tests/streaming/test_sequence.py",
        "tests/streaming/test_exactly_once.py",
    ],
    "gpo_client/sse/retry.py": ["tests/streaming/test_retry_policy.py"],
    "gpo_client/sse/compression.py": ["tests/streaming/test_compression.py"],
    "gpo_client/sse/parser.py": [
        "tests/streaming/test_sse_conformance.py",
        "tests/streaming/test_event_limit.py",
        "tests/streaming/test_event_runs.py",
        "tests/streaming/test_sloppy_events.py",
        "tests/streaming/test_event_chunks.py",
    ],
    "gpo_client/sse/lenient.py": [
        "tests/streaming/test_sloppy_events.py",
        "tests/streaming/test_event_limit.py",
        "tests/streaming/test_event_chunks.py",
    ],
    "gpo_client/sse/event_kinds.py": ["tests/streaming/test_event_kinds.py"],
    "gpo_client/sse/chunks.py": [
        "tests/streaming/test_sniffing.py",
        "tests/streaming/test_event_chunks.py",
        "tests/streaming/test_event_limit.py",
    ],
    "gpo_client/sse/": [
        "tests/streaming/test_halves.py",
        "tests/streaming/test_event_limit.py",
        "tests/streaming/test_sniffing.py",
        "tests/streaming/test_steps.py",
        "tests/streaming/test_event_chunks.py",
        "tests/streaming/test_event_runs.py",
        "tests/streaming/test_counted_decoding.py",
        "tests/streaming/test_sequence.py",
        "tests/streaming/test_replay.py",
        "tests/streaming/test_exactly_once.py",
    ],
    "gpo_client/text/transforms/": ["tests/streaming/transforms"],
    "gpo_client/text/sources.py": ["tests/streaming/test_sources.py", "tests/streaming/test_aggregate.py"],
    "gpo_client/text/read_ahead.py": ["tests/streaming/test_read_ahead.py"],
    "gpo_client/text/record.py": ["tests/streaming/test_record.py", "tests/streaming/test_aggregate.py"],
    "gpo_client/text/bounds.py": [
        "tests/streaming/test_aggregate.py",
        "tests/streaming/test_record.py",
        "tests/streaming/test_sources.py",
    ],
    "gpo_client/flows/credentials.py": [
        "tests/engine/test_flow_credentials.py",
        "tests/engine/test_flow_edges.py",
        "tests/engine/test_flow_headers.py",
        "tests/engine/test_flow_renewal.py",
        "tests/security/test_masks.py",
    ],
    "gpo_client/flows/": [
        *sorted(f"tests/engine/{test.name}" for test in (ROOT / "tests/engine").glob("test_flow_*.py")),
        "tests/engine/test_batch_plan.py",
        "tests/engine/test_remedies.py",
        "tests/streaming/test_header_fields.py",
        "tests/security/test_fields.py",
        "tests/security/test_masks.py",
    ],
    "gpo_client/http/request.py": ["tests/http/test_request.py"],
    "gpo_client/http/response.py": ["tests/http/test_response.py", "tests/http/test_beside_h11.py"],
    "gpo_client/http/places.py": ["tests/http/test_connections.py"],
    "gpo_client/relay/machines/": [
        "tests/relay/test_exchange.py",
        "tests/relay/test_exchanged_commands.py",
        "tests/relay/test_following.py",
        "tests/relay/test_machines.py",
        "tests/relay/test_ui_message.py",
    ],
    "gpo_client/logs/redaction.py": ["tests/telemetry/test_redaction.py"],
    "gpo_client/models/secret.py": ["tests/models/test_secret.py", "tests/models/test_pydantic.py"],
    "gpo_client/models/spellings.py": ["tests/security/test_masks.py"],
}
# What makes no difference: casts, which are for type checkers, and the case in which a codec is named.
_CAST = re.compile(r"cast\((None|\"[^\"]*\"|[\w.]+), ")
_CODEC = re.compile(r"[\"'](utf-8|latin-1|ascii)[\"']", re.IGNORECASE)
# A loop that a mutation makes endless may fill memory until its time is up.
MOST_MEMORY = 4 * 1024**3
# That a test fails is all that counts; to find its smallest example takes hypothesis longer than all else. And each
# mutation is tried by a collection of its own in a process that has had one: what pytest has escaped for an id it would
# escape once more, find no test of that name, and fail, which would count as noticed.
IN_CONFTEST = """
from hypothesis import Phase
settings.register_profile("mutants", settings.get_profile("untimed"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")


def pytest_generate_tests(metafunc):
    for mark in metafunc.definition.iter_markers("parametrize"):
        object.__setattr__(mark._param_ids_from or mark, "_param_ids_generated", None)
"""
COPIED = ("tests", "gpo_core_client", "openapi.yaml", "tools", "examples", "docs", "README.md", "pyproject.toml")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Try mutations of the code that decides.")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the paths of the modules to mutate")
    parser.add_argument("--most", type=int, default=0, help="how many mutations to try; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="chooses them")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many to try at a time")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    explained = _explanations()
    unexplained = 0
    for place, tests in ROOMS.items():
        modules = [module for module in _modules(place) if any(word in module for word in arguments.only)]
        if modules:
            survivors = _survivors(modules, [test for test in tests if (ROOT / test).exists()], arguments)
            unnoticed = [f"{name}\n  {change}" for name, change in survivors.items() if change not in explained]
            print(
                f"{len(survivors)} survived, {len(survivors) - len(unnoticed)} of them explained", *unnoticed, sep="\n"
            )
            unexplained += len(unnoticed)
    return 1 if unexplained else 0


def _modules(place: str) -> list[str]:
    found = ROOT / "custom" / place
    files = found.rglob("*.py") if found.is_dir() else [found] if found.exists() else []
    modules = (file.relative_to(ROOT / "custom").as_posix() for file in files if file.name != "__init__.py")
    # A module or folder with tests of its own is none of the folder's around it.
    return sorted(
        module for module in modules if place == max((room for room in ROOMS if module.startswith(room)), key=len)
    )


def _survivors(modules: list[str], tests: list[str], arguments: argparse.Namespace) -> dict[str, str]:
    """Return the names of the mutations of these modules that these tests do not notice, each with what it changes."""
    _prepare(modules, tests)
    chosen = ["*"]  # any name: only what is named is tried by its tests alone before it is mutated
    if arguments.most:
        _mutmut("run", "no.such.mutation")  # makes them all, and tries none
        names = sorted(_results())
        chosen = random.Random(arguments.seed).sample(names, min(arguments.most, len(names)))  # noqa: S311 - no secret
    print(f"{len(chosen) if arguments.most else 'all'} mutations of {', '.join(modules)}", flush=True)
    done = _mutmut("run", f"--max-children={arguments.processes}", *chosen)
    results = {name: verdict for name, verdict in _results().items() if not arguments.most or name in chosen}
    if not results or "not checked" in results.values():  # the tests fail without any mutation
        sys.exit((done.stdout[-3000:] + done.stderr[-3000:]).rpartition("\r")[2])
    if late := sum(verdict == "timeout" for verdict in results.values()):
        print(f"{late} of {len(results)} took too long, and count as noticed")
    changes = {name: _change(name) for name, verdict in results.items() if verdict in ("survived", "no tests")}
    return {name: change for name, change in changes.items() if change}


def _results() -> dict[str, str]:
    lines = [line.rpartition(": ") for line in _mutmut("results", "--all", "true").stdout.splitlines()]
    return {name.strip(): verdict for name, _, verdict in lines if "__mutmut_" in name}


def _change(name: str) -> str:
    """Return the function of a mutation and its changed lines; ``""`` when they mean the same as before."""
    lines = [line for line in _mutmut("show", name).stdout.splitlines() if not line.startswith(("---", "+++"))]
    before, after = (" ".join(line[1:].strip() for line in lines if line[:1] == sign) for sign in "-+")
    return "" if _plain(before) == _plain(after) else f"{name.partition('__mutmut_')[0]}: {after}"


def _plain(line: str) -> str:
    return _CODEC.sub(lambda codec: codec[0].lower(), _CAST.sub("", line))


def _prepare(modules: list[str], tests: list[str]) -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    # The folder for mutated sources is there from the beginning: Python remembers which of its paths are missing.
    (WORK / "mutants" / "src").mkdir(parents=True)
    shutil.copytree(ROOT / "custom", WORK / "src")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, WORK / name)
    with (WORK / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(IN_CONFTEST)
    for module in modules:
        _open_properties(WORK / "src" / module)
    lists = {
        # In seconds of the clock, not of the processor: on a busy machine a second is soon over.
        "timeout_constant": 15.0,
        "timeout_multiplier": 2.0,
        "source_paths": ["src"],
        "only_mutate": [f"src/{module}" for module in modules],
        "also_copy": list(COPIED),
        "pytest_add_cli_args_test_selection": tests,
        # Nothing that counts steps or bytes: mutations have some more.
        "pytest_add_cli_args": [
            "-p", "anyio", "-p", "no:cacheprovider", "-m", "not slow", "-k",
            "not constant_time and not linear_time and not few_calls and not memory",
        ],
    }  # fmt: skip
    text = "".join(f"{name} = {items!r}\n" for name, items in lists.items())
    with (WORK / "pyproject.toml").open("a", encoding="utf-8") as project:
        project.write(f"\n[tool.mutmut]\n{text}")


def _open_properties(module: Path) -> None:
    """Make properties of plain functions, below them: mutmut leaves out what has a decorator."""
    lines = module.read_text("utf-8").splitlines()
    functions = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.FunctionDef)]
    properties = [node for node in functions if [ast.unparse(one) for one in node.decorator_list] == ["property"]]
    # From the last on: the lines before it stay where they are.
    for node in sorted(properties, key=lambda node: -node.lineno):
        lines.insert(node.end_lineno or 0, f"{' ' * node.col_offset}{node.name} = property({node.name})")
        del lines[node.decorator_list[0].lineno - 1]
    module.write_text("\n".join(lines) + "\n", "utf-8")


def _mutmut(*words: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(WORK / "mutants" / "src"), str(WORK / "mutants")])
    command = [str(Path(sys.executable).parent / "mutmut"), *words]
    # Where there is CI, hypothesis tries the same examples each time.
    environment = {
        **os.environ,
        "PYTHONPATH": paths,
        "TEST_HTTP_EXAMPLES": "200",
        "CI": "true",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True, check=False)


def _explanations() -> set[str]:
    lines = EXPLAINED.read_text("utf-8").splitlines() if EXPLAINED.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


if __name__ == "__main__":
    sys.exit(main())
