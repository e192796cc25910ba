"""What follows from ``GPOConfig``: the table of settings in docs/configuration.md, and the overrides of methods.

python tools/settings_table.py            # exit code 1 when one of both is not up to date
python tools/settings_table.py --write
"""

from __future__ import annotations

import inspect
import re
import sys
from pathlib import Path

import attrs

from gpo_client import GPOConfig
from gpo_client.config import rules
from gpo_client.version import VERSION

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "configuration.md"
OVERRIDES = ROOT / "custom/gpo_client/config/overrides.py"
BEGIN, END = "<!-- settings: begin (make settings) -->", "<!-- settings: end -->"

_UNITS = {id(rules.SECONDS): "seconds", id(rules.DURATION): "seconds", id(rules.SWITCH): "true, false"}
_KINDS = {"headers": "names, values", "ca_bundle": "path", "client_cert": "path", "client_key": "path"}
_KINDS["ssl_context"] = "object"
# What users may give for fields with these rules, beside what the fields hold.
_PATH = ("str", "str | os.PathLike[str]")
_FURTHER = {
    id(rules.HEADERS): ("Mapping[str, str]", "Mapping[str, str] | str"),
    id(rules.FILE): _PATH,
    id(rules.FILE_OR_FOLDER): _PATH,
}
_DESCRIPTION = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.MULTILINE)

_HEAD = '''"""The settings as keyword arguments."""

# Derived from GPOConfig by `make settings`: edit settings.py, not this file.

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Literal, TypedDict

from gpo_client.config.keys import KeyFunction, TokenCredential


class ConfigOverrides(TypedDict, total=False):
    """The settings of :class:`gpo_client.GPOConfig`, each optional."""

'''


def descriptions() -> dict[str, str]:
    """Return what the description of ``GPOConfig`` says of each setting."""
    attributes = (inspect.getdoc(GPOConfig) or "").partition("Attributes:")[2].partition("Raises:")[0]
    told = {name: " ".join(text.split()) for name, text in _DESCRIPTION.findall(attributes)}
    if missing := {field.name for field in attrs.fields(GPOConfig) if "rule" in field.metadata} - told.keys():
        sys.exit(f"GPOConfig says nothing of {', '.join(sorted(missing))} under Attributes")
    return told


def _unit(field: attrs.Attribute[object]) -> str:
    if field.name.endswith("_bytes"):
        return "bytes"
    if id(field.metadata["rule"]) in _UNITS:
        return _UNITS[id(field.metadata["rule"])]
    return _KINDS.get(field.name) or ("number" if isinstance(field.default, int) else "text")


def _default(field: attrs.Attribute[object]) -> str:
    if field.default in (None, {}):
        return "none"
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    shown = f"{field.default:g}" if isinstance(field.default, float) else str(field.default)
    return f"`{shown.replace(VERSION, '<version>')}`"


def _meaning(told: str) -> str:
    """Return the description, without the default that has a column of its own."""
    meaning = re.sub(r" Default \S+?([;.])(?: |$)", lambda found: "; " if found[1] == ";" else " ", told, count=1)
    return meaning.replace(".; ", "; ").strip().replace("``", "`").replace("|", r"\|")


def table() -> str:
    """Return the table, in Markdown: narrow columns for what is short, and all the rest for the meaning."""
    told = descriptions()
    lines = ["| setting, environment variable | type, default | meaning |", "|---|---|---|"]
    for field in attrs.fields(GPOConfig):
        if "rule" in field.metadata:
            variable = f"<br>`GPO_API_{field.name.upper()}`" if field.metadata["rule"].is_text else ""
            cells = (f"`{field.name}`{variable}", f"{_unit(field)}<br>{_default(field)}", _meaning(told[field.name]))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def with_table(page: str) -> str:
    """Return the page with the table as it should be."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


def overrides() -> str:
    """Return the module of the overrides as it should be: each setting with the type that users may give."""
    lines: list[str] = []
    for field in attrs.fields(GPOConfig):
        if "rule" in field.metadata:
            held, given = _FURTHER.get(id(field.metadata["rule"]), ("Secret", "str"))
            accepted = str(field.type).replace("'", '"').replace(held, given)
            lines.append(f"    {field.name}: {accepted}\n")
    return _HEAD + "".join(lines)


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    wanted = {PAGE: with_table(PAGE.read_text("utf-8")), OVERRIDES: overrides()}
    for path, text in wanted.items():
        if "--write" in arguments:
            path.write_text(text, "utf-8")
        elif path.read_text("utf-8") != text:
            print(f"{path.name} is not up to date: run 'make settings'", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
