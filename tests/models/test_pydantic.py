"""Models as fields and responses of web frameworks: FastAPI on a real server, and pydantic by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypeVar

import httpx
import jsonschema
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError

from gpo_client import (
    ChatContext,
    ChatRequest,
    ChatResponse,
    CitationSource,
    Conversation,
    Download,
    Message,
    Page,
    Secret,
    Session,
    StreamedResponse,
    StreamingChunk,
)
from gpo_client.models import AnswerList, generated
from gpo_client.models.generated import lifted
from tests.brief.service import serving
from tests.models.conftest import MakeUp
from tests.models.examples import ANSWER, CONVERSATION, EXAMPLES, SOURCE, each_model

_STREAMED = EXAMPLES[9]
_MESSAGE = EXAMPLES[4]


_T = TypeVar("_T")
Posted = Annotated[_T, Body()]

#: What the service answers under which path, and the type that it says it has.
_ANSWERS: dict[str, tuple[Any, Any]] = {
    "answer": (ChatResponse, ANSWER),
    "sources": (list[CitationSource], [SOURCE]),
    "page": (Page[Message], Page(items=[_MESSAGE], page=1, page_size=20, total_count=1)),
    "streamed": (StreamedResponse, _STREAMED),
    "chunks": (list[StreamingChunk], [EXAMPLES[7], EXAMPLES[8]]),
    "conversation": (Conversation, CONVERSATION),
    "conversations": (AnswerList[Conversation], AnswerList([CONVERSATION])),
    "session": (Session, EXAMPLES[5]),
    "download": (Download, EXAMPLES[10]),
}


def _giving(answer: Any, kind: Any) -> Callable[[], Any]:
    def endpoint() -> Any:
        return answer

    endpoint.__annotations__["return"] = kind
    return endpoint


def create_app() -> FastAPI:
    """A service whose answers are models of this client, as they are."""
    app = FastAPI()
    for path, (kind, answer) in _ANSWERS.items():
        app.get(f"/{path}")(_giving(answer, kind))

    @app.post("/ask")
    async def ask(context: Posted[ChatContext], question: Posted[ChatRequest]) -> dict[str, Any]:
        kinds = [type(context).__name__, type(question).__name__, type(context.token).__name__]
        return {"kinds": kinds, "question": question.to_dict()}

    @app.post("/keep")
    async def keep(answer: Posted[ChatResponse]) -> ChatResponse:
        assert type(answer.sources[0]) is CitationSource
        return answer

    return app


@pytest.fixture(scope="module")
def service() -> Iterator[httpx.Client]:
    """The service, on a real server."""
    with serving(create_app()) as address, httpx.Client(base_url=f"http://{address}", trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def document(service: httpx.Client) -> dict[str, Any]:
    """Its own description."""
    told: dict[str, Any] = service.get("/openapi.json").json()
    return told


@pytest.mark.parametrize("path", _ANSWERS)
def test_what_is_served_is_what_is_documented(path: str, service: httpx.Client, document: dict[str, Any]) -> None:
    """Each answer is valid by the JSON Schema that the service gives of it."""
    response = service.get(f"/{path}")
    assert response.status_code == 200
    schema = _schema(document, path)
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(response.json())
    assert response.json(), "there is something to check"


def _schema(document: dict[str, Any], path: str) -> dict[str, Any]:
    answer = document["paths"][f"/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return {**answer, "components": document["components"]}


def test_what_is_not_documented_is_refused(document: dict[str, Any]) -> None:
    """The schemas say something: types, and which members must be there."""
    schema = _schema(document, "answer")
    good = ANSWER.to_dict()
    for wrong in (
        good | {"message_content": None},
        good | {"sources": ["x"]},
        good | {"created_at": 5},
        {name: value for name, value in good.items() if name != "message_id"},
        [good],
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_names_in_the_document(document: dict[str, Any]) -> None:
    """Are those of the models, each described once, in the words of the class."""
    schemas = document["components"]["schemas"]
    names = {"ChatResponse", "CitationSource", "Page_Message_", "StreamedResponse", "Conversation", "Metadata"}
    assert names <= set(schemas)
    assert schemas["ChatResponse"]["title"] == "ChatResponse"
    assert schemas["ChatResponse"]["description"] == "A whole answer."
    assert schemas["ChatResponse"]["properties"]["sources"]["items"] == {"$ref": "#/components/schemas/CitationSource"}
    assert schemas["ChatResponse"]["properties"]["created_at"]["anyOf"][0]["format"] == "date-time"
    assert "additional_properties" not in schemas["CitationSource"]["properties"]
    assert schemas["Conversation"]["properties"]["conversation_id"]["type"] == "string"
    assert "request_id" not in schemas["ChatResponse"]["properties"]


def test_models_as_bodies(service: httpx.Client) -> None:
    """What is posted becomes models, of which members that were left out stay left out."""
    body = {"context": {"session_id": "s", "token": "t0k3n"}, "question": {"query": "q", "mood": "good"}}
    told = service.post("/ask", json=body).json()
    assert told["kinds"] == ["ChatContext", "ChatRequest", "Secret"]
    assert (told["question"]["query"], told["question"]["mood"]) == ("q", "good")
    assert "response_type" not in told["question"]
    kept = service.post("/keep", json=ANSWER.to_dict())
    assert kept.json() == ANSWER.to_dict()


def test_bodies_that_are_refused(service: httpx.Client) -> None:
    """With 422 and the place."""
    body = {"context": {"session_id": "s", "token": 5}, "question": {"query": "q"}}
    refused = service.post("/ask", json=body)
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == ["body", "context", "token"]
    masked = service.post("/ask", json=body | {"context": {"session_id": "s", "token": "**********"}})
    assert masked.status_code == 422


@each_model
def test_each_model_is_a_type(model: Any) -> None:
    """It is taken as it is, made of a mapping and of JSON, and written as by ``to_dict``."""
    adapter: TypeAdapter[Any] = TypeAdapter(type(model))
    assert adapter.validate_python(model) == model
    assert adapter.validate_python(model.to_dict()) == model
    assert adapter.validate_json(model.to_json()) == model
    assert adapter.dump_python(model) == model.to_dict()
    assert json.loads(adapter.dump_json(model)) == model.to_dict()
    for mode in ("validation", "serialization"):
        schema = adapter.json_schema(mode=mode)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(model.to_dict(), schema)


def test_models_in_models_of_pydantic() -> None:
    """As fields, alone, in lists and optional."""

    class Kept(BaseModel):
        answer: ChatResponse
        sources: list[CitationSource] = []
        page: Page[Message] | None = None
        anything: Page[Any] | None = None
        conversation: Conversation | None = None
        token: Secret | None = None

    kept = Kept(answer=ANSWER, sources=[SOURCE], conversation=CONVERSATION, token=Secret("t0k3n"))
    assert Kept.model_validate_json(kept.model_dump_json()) == kept
    assert "t0k3n" not in repr(kept)
    assert type(kept.token) is Secret
    assert {"ChatResponse", "CitationSource", "Page_Message_"} <= set(Kept.model_json_schema()["$defs"])


def test_what_the_generator_made_is_taken() -> None:
    """An instance of the generated class becomes one of ours."""
    import gpo_core_client.models

    plain = gpo_core_client.models.Conversation.from_dict(CONVERSATION.to_dict())
    taken = TypeAdapter(Conversation).validate_python(plain)
    assert type(taken) is Conversation
    assert taken == CONVERSATION


def test_what_is_no_model() -> None:
    """Is a ValidationError of pydantic."""
    nothing: list[Any] = [5, None, [], {}, {"message_id": 5}]
    for wrong in nothing:
        with pytest.raises(ValidationError):
            TypeAdapter(ChatResponse).validate_python(wrong)
        with pytest.raises(ValidationError):
            TypeAdapter(Conversation).validate_python(wrong)


def test_a_model_that_holds_itself(made_up: MakeUp) -> None:
    """An API may have one: it is described once, and refers to itself."""
    tree = made_up("Tree", {"name": "str", "branches": "list[Tree]"})
    adapter: TypeAdapter[Any] = TypeAdapter(generated.lifted_class(tree))
    told = adapter.validate_python({"name": "a", "branches": [{"name": "b", "branches": []}]})
    assert [type(branch) for branch in told.branches] == [generated.lifted_class(tree)]
    assert adapter.json_schema()["$defs"]["Tree"]["properties"]["branches"]["items"] == {"$ref": "#/$defs/Tree"}
    plain = tree(name="x", branches=[tree(name="y", branches=[])])
    assert lifted(plain).to_dict() == {"name": "x", "branches": [{"name": "y", "branches": []}]}


def test_pydantic_is_not_imported_by_us() -> None:
    """Whoever does without it pays nothing for it."""
    code = """if True:
        import sys, pickle
        from gpo_client import CitationSource, Secret, models
        source = CitationSource(id="s", title="VAT", relevance_score=None, url=None, content_excerpt=None)
        pickle.loads(pickle.dumps(source)).to_json()
        models.ChatRequest.from_dict({"query": "q"}).to_json()
        print([name for name in sys.modules if name.startswith("pydantic")])
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
