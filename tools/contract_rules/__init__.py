"""Rules on openapi.yaml: what the generator would get wrong in silence is found before anything is replaced.

The generated package can do less than OpenAPI, and the generator does not always say so. Each rule is a function that
finds all places of one kind; docs/regenerate.md has them as a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tools.contract_rules.bodies import files_in_json, request_bodies, responses
from tools.contract_rules.contract import Contract, Finding, Node
from tools.contract_rules.names import property_names, schema_names
from tools.contract_rules.parameters import parameters
from tools.contract_rules.paths import operations, security
from tools.contract_rules.references import references, structure
from tools.contract_rules.schemas import directions, enumerations, schemas, unions

__all__ = ["RULES", "Finding", "findings", "findings_in"]

Rule = Callable[[Contract], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    references, operations, security, parameters, request_bodies, responses, files_in_json,
    schemas, unions, directions, enumerations, schema_names, property_names,
)  # fmt: skip


def findings(spec: Node, config: Node | None = None) -> list[Finding]:
    """All that the generated package of a contract would get wrong, each place once.

    Args:
        spec: The document.
        config: The settings of the generator.
    """
    if broken := list(structure(spec)):
        return broken  # the other rules take a document of OpenAPI for granted
    contract = Contract(spec, config)
    return list(dict.fromkeys(finding for rule in RULES for finding in rule(contract)))


def findings_in(contract: Path, config: Path) -> list[Finding]:
    """Return the findings for a file, read as the generator reads it (YAML 1.2)."""
    yaml = YAML(typ="safe")
    try:
        spec = yaml.load(contract.read_text("utf-8"))
    except MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else "the document"
        return [Finding(line, f"is no YAML: {' '.join(str(error.problem).split())}", "correct it")]
    except (YAMLError, UnicodeDecodeError) as error:
        return [Finding("the document", f"is no YAML: {error}", "correct it")]
    return findings(spec, yaml.load(config.read_text("utf-8")) or {})
