"""gpo api: any operation, by its method and path; and what the contract says of its fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.cli.contract import Filled, find, operations, performed_by
from gpo_client.cli.exit_codes import CommandError
from tests.cli.conftest import Gpo
from tests.contract.calls import CALLS
from tests.support.contract import openapi


def test_all_operations_are_known() -> None:
    """Those of the contract, no more and no less; each is found by its method and path, whatever the ids."""
    spec = openapi()
    assert [each.name for each in operations()] == [
        item[method]["operationId"] for item in spec["paths"].values() for method in item if method != "parameters"
    ]
    assert {each.name for each in operations()} == set(CALLS)
    for each in operations():
        assert find(each.method.lower(), each.path.lstrip("/")).operation is each
        filled = find(each.method, each.path.replace("{", "").replace("}", ""))
        assert (filled.operation, filled.url) == (each, each.path.replace("{", "").replace("}", ""))


def _kinds(kind: str) -> st.SearchStrategy[Any]:
    if kind.endswith("[]"):
        return st.lists(_kinds(kind[:-2]), min_size=1, max_size=3)
    if "|" in kind:
        return st.sampled_from(kind.split("|"))
    numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    objects = st.dictionaries(st.text(max_size=3), st.integers(-9, 9), max_size=2)
    known = {"integer": st.integers(-(2**53), 2**53), "number": numbers, "boolean": st.booleans(), "object": objects}
    return known.get(kind, st.text(max_size=9))


def _typed(kind: str, value: Any) -> list[str]:
    if kind.endswith("[]"):
        return [text for item in value for text in _typed(kind[:-2], item)]
    return [value if isinstance(value, str) else json.dumps(value)]


@given(st.data())
def test_fields_are_what_they_were(data: st.DataObject) -> None:
    """Whatever is given to whichever field comes out as the contract has it, however its name is spelt."""
    operation = data.draw(st.sampled_from([each for each in operations() if each.fields]))
    names = data.draw(st.lists(st.sampled_from(sorted(operation.fields)), unique=True))
    values = {name: data.draw(_kinds(operation.fields[name])) for name in names}
    filled = Filled(operation)
    for name, value in values.items():
        spelt = data.draw(st.sampled_from([name, name.replace(".", "[", 1) + "]" if name.count(".") == 1 else name]))
        filled.fill(f"{spelt}={text}" for text in _typed(operation.fields[name], value))
    for name, value in values.items():
        found: Any = filled.places.get(name, filled.query.get(name))
        if name in operation.body:
            found = filled.body
            for part in name.split(".") if name else ():
                found = found[part]
        assert found == value


@pytest.mark.parametrize(
    ("method", "path", "fields", "told"),
    [
        ("GET", "/api/Dokuments", (), "there is no operation GET /api/Dokuments; did you mean /api/Documents?"),
        ("PUT", "/api/Documents", (), "there is no operation PUT"),
        ("GET", "/api/Documents", ("page",), "a field is written NAME=VALUE"),
        ("GET", "/api/Documents", ("pgae=1",), "has no field 'pgae'; did you mean page?"),
        ("GET", "/api/Documents", ("page=one",), "page must be of type integer, not 'one'"),
        ("GET", "/api/Documents", ("page=1.5",), "page must be of type integer"),
        ("GET", "/api/Documents?page=x", (), "page must be of type integer"),
        (
            "POST",
            "/api/Ratings/filter",
            ("sort_order=up",),
            "sort_order must be one of Ascending, Descending, not 'up'",
        ),
        ("POST", "/api/Chat", ("query=a", "stream=yes"), "stream must be of type boolean"),
        ("POST", "/api/Chat", ("query=a", "client_metadata=x"), "client_metadata must be JSON"),
        ("GET", "/api/Documents/{document_id}/download", (), "needs document_id"),
    ],
)
def test_what_cannot_be_sent(gpo: Gpo, method: str, path: str, fields: tuple[str, ...], told: str) -> None:
    """2, and one line that names the field, before anything is sent."""
    done = gpo("api", method, path, *(part for field in fields for part in ("-f", field)))
    assert (done.code, done.out) == (2, "")
    assert told in done.complaint


def test_operations(gpo: Gpo, tmp_path: Path) -> None:
    """JSON, files, streams, and operations without an answer; ids in the path or as fields; bodies from files."""
    page = json.loads(gpo("api", "GET", "/api/Documents?page=2", "-f", "page_size=1").out)
    assert (page["page"], len(page["items"])) == (2, 1)
    (tmp_path / "question.txt").write_text("What is RESICO?\n")
    asked = json.loads(gpo("api", "POST", "/api/Chat", "-F", "query=@question.txt", "-F", "use_openai=false").out)
    rated = gpo("api", "POST", "/api/Ratings", "-f", f"conversation_id={asked['conversation_id']}", "-f", "rating=4")
    assert (rated.code, rated.out) == (0, "")
    whose = ("-f", f"conversation_id={asked['conversation_id']}")
    for path in (("/api/Chat/{conversation_id}/message", *whose), (f"/api/Chat/{asked['conversation_id']}/message",)):
        assert json.loads(gpo("api", "get", *path).out)["total_count"] == 2
    piped = gpo("api", "POST", "/api/Chat", "--input", "-", stdin=b'{"query": "What is PTU?", "stream": true}')
    assert [json.loads(line)["is_complete"] for line in piped.lines][-1] is True
    assert gpo("api", "GET", "/api/Documents/doc-resico/download").out.startswith("---\ndocument_id: doc-resico")
    gpo("api", "GET", "/api/Documents/doc-resico/download", "-o", "resico.md")
    assert (tmp_path / "resico.md").read_text().startswith("---\ndocument_id: doc-resico")
    gone = gpo("api", "DELETE", "/api/Chat", "-f", f"[]={asked['conversation_id']}")
    assert (gone.code, gone.out) == (0, "")
    assert gpo("api", "GET", f"/api/Chat/{asked['conversation_id']}/message").code == 1
    opened = json.loads(gpo("api", "POST", "/api/User/session", "-f", "instance_id=i", "-f", "user_id=u").out)
    assert opened["token"]


def test_completion(gpo: Gpo) -> None:
    """Methods, the paths of a method, the fields of an operation: from the contract."""
    for words, expected in (
        (("api", ""), "POST"),
        (("api", "GET", ""), "/api/Documents\tList documents"),
        (("api", "POST", "/api/Ratings/filter", "-f", ""), "sort_order=\tAscending, Descending"),
        (("api", "GET", "/api/Chat/conv_1/message", "-f", ""), "page_size=\tinteger"),
        (("metrics", "opinion", "-f", ""), "user_types="),
    ):
        assert expected in gpo("__complete", *words).out
    assert "POST" not in gpo("__complete", "api", "GET", "").out


def test_methods_and_operations() -> None:
    """Those of the client that commands call are in the table."""
    for method in ("list_documents", "list_conversations", "list_messages", "metrics.opinion", "ratings.export"):
        assert performed_by(method).client == method
    with pytest.raises(CommandError):
        find("GET", "/")
