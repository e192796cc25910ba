"""The rule by which everything is read: what only informs never costs the answer."""

from __future__ import annotations

import copy
import json
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import gpo_core_client.models as generated
from gpo_client import models
from gpo_client.models import ChatResponse, CitationSource, Session, StreamingChunk
from gpo_client.models.json_text import NoNumber, decode_json
from gpo_client.models.members import ESSENTIAL, members_of
from gpo_client.models.plain import KEPT
from gpo_client.models.reader import read_as
from gpo_client.models.scalars import OddValueError
from gpo_core_client.models import DailyCount, Document, TotalTraffic, User
from tests.support.events import chat_response, document, session, source

_MODELS: dict[str, Any] = {
    name: getattr(models, name, None) or getattr(generated, name) for name in ESSENTIAL if name != "Page"
}
_GENERATED: list[Any] = [
    kind for kind in vars(generated).values() if isinstance(kind, type) and hasattr(kind, "from_dict")
]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(NoNumber("NaN")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def _values(model: Any) -> dict[str, Any]:
    return {member.name: getattr(model, member.name) for member in members_of(model.__class__)}


def _good(name: str) -> dict[str, Any]:
    """A good object, of values that the contract's types allow."""
    return {member.wire: _good_value(str(member.hint)) for member in members_of(_MODELS[name])}


def _good_value(hint: str) -> Any:
    samples: list[tuple[str, Any]] = [
        ("list[", []),
        ("datetime.datetime", "2026-11-01T12:00:00Z"),
        ("datetime.date", "2026-11-01"),
        ("Metadata", {"a": 1}),
        ("dict[", {"a": 1}),
        ("bool", True),
        ("int", 3),
        ("float", 0.5),
    ]
    return next((value for word, value in samples if word in hint), "text")


@given(st.data(), st.sampled_from(sorted(_MODELS)), _JSON)
def test_no_informative_member_costs_anything(data: st.DataObject, name: str, odd: Any) -> None:
    """Any JSON in its place: no exception, the other members as they were, and what cannot be read is kept."""
    good = _good(name)
    informative = [member for member in members_of(_MODELS[name]) if not member.essential]
    if not informative:
        return
    member = data.draw(st.sampled_from(informative))
    expected, read = _values(read_as(_MODELS[name], good)), read_as(_MODELS[name], {**good, member.wire: odd})
    found = _values(read)
    value = found.pop(member.name)
    expected.pop(member.name)
    assert found == expected
    if value in (None, []) and odd not in (None, []):
        assert getattr(read, KEPT)[member.wire] is odd
    absent = read_as(_MODELS[name], {key: each for key, each in good.items() if key != member.wire})
    assert getattr(absent, member.name) in (None, [])


@given(st.sampled_from(sorted(_MODELS)), _JSON)
def test_essentials_are_read_or_named(name: str, odd: Any) -> None:
    """An odd one is an error with its path, or a value of the right type."""
    for member in members_of(_MODELS[name]):
        if not member.essential:
            continue
        value, error = _outcome(_MODELS[name], {**_good(name), member.wire: odd})
        if error is not None:
            assert error.path[0] == member.wire
        else:
            found = getattr(value, member.name)
            assert found is None or isinstance(found, str | bool | list)


def _outcome(kind: Any, raw: Any) -> tuple[Any, OddValueError | None]:
    try:
        return read_as(kind, raw), None
    except OddValueError as error:
        return None, error


@given(_JSON)
def test_any_json(raw: Any) -> None:
    """Whatever is read as whatever, there is one kind of error."""
    for kind in (*_MODELS.values(), list[Document]):
        _, error = _outcome(kind, raw)
        assert error is None or error.where.startswith("$")


@pytest.mark.parametrize("kind", _GENERATED, ids=lambda kind: kind.__name__)
def test_names_in_json(kind: Any) -> None:
    """Each generated class is understood: the names that its from_dict takes, and types that can be read."""
    names = [member.wire for member in members_of(kind)]
    assert names == [each.name.removesuffix("_") for each in attrs.fields(kind) if each.init]
    with pytest.raises(OddValueError):
        read_as(kind, None)


@pytest.mark.parametrize(
    ("member", "raw", "value"),
    [
        ("response_time_ms", "12", 12),
        ("response_time_ms", 8.0, 8),
        ("response_time_ms", " 1e3 ", 1000),
        ("response_time_ms", 8.5, None),
        ("response_time_ms", True, None),
        ("response_time_ms", "12 ms", None),
        ("model_used", 4, None),
        ("model_used", None, None),
        ("created_at", "", None),
        ("created_at", 1790000000, None),
        ("sources", None, []),
        ("sources", {}, []),
        ("message_id", 17, "17"),
        ("conversation_id", 17.0, "17"),
    ],
)
def test_members(member: str, raw: Any, value: Any) -> None:
    """Read where there is no doubt, None where there is, and then the raw value is kept."""
    read = read_as(ChatResponse, chat_response(**{member: raw}))
    assert getattr(read, member) == value
    lost = raw is not None and value in (None, [])
    assert read.additional_properties == ({member: raw} if lost else {})


@pytest.mark.parametrize(
    ("changes", "values"),
    [
        ({"id": 17, "document_id": 9}, {"id": "17", "document_id": "9"}),
        ({"title": None, "url": {}}, {"title": None, "url": None}),
        ({"relevance_score": "0.9"}, {"relevance_score": 0.9}),
        ({"relevance_score": "high"}, {"relevance_score": None}),
        ({"relevance_score": 10**400}, {"relevance_score": None}),
        ({"metadata": []}, {"metadata": None}),
    ],
)
def test_sources(changes: dict[str, Any], values: dict[str, Any]) -> None:
    """A source keeps what can be read of it."""
    (read,) = read_as(StreamingChunk, {"sources": [source(**changes)]}).sources
    good = read_as(CitationSource, source())
    lost = {name: raw for name, raw in changes.items() if raw is not None and values.get(name) is None}
    assert read == attrs.evolve(good, **values, additional_properties=lost)


def test_odd_sources_keep_their_place() -> None:
    """Texts cite them by their number."""
    read = read_as(ChatResponse, chat_response(sources=[None, "x", source("s")]))
    assert [each.id for each in read.sources] == [None, None, "s"]
    assert read.additional_properties["sources"][:2] == [None, "x"]
    assert read.sources[2].additional_properties == {}


def test_lists() -> None:
    """One odd text is left out; numbers mean something by their place, so an odd one costs the list."""
    tagged = read_as(Document, document(tags=["a", None, 5, "b"]))
    assert (tagged.tags, tagged.additional_properties) == (["a", "b"], {"tags": ["a", None, 5, "b"]})
    hours = read_as(TotalTraffic, {"question_count": 3, "questions_by_hour": [0, "1", "?"]})
    assert (hours.question_count, hours.questions_by_hour) == (3, [])
    assert read_as(TotalTraffic, {"questions_by_hour": [0, "1", 2.0]}).questions_by_hour == [0, 1, 2]
    (day,) = read_as(list[DailyCount], [{"date": "2026-11-01T23:00:00Z", "count": None}])
    assert (str(day.date), day.count) == ("2026-11-01", None)


@pytest.mark.parametrize(
    ("raw", "flag"),
    [(None, False), (0, False), (1, True), ("false", False), ("True", True), (True, True), ("maybe", None), (2, None)],
)
def test_flags(raw: Any, flag: bool | None) -> None:
    """Null and 0 are False, 1 is True; what is essential is refused where it is neither."""
    assert read_as(User, {"user_id": "u", "is_active": raw}).is_active is flag
    if flag is None:
        with pytest.raises(OddValueError, match="bool"):
            read_as(StreamingChunk, {"is_complete": raw})
    else:
        assert read_as(StreamingChunk, {"is_complete": raw}).is_complete is flag


def test_words_that_are_not_known() -> None:
    """An enumeration of a newer service."""
    assert read_as(User, {"user_id": "u", "user_type": "robot"}).user_type == "robot"


@pytest.mark.parametrize(
    ("kind", "raw", "where", "says"),
    [
        (ChatResponse, chat_response(message_content=5), "$.message_content", "Expected `str`, got `int` (5)"),
        (ChatResponse, chat_response(message_id=None), "$.message_id", "got `null`"),
        (Session, {"session_id": "s"}, "$", "`token`"),
        (Session, session(token=""), "$.token", "empty"),
        (list[Document], [document(), document(document_id={})], "$[1].document_id", "got `object`"),
        (ChatResponse, {"data": chat_response()}, "$", "none of the fields"),
        (TotalTraffic, {"error": "no"}, "$", "none of the fields"),
        (Document, [], "$", "got `array`"),
    ],
)
def test_what_is_refused(kind: Any, raw: Any, where: str, says: str) -> None:
    """The error names the path and what arrived, but shows no text."""
    with pytest.raises(OddValueError) as caught:
        read_as(kind, raw)
    assert caught.value.where == where
    assert says in caught.value.reason


def test_texts_are_not_shown() -> None:
    """They may be secrets."""
    with pytest.raises(OddValueError) as caught:
        read_as(StreamingChunk, {"is_complete": "s3cr3t"})
    assert "s3cr3t" not in caught.value.reason


def test_nested_beyond_measure() -> None:
    """What informs is given up, the answer is not."""
    deep = "[" * 900 + "]" * 900
    raw = decode_json(json.dumps(chat_response()).encode()[:-1] + b', "model_used": ' + deep.encode() + b"}")
    raw["sources"] = [source(metadata={"deep": raw["model_used"]})]
    assert read_as(ChatResponse, raw).model_used is None
    assert read_as(ChatResponse, raw).message_id == "msg_01"


def test_times_of_a_session() -> None:
    """A session whose end cannot be read is a session."""
    assert read_as(Session, session(expires_at="soon")).expires_at is None
    assert read_as(Session, session(expires_at="2099-01-01T00:00:00")).expires_at.tzinfo is not None


def test_nothing_of_the_given_json_changes() -> None:
    """Reading leaves what it reads as it is."""
    raw = chat_response(sources=[source(relevance_score="x"), None], model_used=5)
    before = copy.deepcopy(raw)
    read_as(ChatResponse, raw)
    assert raw == before


def test_chunks_are_read_alike_by_msgspec_and_by_the_rule() -> None:
    """A good chunk is the same, whichever way it takes."""
    raw = {"content": "a", "sources": [source()], "is_complete": True, "metadata": {"n": 1}}
    assert read_as(StreamingChunk, raw) == msgspec.convert(raw, StreamingChunk)
