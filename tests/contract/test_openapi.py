"""The contract is valid, complete and described in full."""

from collections.abc import Iterator
from typing import Any

from openapi_spec_validator import validate

from tests.support.contract import resolved

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
OPERATIONS = {
    ("createSession", "POST", "/api/User/session"),
    ("logout", "POST", "/api/User/logout"),
    ("startConversation", "POST", "/api/Chat/start-conversation"),
    ("chat", "POST", "/api/Chat"),
    ("chatSensitive", "POST", "/api/Chat/SensitiveDataSupport"),
    ("listConversations", "GET", "/api/Chat/history"),
    ("listClosedConversations", "GET", "/api/Chat/ClosedConversations"),
    ("listMessages", "GET", "/api/Chat/{conversation_id}/message"),
    ("deleteConversations", "DELETE", "/api/Chat"),
    ("submitFeedback", "POST", "/api/Chat/feedback"),
    ("submitHandoffFeedback", "POST", "/api/Chat/handoff-feedback"),
    ("rateConversation", "POST", "/api/Ratings"),
    ("searchMessages", "POST", "/api/Messages/search"),
    ("listDocuments", "GET", "/api/Documents"),
    ("searchDocuments", "POST", "/api/Documents/managed"),
    ("downloadDocument", "GET", "/api/Documents/{document_id}/download"),
    ("listDocumentCategories", "GET", "/api/Documents/Documentcategories"),
    ("listDocumentSolutions", "GET", "/api/Documents/Documentsolutions"),
    ("addBookmark", "POST", "/api/Bookmarks"),
    ("removeBookmark", "DELETE", "/api/Bookmarks/{conversation_id}"),
    ("searchRatings", "POST", "/api/Ratings/filter"),
    ("exportRatings", "POST", "/api/Ratings/export"),
    ("searchQuestionDetails", "POST", "/api/QuestionDetails"),
    ("exportQuestionDetails", "POST", "/api/QuestionDetails/export"),
    ("selectQuestionColumns", "POST", "/api/QuestionDetails/UserSelectedColumns"),
    ("getAverageResponseTime", "POST", "/api/AverageTimeResponse"),
    ("getOpinion", "POST", "/api/Opinion"),
    ("getResolvedRate", "POST", "/api/ResolvedRate"),
    ("getSentimentDistribution", "POST", "/api/SentimentDistributionRate"),
    ("getTopSourceDocuments", "POST", "/api/TopSourceDocuments"),
    ("getTotalConversations", "POST", "/api/TotalConversation"),
    ("getTotalEngagedUsers", "POST", "/api/TotalEngagedUsers"),
    ("getTotalQuestions", "POST", "/api/TotalQuestions"),
    ("getTotalTraffic", "POST", "/api/TotalTraffic"),
    ("getTrafficDistribution", "POST", "/api/TrafficDistributionMaps"),
    ("listUserFeedback", "POST", "/api/UserFeedbacks"),
    ("listCountries", "GET", "/api/Country"),
    ("listServiceLines", "GET", "/api/ServiceLine"),
    ("listUsers", "GET", "/api/User"),
    ("saveUsers", "POST", "/api/User"),
    ("saveDiscoverFile", "POST", "/discoverfile/save"),
}
CREATING = {"createSession", "startConversation", "chat", "chatSensitive"}
CREATING |= {"submitFeedback", "submitHandoffFeedback", "rateConversation"}
CREATING |= {"addBookmark", "selectQuestionColumns", "saveUsers", "saveDiscoverFile"}


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation."""
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method.upper(), item[method]


def parts(place: str, schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a schema and all that it is made of, as far as it wants a description of its own."""
    if "$ref" in schema:
        return  # described where it points to
    yield place, schema
    for name, part in schema.get("properties", {}).items():
        yield from parts(f"{place}.{name}", part)
    if "items" in schema:
        yield from parts(f"{place}[]", schema["items"])
    for part in schema.get("allOf", []):
        for name, inner in part.get("properties", {}).items():
            yield from parts(f"{place}.{name}", inner)


def test_is_valid(spec: dict[str, Any]) -> None:
    """It is OpenAPI 3.1 as the specification defines it."""
    assert spec["openapi"].startswith("3.1.")
    validate(spec)


def test_operations_are_those_of_the_contract(spec: dict[str, Any]) -> None:
    """No operation is missing, added, renamed or moved."""
    found = [(operation["operationId"], method, path) for path, method, operation in operations(spec)]
    assert sorted(found) == sorted(OPERATIONS)


def test_everything_is_described(spec: dict[str, Any]) -> None:
    """Operations, parameters, bodies, answers, headers, schemas and properties say what they are."""
    described: list[tuple[str, dict[str, Any]]] = [(tag["name"], tag) for tag in spec["tags"]]
    components = spec["components"]
    for kind in ("parameters", "headers", "responses", "securitySchemes"):
        described += components[kind].items()
    for name, schema in components["schemas"].items():
        described += parts(name, schema)
    for _path, _method, operation in operations(spec):
        name = operation["operationId"]
        described.append((name, operation))
        assert operation.get("summary"), name
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        answers = [resolved(spec, answer) for answer in operation["responses"].values()]
        parameters = [resolved(spec, parameter) for parameter in operation.get("parameters", [])]
        described += [(name, node) for node in [*bodies, *answers, *parameters]]
        for node in [*bodies, *answers]:
            described += [(name, resolved(spec, header)) for header in node.get("headers", {}).values()]
            for media in node.get("content", {}).values():
                described += parts(name, media["schema"])
        for parameter in parameters:
            described += parts(f"{name} {parameter['name']}", parameter["schema"])
    assert [place for place, node in described if not node.get("description")] == []


def test_errors_are_problems(spec: dict[str, Any]) -> None:
    """Every documented error is a Problem and no other media type, and every answer carries the request id."""
    for _path, _method, operation in operations(spec):
        statuses = set(operation["responses"])
        assert {"401", "429", "500", "503"} <= statuses, operation["operationId"]
        assert len(statuses & {"200", "204"}) == 1, operation["operationId"]
        for status, reference in operation["responses"].items():
            answer = resolved(spec, reference)
            assert resolved(spec, answer["headers"]["X-Request-ID"])["required"]
            if status >= "400":
                problem = {"$ref": "#/components/schemas/Problem"}
                assert {name: media["schema"] for name, media in answer["content"].items()} == {
                    "application/problem+json": problem
                }
                assert answer["content"]["application/problem+json"]["example"]["status"] == int(status)
    assert resolved(spec, spec["components"]["responses"]["TooManyRequests"]["headers"]["Retry-After"])["required"]


def test_security(spec: dict[str, Any]) -> None:
    """Only createSession falls back on the optional API key."""
    for _path, _method, operation in operations(spec):
        if operation["operationId"] == "createSession":
            assert "security" not in operation
        else:
            assert operation["security"] == [{"sessionToken": []}], operation["operationId"]
    assert spec["security"] == [{}, {"apiKey": []}]


def test_headers_of_requests(spec: dict[str, Any]) -> None:
    """All take X-Request-ID, what creates takes Idempotency-Key and may be a 409, and chat alone can be resumed."""
    for _path, _method, operation in operations(spec):
        parameters = [resolved(spec, parameter) for parameter in operation["parameters"]]
        headers = {parameter["name"] for parameter in parameters if parameter["in"] == "header"}
        name = operation["operationId"]
        assert "X-Request-ID" in headers, name
        assert ("Idempotency-Key" in headers) == ("409" in operation["responses"]) == (name in CREATING), name
        assert ("Last-Event-ID" in headers) == ("410" in operation["responses"]) == (name == "chat"), name


def test_answers_stay_open(spec: dict[str, Any]) -> None:
    """No schema forbids fields that it does not name, because a newer server may send them."""
    for name, schema in spec["components"]["schemas"].items():
        for place, part in parts(name, schema):
            assert part.get("additionalProperties", True) is True, place
            assert "unevaluatedProperties" not in part, place
