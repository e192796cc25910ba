"""The operations of the API, and where each is: in the contract, the clients, the sandbox and the tests.

`python tools/operations.py` prints the table and fails if it has a gap. `--write` puts the part for users into
docs/operations.md, and that for the command `gpo` beside it; `--check` fails if these are not up to date. There an
operation that no method performs yet is a note.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.command_table import TABLE, command_table
from tools.contract_rules.contract import Contract

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "operations.md"
_GAP = "-"


@attrs.frozen
class Operation:
    """One operation.

    Attributes:
        name: The operationId.
        route: Method and path.
        summary: What it does, in a few words.
        statuses: The statuses that the contract documents.
        methods: The methods of the clients that perform it.
        endpoint: The function of the sandbox that serves it; empty when none does.
        is_tested: Whether the tests provoke each of its statuses with both clients.
    """

    name: str
    route: str
    summary: str
    statuses: tuple[str, ...]
    methods: tuple[str, ...]
    endpoint: str
    is_tested: bool

    @property
    def has_gap(self) -> bool:
        """Whether it is missing anywhere."""
        return not (self.methods and self.endpoint and self.is_tested)


def operations(root: Path = ROOT) -> list[Operation]:
    """All operations of the contract, in its order."""
    sys.path.insert(0, str(root))
    from gpo_sandbox.app import OPERATIONS
    from tests.contract.calls import CALLS

    spec = yaml.safe_load((root / "openapi.yaml").read_text("utf-8"))
    methods = dict(_methods_by_operation())
    served = {(path, method): endpoint for path, item in OPERATIONS.items() for method, endpoint in item.items()}
    found: list[Operation] = []
    for place, path, operation, _ in Contract(spec).operations:
        name = operation.get("operationId", place)
        endpoint: Any = served.get((path, place.partition(" ")[0]))
        found.append(
            Operation(
                name=name,
                route=place,
                summary=operation.get("summary", ""),
                statuses=tuple(operation["responses"]),
                methods=methods.get(name, ()),
                endpoint=_name_of(endpoint) if endpoint else "",
                is_tested=name in CALLS,
            )
        )
    return found


def named_by_methods() -> Iterator[tuple[str, str]]:
    """Each method of the client that names an operation, with the operation."""
    from gpo_client import GPOCoreClient

    kinds: list[tuple[str, type]] = [("", GPOCoreClient)]
    for name, member in inspect.getmembers(GPOCoreClient, lambda member: isinstance(member, property)):
        group = _group(name, member)
        kinds += [(f"{name}.", group)] if group else []
    for prefix, kind in kinds:
        for name, member in inspect.getmembers(kind, inspect.isfunction):
            said = re.search(r"\(operation (\w+)\)", inspect.getdoc(member) or "")
            if not name.startswith("_") and said:
                yield f"{prefix}{name}", said[1]


def _methods_by_operation() -> Iterator[tuple[str, tuple[str, ...]]]:
    pairs = list(named_by_methods())
    for operation in {operation for _, operation in pairs}:
        yield operation, tuple(method for method, named in pairs if named == operation)


def _group(name: str, member: Any) -> type | None:
    from gpo_client.client.aio.core import ClientCore, Group

    if name.startswith("raw") or "Group" not in str(inspect.signature(member.fget).return_annotation):
        return None
    made = member.fget(object.__new__(ClientCore))  # groups use a client only when they send
    return type(made) if isinstance(made, Group) else None


def _name_of(endpoint: Any) -> str:
    # Some are made by one function, so their own names say nothing.
    for module in [each for name, each in sys.modules.items() if name.startswith("gpo_sandbox.endpoints.")]:
        for name, value in vars(module).items():
            if value is endpoint:
                return f"{module.__name__.rpartition('.')[2]}.{name}"
    return str(endpoint.__name__)


def table(found: list[Operation]) -> str:
    """Return the whole table, for people to read."""
    rows = [("operation", "route", "clients", "sandbox", "statuses tested")]
    for it in found:
        tested = " ".join(it.statuses) if it.is_tested else _GAP
        rows.append((it.name, it.route, ", ".join(it.methods) or _GAP, it.endpoint or _GAP, tested))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def page(found: list[Operation]) -> str:
    """Return the page for users: what a method performs."""
    found = [it for it in found if it.methods]
    lines = [
        "# Operations",
        "",
        "Every operation of the API, and the method of the clients that performs it. Both clients have the same ones,",
        "described in the reference. `make operations` writes this page from `openapi.yaml` and the clients.",
        "",
        "| operation | method and path | what it does | client |",
        "|---|---|---|---|",
    ]
    for it in found:
        methods = ", ".join(f"[`client.{method}`](reference/clients.md#{_anchor(method)})" for method in it.methods)
        lines.append(f"| {it.name} | `{it.route}` | {it.summary} | {methods} |")
    return "\n".join(lines) + "\n"


def _anchor(method: str) -> str:
    """Where the reference describes a method."""
    from gpo_client import GPOCoreClient

    group, _, name = method.rpartition(".")
    if not group:
        return f"gpo_client.GPOCoreClient.{name}"
    kind: Any = _group(group, getattr(GPOCoreClient, group))
    return f"{kind.__module__}.{kind.__qualname__}.{name}"


def _performed(found: list[Operation], text: str) -> list[str]:
    """Return the lines of a page but for those of operations that no method performs: they may be there or not yet."""
    names = tuple(f'{{"name": {json.dumps(it.name)},' for it in found if not it.methods)
    return [line for line in text.splitlines() if not names or not line.startswith(names)]


def main() -> int:
    """Run the command line."""
    found = operations()
    spec = yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8"))
    derived = {PAGE: page(found), TABLE: command_table(spec, {it.name: it.methods for it in found})}
    if "--write" in sys.argv:
        for path, text in derived.items():
            path.write_text(text, "utf-8")
    elif "--check" in sys.argv:
        for path, text in derived.items():
            if not path.exists() or _performed(found, path.read_text("utf-8")) != _performed(found, text):
                print(f"{path.relative_to(ROOT)} is not up to date: run `make operations`", file=sys.stderr)
                return 1
    else:
        print(table(found))
    gaps = [it.name for it in found if it.has_gap]
    # Who writes or checks the page may be in the middle of adding something; without an option this is the question.
    is_asked = not {"--write", "--check"} & {*sys.argv}
    why = "gap" if is_asked else "note: no method of the clients, or no test, or nothing in the sandbox"
    print(*(f"{why}: {name}" for name in gaps), sep="\n", end="\n" if gaps else "", file=sys.stderr)
    return 1 if gaps and is_asked else 0


if __name__ == "__main__":
    sys.exit(main())
