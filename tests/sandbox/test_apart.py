"""Users are kept apart: in lists, reports, exports and metrics, and the same user id in two instances is two users."""

import json
from typing import Any

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import METRICS, Visitor

MARK = "quetzal"
COUNTS = [name for name in METRICS if name != "UserFeedbacks"]
REPORTS = ["Ratings/filter", "Ratings/export", "QuestionDetails", "QuestionDetails/export", "UserFeedbacks"]


@pytest.fixture
def eva(shared: RunningSandbox, visit: Opener, instance: str) -> Visitor:
    """A user of ana's instance who is no administrator."""
    return visit(shared, "eva", instance_id=instance)


@pytest.fixture
def told(ana: Visitor) -> dict[str, Any]:
    """Everything that a user can leave behind: a question, its answer, feedback, a rating, a bookmark."""
    answer = ana.ask(f"What is RESICO? {MARK}")
    conversation_id = answer["conversation_id"]
    given = {"message_id": answer["message_id"], "like": True, "feedback": MARK}
    ana.post("/api/Chat/feedback", given).raise_for_status()
    ana.post("/api/Ratings", {"conversation_id": conversation_id, "rating": 1, "rating_comment": MARK})
    ana.post("/api/Bookmarks", {"conversation_id": conversation_id}).raise_for_status()
    return answer


def report(visitor: Visitor, name: str) -> Any:
    """Ask for everything that there is."""
    response = visitor.post(f"/api/{name}", {}).raise_for_status()
    return response.text if name.endswith("export") else response.json()


@pytest.mark.parametrize("name", REPORTS)
def test_reports(name: str, told: dict[str, Any], ana: Visitor, ben: Visitor, eva: Visitor) -> None:
    """Rows of others are for administrators alone."""
    assert MARK in json.dumps(report(ana, name))
    assert report(ben, name) == report(ana, name)
    seen = json.dumps(report(eva, name))
    assert not any(secret in seen for secret in (MARK, told["conversation_id"], told["message_id"]))
    assert '"ana"' not in seen


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.usefixtures("told")
def test_metrics(name: str, ana: Visitor, eva: Visitor, visit: Opener, shared: RunningSandbox) -> None:
    """Numbers too: what somebody has done counts for themselves, and for administrators."""
    nothing = report(visit(shared, "eva"), name)
    assert report(eva, name) == nothing != report(ana, name)


@pytest.mark.usefixtures("told")
def test_numbers_are_no_oracle(ana: Visitor, eva: Visitor) -> None:
    """Nor can others' questions be guessed word by word."""
    for name in ("TotalQuestions", "TopSourceDocuments"):
        assert eva.post(f"/api/{name}", {"search_text": MARK}).json() == eva.post(f"/api/{name}", {"limit": 1}).json()
        assert ana.post(f"/api/{name}", {"search_text": MARK}).json() not in ([], {"total": 0, "by_day": []})


def test_own_rows(eva: Visitor, told: dict[str, Any]) -> None:
    """Everybody's own are there, as ever."""
    mine = eva.ask("What is IVA?")
    assert [row["message_id"] for row in report(eva, "QuestionDetails")["items"]] == [mine["message_id"]]
    assert report(eva, "TotalQuestions")["total"] == 1


def test_users(ana: Visitor, eva: Visitor) -> None:
    """Who is no administrator sees themselves, and changes nobody else; roles are given by administrators."""
    assert {user["user_id"] for user in ana.get("/api/User").json()["items"]} == {"ana", "eva"}
    assert [user["user_id"] for user in eva.get("/api/User", search_text="a").json()["items"]] == ["eva"]
    for entry in (
        {"email": "eva@example.com", "user_id": "eva", "role_codes": ["ADMIN"]},
        {"email": "eva@example.com", "user_id": "ana"},
        {"email": "new@example.com", "role_codes": ["USER"]},
        {"email": "new@example.com", "is_active": False},
        {"email": "eva@example.com", "is_active": False},
    ):
        response = eva.post("/api/User", {"users": [entry]})
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert ana.get("/api/User", search_text="example.com").json()["items"] == []


def test_users_who_are_new(ana: Visitor, ben: Visitor, eva: Visitor) -> None:
    """Anybody adds them, once or again; who is there already is told of to nobody, not even by a conflict."""
    new = {"email": "new@example.com", "display_name": "Neu"}
    first = eva.post("/api/User", {"users": [new]}).raise_for_status().json()
    assert eva.post("/api/User", {"users": [new]}).json() == first
    known = {"email": "ben@example.com", "user_id": "ben", "display_name": "Ben"}
    ana.post("/api/User", {"users": [known]}).raise_for_status()
    for entry in (
        {**new, "display_name": "Other"}, {"email": "new@example.com"}, {**new, "country_id": "MX"},
        {"email": "ben@example.com"}, known, {"email": "x@example.com", "user_id": "ben"},
        {"email": "ben@example.com", "user_id": "eva"}, {"email": "new@example.com", "user_id": "x"},
    ):  # fmt: skip
        response = eva.post("/api/User", {"users": [entry]})
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied"), entry
    own = {"email": "eva@example.com", "user_id": "eva", "display_name": "Eva"}
    assert eva.post("/api/User", {"users": [own]}).raise_for_status().json()[0]["display_name"] == "Eva"


def test_administrators_make_others(ana: Visitor, eva: Visitor, told: dict[str, Any]) -> None:
    """The role takes effect at once, and so does its end."""
    entry = {"email": "eva@example.com", "user_id": "eva"}
    ana.post("/api/User", {"users": [{**entry, "role_codes": ["ADMIN"]}]}).raise_for_status()
    assert MARK in json.dumps(report(eva, "QuestionDetails"))
    ana.post("/api/User", {"users": [{**entry, "role_codes": []}]}).raise_for_status()
    assert report(eva, "QuestionDetails")["items"] == []


def _calls(told: dict[str, Any], session_id: str) -> list[tuple[str, str, Any]]:
    conversation_id, message_id = told["conversation_id"], told["message_id"]
    return [
        ("GET", f"/api/Chat/{conversation_id}/message", None),
        ("POST", "/api/Chat", {"query": "continue", "conversation_id": conversation_id}),
        ("POST", "/api/Chat", {"query": "continue", "conversation_id": conversation_id, "stream": True}),
        ("POST", "/api/Chat/SensitiveDataSupport", {"query": "continue", "conversation_id": conversation_id}),
        ("POST", "/api/Chat/feedback", {"message_id": message_id, "like": False}),
        ("POST", "/api/Chat/handoff-feedback", {"conversation_id": conversation_id, "is_clarified": True}),
        ("POST", "/api/Ratings", {"conversation_id": conversation_id, "rating": 5}),
        ("POST", "/api/Bookmarks", {"conversation_id": conversation_id}),
        ("DELETE", f"/api/Bookmarks/{conversation_id}", None),
        ("POST", "/api/Chat/start-conversation", {"session_id": session_id}),
    ]


def test_the_same_user_elsewhere(shared: RunningSandbox, visit: Opener, ana: Visitor, told: dict[str, Any]) -> None:
    """Another instance is another tenant, where even an administrator of the same name finds nothing."""
    twin = visit(shared, "ana", instance_id=f"{ana.instance_id}-2")
    for method, path, body in _calls(told, ana.session["session_id"]):
        assert twin.http.request(method, path, json=body).status_code in (403, 404), path
    twin.http.request("DELETE", "/api/Chat", json=[told["conversation_id"]]).raise_for_status()
    assert twin.get("/api/Chat/history").json()["items"] == []
    assert twin.post("/api/Messages/search", {"search_text": MARK}).json()["items"] == []
    for name in REPORTS:
        assert MARK not in json.dumps(report(twin, name))
    assert len(ana.messages(told["conversation_id"])) == 2


@pytest.mark.parametrize("between", [":", "", '","'])
def test_ids_that_look_alike(shared: RunningSandbox, visit: Opener, between: str) -> None:
    """Keys and choices belong to a user of an instance, whatever characters are in the two ids."""
    one = visit(shared, f"b{between}c", instance_id="a")
    other = visit(shared, "c", instance_id=f"a{between}b")
    assert one.ask("What is IVA?", key="k")["message_id"] != other.ask("What is IVA?", key="k")["message_id"]
    twin = visit(shared, f"b{between}c", instance_id="a2")
    assert one.ask("What is IVA?", key="k")["message_id"] != twin.ask("What is IVA?", key="k")["message_id"]
    one.post("/api/QuestionDetails/UserSelectedColumns", {"columns": ["question"]}).raise_for_status()
    assert len(twin.post("/api/QuestionDetails/UserSelectedColumns", {}).json()["columns"]) > 1


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A", "=HYPERLINK(0)"]
)
def test_no_text_is_a_formula(ana: Visitor, text: str) -> None:
    """In exports, which people open with spreadsheets; what is no text stays as it is."""
    conversation_id = ana.start(text)
    ana.post("/api/Ratings", {"conversation_id": conversation_id, "rating": 2, "rating_comment": text})
    written = report(ana, "Ratings/export")
    assert f"'{text}" in written
    assert f",{text}" not in written
    assert f'"{text}' not in written
    assert ",2," in written
    assert report(ana, "Ratings/filter")["items"][0]["rating_comment"] == text
