"""Mutation testing with mutmut: does a test notice when a line of the code that decides is changed?

`python tools/mutants.py` tries every mutation of the rooms below; `--only sequence` those whose path
has one of the words in it, `--most 200` as many, chosen by `--seed`. Mutations that no test notices are listed with
their change, and make it fail. Which need not be noticed, and why, is said in `tools/mutants_explained.txt`: there each
has a line, the function and the changed line, below a comment. They are not tried; lines of no mutation are listed.

mutmut makes the mutations, in a copy of all, `.cache/mutants`; `tools/mutants_tried.py` tries them there.
"""

import argparse
import ast
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from difflib import unified_diff
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

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
        "tests/streaming/test_raw_events.py",
    ],
    "gpo_client/sse/lenient.py": [
        "tests/streaming/test_sloppy_events.py",
        "tests/streaming/test_event_limit.py",
        "tests/streaming/test_event_chunks.py",
        "tests/streaming/test_raw_events.py",
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
    "gpo_client/http/processes.py": ["tests/http/test_processes.py"],
    "gpo_client/http/options.py": ["tests/http/test_options.py"],
    "gpo_client/http/tls.py": ["tests/http/test_trust.py", "tests/http/test_certificates.py"],
    "gpo_client/relay/machines/": [
        "tests/relay/test_exchange.py",
        "tests/relay/test_exchanged_commands.py",
        "tests/relay/test_exchanged_outages.py",
        "tests/relay/test_following.py",
        "tests/relay/test_machines.py",
        "tests/relay/test_ui_message.py",
    ],
    "gpo_client/logs/redaction.py": ["tests/telemetry/test_redaction.py", "tests/telemetry/test_redacted_texts.py"],
    "gpo_client/models/secret.py": ["tests/models/test_secret.py", "tests/models/test_pydantic.py"],
    "gpo_client/models/problem.py": ["tests/models/test_problem.py"],
    "gpo_client/models/scalars.py": [
        "tests/models/test_scalars.py",
        "tests/models/test_times.py",
        "tests/models/test_reader.py",
    ],
    "gpo_client/models/spellings.py": ["tests/models/test_spellings.py"],
}
# What makes no difference: casts, which are for type checkers, and the case in which a codec is named.
_CAST = re.compile(r"cast\((None|\"[^\"]*\"|[\w.]+), ")
_CODEC = re.compile(r"[\"'](utf-8|latin-1|ascii)[\"']", re.IGNORECASE)
# A loop that a mutation makes endless may fill memory until its time is up.
MOST_MEMORY = 4 * 1024**3
# That a test fails is all that counts; to find its smallest example takes hypothesis longer than all else.
IN_CONFTEST = """
from hypothesis import Phase
settings.register_profile("mutants", settings.get_profile("untimed"), phases=(Phase.explicit, Phase.generate))
settings.load_profile("mutants")
"""
COPIED = (
    "custom",
    "tests",
    "gpo_core_client",
    "openapi.yaml",
    "tools",
    "examples",
    "docs",
    "README.md",
    "pyproject.toml",
)


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Try mutations of the code that decides.")
    parser.add_argument("--only", nargs="*", default=[""], help="parts of the paths of the modules to mutate")
    parser.add_argument("--most", type=int, default=0, help="how many mutations to try; 0: all")
    parser.add_argument("--seed", type=int, default=1, help="chooses them")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="how many to try at a time")
    arguments = parser.parse_args()
    os.chdir(ROOT)  # where mutmut reads its settings
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    explained = _explanations()
    found = 0
    for place, tests in ROOMS.items():
        modules = [module for module in _modules(place) if any(word in module for word in arguments.only)]
        if modules:
            found += _try(modules, [test for test in tests if (ROOT / test).exists()], explained, arguments)
    return 1 if found else 0


def _modules(place: str) -> list[str]:
    found = ROOT / "custom" / place
    files = found.rglob("*.py") if found.is_dir() else [found] if found.exists() else []
    modules = (file.relative_to(ROOT / "custom").as_posix() for file in files if file.name != "__init__.py")
    # A module or folder with tests of its own is none of the folder's around it.
    return sorted(
        module for module in modules if place == max((room for room in ROOMS if module.startswith(room)), key=len)
    )


def _try(modules: list[str], tests: list[str], explained: set[str], arguments: argparse.Namespace) -> int:
    """Try the mutations of modules; list those that no test notices and the explanations of none, and count both."""
    _prepare()
    changes = {name: change for module in modules for name, change in _mutate(module).items() if change}
    names = [name for name, change in changes.items() if change not in explained]
    print(f"{len(names)} mutations of {', '.join(modules)}; {len(changes) - len(names)} are explained", flush=True)
    if arguments.most:
        names = random.Random(arguments.seed).sample(names, min(arguments.most, len(names)))  # noqa: S311 - no secret
    verdicts = _tried(names, tests, arguments.processes)
    survivors = [name for name in names if verdicts[name] in ("survived", "no tests")]
    late = list(verdicts.values()).count("timeout")
    print(f"{len(survivors)} survived; {late} took too long, and count as noticed")
    print(*(f"{name}\n  {changes[name]}\n" for name in survivors), sep="", end="")
    places = tuple(f"{_dotted(module)}.x" for module in modules)
    stale = sorted(line for line in explained.difference(changes.values()) if line.startswith(places))
    print(*(f"explained, but no mutation: {line}\n" for line in stale), sep="", end="", flush=True)
    return len(survivors) + len(stale)


def _dotted(module: str) -> str:
    return module.removesuffix(".py").replace("/", ".")


def _mutate(module: str) -> dict[str, str]:
    """Mutate a module; return the names of its mutations with what each changes, `""` when it means the same."""
    path = WORK / "custom" / module
    mutated = mutate_file_contents(module, _with_open_properties(path.read_text("utf-8")))
    path.write_text(mutated.code, "utf-8")
    lines = mutated.code.splitlines()

    def function(name: str) -> list[str]:
        span = mutated.line_span_by_function_name[name]
        plain = orig_function_and_class_names_from_key(f".{name}")[0]
        return [line.replace(name, plain).strip() for line in lines[span.start - 1 : span.end]]

    changes = {}
    for name in mutated.mutant_names:
        mangled = name.rpartition("__mutmut_")[0]
        difference = list(unified_diff(function(f"{mangled}__mutmut_orig"), function(name), n=0))[2:]
        before, after = (" ".join(line[1:] for line in difference if line[0] == sign) for sign in "-+")
        place = f"{_dotted(module)}.{mangled}"
        means_the_same = _plain(before) == _plain(after)
        changes[place + name.removeprefix(mangled)] = "" if means_the_same else f"{place}: {after}"
    return changes


def _plain(line: str) -> str:
    return _CODEC.sub(lambda codec: codec[0].lower(), _CAST.sub("", line))


def _prepare() -> None:
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, WORK / name)
    with (WORK / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(IN_CONFTEST)


def _with_open_properties(source: str) -> str:
    """Make properties of plain functions, below them: mutmut leaves out what has a decorator."""
    lines = source.splitlines()
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    properties = [node for node in functions if [ast.unparse(one) for one in node.decorator_list] == ["property"]]
    # From the last on: the lines before it stay where they are.
    for node in sorted(properties, key=lambda node: -node.lineno):
        lines.insert(node.end_lineno or 0, f"{' ' * node.col_offset}{node.name} = property({node.name})")
        del lines[node.decorator_list[0].lineno - 1]
    return "\n".join(lines) + "\n"


def _tried(names: list[str], tests: list[str], processes: int) -> dict[str, str]:
    """Return what came of each mutation: `tools/mutants_tried.py` tries them."""
    (WORK / "plan.json").write_text(json.dumps({"names": names, "processes": processes}), "utf-8")
    words = [
        *("-p", "tools.mutants_tried", "-p", "anyio", "-p", "no:cacheprovider", "--capture=sys", "-q"),
        # Nothing that counts steps or bytes: mutations have some more.
        *("-m", "not slow", "-k", "not constant_time and not linear_time and not few_calls and not memory"),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(WORK / "custom"), str(WORK)]),
        "TEST_HTTP_EXAMPLES": "200",
        # Where there is CI, hypothesis tries the same examples each time.
        "CI": "true",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", *words, *tests]
    done = subprocess.run(command, cwd=WORK, env=environment, capture_output=True, text=True, check=False)
    if not (WORK / "verdicts.json").exists():  # the tests fail without any mutation
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    verdicts: dict[str, str] = json.loads((WORK / "verdicts.json").read_text("utf-8"))
    return verdicts


def _explanations() -> set[str]:
    lines = EXPLAINED.read_text("utf-8").splitlines() if EXPLAINED.exists() else []
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


if __name__ == "__main__":
    sys.exit(main())
