"""What the generator would get wrong in silence is refused, and what it gets right is not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.evolutions import REFUSED, TAKEN, TEXT, evolved
from tools.contract_rules import findings, findings_in
from tools.generate import GenerationError, generate


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    """One sentence names the place, the problem and a remedy."""
    change, place, problem = REFUSED[case]
    found = findings(evolved(change))
    assert any(place in each.place and problem in each.problem for each in found), found
    assert all(each.remedy and "\n" not in str(each) and "object at 0x" not in str(each) for each in found)


@pytest.mark.parametrize("case", TAKEN)
def test_taken(case: str) -> None:
    """What the generated functions do right is not refused."""
    assert findings(evolved(TAKEN[case])) == []


def test_table(root: Path) -> None:
    """docs/regenerate.md has each of these in its table, and no other."""
    page = (root / "docs" / "regenerate.md").read_text("utf-8")
    rows = page.partition("|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert sorted(case.strip() for row in rows for case in row.split("|")[1].split(" · ")) == sorted(REFUSED)


def test_all_at_once(root: Path, tmp_path: Path) -> None:
    """Everything is told in one go, and nothing is generated."""
    changed = evolved(REFUSED["explode false"][0] | REFUSED["property d"][0] | REFUSED["basic"][0])
    changed["components"]["schemas"]["Client"] = TEXT
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(changed), "utf-8")
    (tmp_path / "generator-config.yaml").write_text((root / "generator-config.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(GenerationError) as refused:
        generate(tmp_path, tmp_path / "gpo_core_client")
    told = str(refused.value)
    assert all(word in told for word in ("basic", "Thing.d", "schema Client")), told
    assert not (tmp_path / "gpo_core_client").exists()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("openapi: [", "line 1"),
        ("openapi: 3.1.0\nopenapi: 3.1.0\n", "line 2"),
        ("a: \x00", "the document"),
        ("[]", "the document"),
    ],
)
def test_no_document(text: str, place: str, root: Path, tmp_path: Path) -> None:
    """What is no YAML, says a thing twice, or is no contract is told with its line."""
    (tmp_path / "openapi.yaml").write_text(text, "utf-8")
    (finding,) = findings_in(tmp_path / "openapi.yaml", root / "generator-config.yaml")
    assert place in finding.place
