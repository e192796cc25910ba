"""Every model is handed on: as JSON, by pickles and copies, and with the head that its answer came with."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import msgspec
import pytest

import gpo_core_client.models as generated_package
from gpo_client import (
    ChatResponse,
    Conversation,
    Document,
    InvalidArgumentError,
    Page,
    Secret,
    Session,
    StreamedResponse,
    models,
)
from gpo_client.models import AnswerList, generated
from gpo_client.models.generated import lifted, lifted_class
from gpo_client.models.plain import json_text, to_plain
from gpo_client.models.portable import Origin, came_with
from tests.models.conftest import MakeUp
from tests.models.examples import ANSWER, CONVERSATION, CONVERSATION_JSON, EXAMPLES, MOMENT, SOURCE, each_model


def _has_plain_types(value: Any) -> bool:
    if isinstance(value, dict):
        return all(type(name) is str and _has_plain_types(member) for name, member in value.items())
    if isinstance(value, list):
        return all(map(_has_plain_types, value))
    return value is None or type(value) in (str, int, float, bool)


# --- JSON.


@each_model
def test_json_and_back(model: Any) -> None:
    """``to_dict`` has JSON's types, ``to_json`` is its text; what is read from either is equal."""
    plain = model.to_dict()
    assert _has_plain_types(plain)
    assert json.loads(model.to_json()) == plain
    assert model.to_json(indent=2).startswith("{\n  ")
    assert type(model).from_dict(plain) == model
    assert type(model).from_json(model.to_json()) == type(model).from_json(model.to_json().encode()) == model


def test_members_of_a_newer_service() -> None:
    """They are written among the others, at every depth."""
    plain = ANSWER.to_dict()
    assert plain["tone"] == {"kind": True}
    assert plain["sources"][0]["mood"] == "good"
    assert "additional_properties" not in f"{plain} {StreamedResponse(sources=[SOURCE]).to_dict()}"
    assert CONVERSATION.to_dict() == CONVERSATION_JSON


def test_names_that_are_known_are_written_as_they_were_read() -> None:
    """What stands under such a name among the unknown members does not replace it."""
    source = attrs.evolve(SOURCE, additional_properties={"relevance_score": "much"})
    assert source.to_dict()["relevance_score"] == 0.9


def test_tokens_are_written() -> None:
    """They are what they are."""
    assert EXAMPLES[5].to_dict()["token"] == EXAMPLES[6].to_dict()["token"] == "t0k3n"
    assert json_text({"token": Secret("t0k3n")}) == '{"token":"t0k3n"}'


def test_what_json_cannot_say() -> None:
    """Numbers that are none, and names that are no text."""
    assert to_plain({1: float("inf"), "b": b"x", "when": MOMENT}) == {
        "1": None,
        "b": "eA==",
        "when": "2026-11-01T12:30:00Z",
    }


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        (ChatResponse, {}, "$"),
        (ChatResponse, ANSWER.to_dict() | {"message_content": []}, "$.message_content"),
        (Conversation, {"conversation_id": []}, "$.conversation_id"),
        (StreamedResponse, {"content": []}, "$.content"),
        (Session, EXAMPLES[5].to_dict() | {"token": []}, "$.token"),
    ],
)
def test_what_cannot_be_read(kind: Any, wrong: dict[str, Any], field: str) -> None:
    """Says where it is wrong."""
    with pytest.raises(InvalidArgumentError) as caught:
        kind.from_dict(wrong)
    assert caught.value.field == field
    assert kind.__name__ in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", b"\xff", "null"])
def test_what_is_no_json_object(text: str | bytes) -> None:
    """Is no model."""
    for kind in (ChatResponse, Conversation):
        with pytest.raises(InvalidArgumentError, match=kind.__name__):
            kind.from_json(text)


# --- Pickles and copies.


@each_model
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(model: Any, protocol: int) -> None:
    """By every protocol."""
    twin = pickle.loads(pickle.dumps(model, protocol))
    assert type(twin) is type(model)
    assert twin == model
    assert twin.to_dict() == model.to_dict()


@each_model
def test_copies(model: Any) -> None:
    """Shallow, deep, and with a change."""
    for twin in (copy.copy(model), copy.deepcopy(model)):
        assert type(twin) is type(model)
        assert twin == model
        assert twin.to_dict() == model.to_dict()
    assert _replaced(model) == model


def _replaced(model: Any, **changes: Any) -> Any:
    if isinstance(model, generated.GeneratedModel):
        return model.__replace__(**changes)  # as copy.replace does, from Python 3.13
    return (msgspec.structs.replace if isinstance(model, msgspec.Struct) else attrs.evolve)(model, **changes)


def test_replacing() -> None:
    """What is not changed is kept, also what is not known."""
    changed = _replaced(CONVERSATION, title="Other")
    assert changed.to_dict() == CONVERSATION_JSON | {"title": "Other"}
    with pytest.raises(TypeError, match="titel"):
        _replaced(CONVERSATION, titel="Other")


def test_deep_copies_share_nothing() -> None:
    """What can be changed is copied."""
    twin = copy.deepcopy(ANSWER)
    assert twin.sources is not ANSWER.sources
    twin.additional_properties["x"] = 1
    assert "x" not in ANSWER.additional_properties


def test_a_pickle_of_an_older_version() -> None:
    """What it does not have has its default: attributes are added in minor versions."""
    rebuild, (kind, values, origin) = StreamedResponse(content="a").__reduce__()
    older = {name: value for name, value in values.items() if name in ("content", "is_complete")}  # type: ignore[attr-defined]
    assert rebuild(kind, older, origin) == StreamedResponse(content="a")


# --- Generated models.


def test_each_generated_model_can_be_handed_on() -> None:
    """As reached by ``gpo_client.models``, also those that no name is given here; each is made once."""
    for name, kind in vars(generated_package).items():
        if isinstance(kind, type) and attrs.has(kind):
            ours = getattr(models.generated, name)
            assert issubclass(ours, kind)
            assert ours is lifted_class(kind)
            assert ours.__doc__ == kind.__doc__
            assert hasattr(ours, "to_json")
    assert models.Conversation is generated.Conversation
    assert models.UserType is generated_package.UserType


def test_checkers_are_told_of_each() -> None:
    """What is declared for type checkers is what there is at run time."""
    text = Path(generated.__file__ or "").read_text("utf-8")
    declared = set(models.__all__) - {name for name in vars(models) if isinstance(vars(models)[name], type)}
    for name in declared | {"Conversation"}:
        is_class = isinstance(getattr(generated_package, name), type)
        assert (f"class {name}(GeneratedModel, _of.{name}): ..." if is_class else f"{name} = _of.{name}") in text


def test_models_in_models_are_ours_too() -> None:
    """At every depth."""
    ours: Any = generated
    metadata: Any = CONVERSATION.metadata
    assert type(metadata) is ours.Metadata
    assert metadata.to_json() == '{"topic":"vat"}'
    assert type(pickle.loads(pickle.dumps(CONVERSATION)).metadata) is ours.Metadata


def test_a_generated_model_equals_what_the_generator_makes() -> None:
    """Both ways, and it is one; what differs is not equal."""
    plain = generated_package.Conversation.from_dict(CONVERSATION_JSON)
    assert isinstance(CONVERSATION, generated_package.Conversation)
    assert lifted(plain) == plain == lifted(plain)
    plain.title = "Other"
    assert plain != CONVERSATION
    assert plain != CONVERSATION
    assert CONVERSATION != 5
    with pytest.raises(TypeError, match="unhashable"):
        hash(CONVERSATION)


def test_left_out_members_stay_left_out() -> None:
    """A request says nothing of what it was not given, also as a copy."""
    request = models.SessionContext(instance_id="i", user_id="u")
    for twin in (request, copy.deepcopy(request), pickle.loads(pickle.dumps(request))):
        assert twin.to_dict() == {"instance_id": "i", "user_id": "u"}
    assert repr(request).startswith("SessionContext(instance_id='i'")


# --- The head of the answer.

_ORIGIN = Origin.of("req-1", {"X-Served-By": "a", "set-cookie": "s3cr3t", "Content-Type": "application/json"})


@each_model
def test_the_head_is_no_part_of_the_value(model: Any) -> None:
    """Not of its text, nor of what it equals; copies and pickles keep it."""
    if not hasattr(model, "response_headers"):
        return
    assert dict(model.response_headers) == {}
    answer = came_with(copy.deepcopy(model), _ORIGIN)
    assert answer == model
    assert (repr(answer), answer.to_dict()) == (repr(model), model.to_dict())
    for twin in (answer, copy.copy(answer), copy.deepcopy(answer), pickle.loads(pickle.dumps(answer))):
        assert dict(twin.response_headers) == {"x-served-by": "a", "content-type": "application/json"}
        assert twin.request_id == (None if isinstance(model, StreamedResponse) else "req-1")
    with pytest.raises(TypeError):
        answer.response_headers["x"] = "y"


@pytest.mark.parametrize("slots", [True, False])
def test_a_field_of_the_same_name_is_the_field(slots: bool, made_up: MakeUp) -> None:
    """An API may add one."""
    told = made_up("Told", {"request_id": "str", "to_json": "str"}, slots=slots)
    answer = came_with(lifted(told(request_id="from the body", to_json="x")), _ORIGIN)
    assert (answer.request_id, answer.to_json) == ("from the body", "x")
    assert answer.response_headers["x-served-by"] == "a"
    assert answer.to_dict() == {"request_id": "from the body", "to_json": "x"}


# --- Lists.


def test_pages() -> None:
    """A page is written with its items; a pickle of one is of that page alone."""
    page = Page(items=[ANSWER], page=1, page_size=20, total_count=1)
    assert page.to_dict() == {"items": [ANSWER.to_dict()], "page": 1, "page_size": 20, "total_count": 1}
    twin = pickle.loads(pickle.dumps(came_with(page, _ORIGIN)))
    assert (type(twin), twin, twin.request_id) == (Page, page, "req-1")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_whole_lists(protocol: int) -> None:
    """Are lists."""
    answers = came_with(AnswerList([CONVERSATION]), _ORIGIN)
    assert answers == [CONVERSATION]
    assert repr(answers) == repr([CONVERSATION])
    assert json.loads(answers.to_json()) == answers.to_list() == [CONVERSATION_JSON]
    for twin in (pickle.loads(pickle.dumps(answers, protocol)), copy.copy(answers), copy.deepcopy(answers)):
        assert (type(twin), twin, twin.request_id) == (AnswerList, answers, "req-1")


def _minimal(kind: Any) -> dict[str, Any]:
    """The least that a generated class can be read from."""
    from typing import get_type_hints

    hints = get_type_hints(kind, localns=vars(generated_package))
    values: dict[Any, Any] = {
        str: "x",
        int: 1,
        bool: True,
        float: 0.5,
        datetime: "2026-11-01T12:30:00Z",
        list[str]: ["x"],
    }
    required = [field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING and field.init]
    return {name: values.get(hints[name]) for name in required}


def test_a_document() -> None:
    """A model whose times are written as the generator does."""
    raw = _minimal(generated_package.Document)
    assert set(Document.from_dict(raw).to_dict()) >= set(raw)


def test_models_load_no_more_than_they_need() -> None:
    """Neither the generated package nor an HTTP library: both take longer than all of the models."""
    code = """if True:
        import sys
        from gpo_client import ChatResponse, Page, Session, StreamedResponse
        print([name for name in sys.modules if name.partition(".")[0] in ("gpo_core_client", "httpx", "markdown_it")])
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
