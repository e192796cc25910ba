"""The examples of the contract are there, and they keep to it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker


def errors(spec: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """Say what is wrong with a value."""
    # Beside the schema, the components are where its references look for them.
    validator = OAS31Validator({**schema, "components": spec["components"]}, format_checker=oas31_format_checker)
    return [error.message for error in validator.iter_errors(value)]


def media_types(node: Any, place: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield where it stands, its name and itself for every media type below a node."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from media_types(item, f"{place}/{number}")
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "content" and isinstance(value, dict) and any("/" in name for name in value):
                yield from ((f"{place} {name}", name, media) for name, media in value.items())
            elif key not in ("example", "examples"):
                yield from media_types(value, f"{place}/{key}")


def examples(media: dict[str, Any]) -> list[Any]:
    """Return all examples of a media type."""
    return [media["example"]] if "example" in media else [item["value"] for item in media.get("examples", {}).values()]


def test_media_types_have_valid_examples(spec: dict[str, Any]) -> None:
    """Every request body and every answer has an example that its schema accepts."""
    found = list(media_types(spec))
    assert len(found) > len(spec["paths"])
    for place, _name, media in found:
        assert examples(media), place
        for example in examples(media):
            assert errors(spec, media["schema"], example) == [], place


def test_schemas_have_valid_examples(spec: dict[str, Any]) -> None:
    """Every schema has an example that it accepts."""
    for name, schema in spec["components"]["schemas"].items():
        assert schema.get("examples"), name
        for example in schema["examples"]:
            assert errors(spec, schema, example) == [], name


def test_parameters_have_valid_examples(spec: dict[str, Any]) -> None:
    """Every parameter and header has an example that its schema accepts."""
    listed = [
        item for path in spec["paths"].values() for operation in path.values() for item in operation["parameters"]
    ]
    named = [*spec["components"]["parameters"].values(), *spec["components"]["headers"].values()]
    for parameter in [*listed, *named]:
        if "$ref" not in parameter:
            assert errors(spec, parameter["schema"], parameter["example"]) == [], parameter["description"]


def test_event_stream_examples_are_one_stream(spec: dict[str, Any]) -> None:
    """The data of each example event is a chunk, the ids count from 1, and the last event alone is complete."""
    answer = spec["paths"]["/api/Chat"]["post"]["responses"]["200"]
    assert list(answer["content"]) == ["application/json", "text/event-stream"]
    events = examples(answer["content"]["text/event-stream"])
    chunks = [json.loads(event["data"]) for event in events]
    for chunk in chunks:
        assert errors(spec, {"$ref": "#/components/schemas/StreamingChunk"}, chunk) == []
    assert [event["id"] for event in events] == [f"msg_01:{number}" for number in range(1, len(events) + 1)]
    assert [chunk["is_complete"] for chunk in chunks] == [False] * (len(events) - 1) + [True]
    whole = answer["content"]["application/json"]["example"]["message_content"]
    assert "".join(chunk["content"] or "" for chunk in chunks) == whole


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ChatRequest", {"query": ""}),
        ("ChatRequest", {"query": "x" * 32769}),
        ("ChatRequest", {"query": "x", "response_type": "Poem"}),
        ("StreamingChatRequest", {"query": "x", "stream": "yes"}),
        ("SensitiveChatRequest", {"query": "x", "chat_history": [{"role": "nobody", "content": "x"}]}),
        ("ConversationRating", {"conversation_id": "conv_01", "rating": 6}),
        ("ConversationRequest", {"title": "x" * 201}),
        ("MessageSearch", {"search_text": "x", "page_size": 101}),
        ("DocumentSearch", {"page": 0}),
        ("CitationSource", {"id": "src_01", "title": "x", "relevance_score": 2, "url": None, "content_excerpt": None}),
        ("Session", {"session_id": "s", "token": "t", "user_id": "u", "expires_at": "tomorrow"}),
    ],
)
def test_limits_hold(spec: dict[str, Any], name: str, value: dict[str, Any]) -> None:
    """The limits of the contract are in the schemas, and the validator that these tests rely on sees them."""
    assert errors(spec, {"$ref": f"#/components/schemas/{name}"}, value) != []


@pytest.mark.parametrize(
    ("name", "field"), [("Conversation", "status"), ("Message", "role"), ("DocumentCategory", "document_category_type")]
)
def test_new_values_in_answers_are_no_errors(spec: dict[str, Any], name: str, field: str) -> None:
    """A value that a newer server has added to an enumeration, and a field that it has added, are accepted."""
    schema = spec["components"]["schemas"][name]
    assert errors(spec, schema, {**schema["examples"][0], field: "brand new", "new_field": 1}) == []


@pytest.mark.parametrize("name", ["Session", "Conversation", "Message", "Document", "StreamingChunk", "CitationSource"])
def test_absent_means_null_in_answers(spec: dict[str, Any], name: str) -> None:
    """Every optional field of an answer may be null as well, except is_complete, which has a default."""
    schema = spec["components"]["schemas"][name]
    optional = schema["properties"].keys() - set(schema.get("required", [])) - {"is_complete"}
    assert optional
    assert errors(spec, schema, {**schema["examples"][0], **dict.fromkeys(optional)}) == []
