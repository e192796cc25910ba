"""Users, and what belongs to them: bookmarks, and where their instance files documents."""

from typing import Any

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import Visitor


def save(visitor: Visitor, *users: dict[str, Any]) -> list[dict[str, Any]]:
    """Save users."""
    saved: list[dict[str, Any]] = visitor.post("/api/User", {"users": users}).raise_for_status().json()
    return saved


def ids(visitor: Visitor, **query: Any) -> list[str]:
    """Return the ids of the users found."""
    return [user["user_id"] for user in visitor.get("/api/User", **query).raise_for_status().json()["items"]]


def test_who_opened_a_session_is_a_user(ana: Visitor, ben: Visitor) -> None:
    """With what is known of them."""
    ana_, _ben = ben.get("/api/User").raise_for_status().json()["items"]
    assert (ana_["user_id"], ana_["email"], ana_["is_active"], ana_["role_codes"]) == ("ana", None, True, ["ADMIN"])
    assert ana_["last_seen_at"] >= ana_["created_at"]
    assert ana.session.get("display_name") is None


def test_saving(ana: Visitor) -> None:
    """New users are added; what is left out of later requests stays as it was."""
    (new,) = save(ana, {"email": "eva@example.com", "role_codes": ["ADMIN"], "display_name": "Eva"})
    assert (new["user_id"], new["is_active"], new["last_seen_at"]) == ("eva@example.com", True, None)
    (changed,) = save(ana, {"email": "eva@example.com", "is_active": False, "country_id": "MX"})
    assert changed == {**new, "is_active": False, "country_id": "MX"}
    (known,) = save(ana, {"email": "ana@example.com", "user_id": "ana", "display_name": "Ana"})
    assert known["last_seen_at"]
    ana.renew()
    assert ana.session["display_name"] == "Ana"


def test_all_or_none(ana: Visitor) -> None:
    """An address or an id of somebody else is a conflict, and nothing of the request is done."""
    save(ana, {"email": "ana@example.com", "user_id": "ana"})
    for entry in ({"email": "ana@example.com", "user_id": "eva"}, {"email": "eva@example.com", "user_id": "ana"}):
        response = ana.post("/api/User", {"users": [{"email": "new@example.com"}, entry]})
        assert (response.status_code, response.json()["code"]) == (409, "user_conflict")
    assert ids(ana) == ["ana"]


def test_finding(ana: Visitor, ben: Visitor) -> None:
    """By role, activity and text, sorted by what is asked for."""
    save(
        ben,
        {"email": "c@example.com", "user_id": "cid", "role_codes": ["ADMIN", "USER"], "display_name": "Åsa"},
        {"email": "b@example.com", "user_id": "ben", "role_codes": ["USER"]},
        {"email": "d@example.com", "user_id": "dan", "is_active": False},
    )
    assert ids(ana) == ["ana", "ben", "cid", "dan"]
    assert ids(ana, role_codes="ADMIN") == ["ana", "cid"]
    assert ids(ana, role_codes=["ADMIN", "USER"]) == ["ana", "ben", "cid"]
    assert ids(ana, is_active=False) == ["dan"]
    assert ids(ana, search_text="ASA") == ["cid"]
    assert ids(ana, search_text="example.com", sort_column="email", sort_order="Descending") == ["dan", "cid", "ben"]
    assert ids(ana, page=2, page_size=3) == ["dan"]


def test_users_who_are_not_active(shared: RunningSandbox, visit: Opener, ana: Visitor) -> None:
    """They cannot open a session, until they are active again."""
    save(ana, {"email": "ben@example.com", "user_id": "ben", "is_active": False})
    body = {"instance_id": ana.instance_id, "user_id": "ben"}
    response = ana.post("/api/User/session", body)
    assert (response.status_code, response.json()["code"], response.json()["field"]) == (
        403,
        "permission_denied",
        "user_id",
    )
    save(ana, {"email": "ben@example.com", "is_active": True})
    assert visit(shared, "ben", instance_id=ana.instance_id).session["user_id"] == "ben"


def test_bookmarks(ana: Visitor, ben: Visitor) -> None:
    """They show in lists of conversations, and come and go as often as one likes."""
    conversation_id = ana.start()

    def bookmarked() -> Any:
        return ana.get("/api/Chat/history").json()["items"][0]["is_bookmarked"]

    assert bookmarked() is False
    for _ in range(2):
        assert ana.post("/api/Bookmarks", {"conversation_id": conversation_id}).status_code == 204
        assert bookmarked() is True
    assert ben.post("/api/Bookmarks", {"conversation_id": conversation_id}).status_code == 404
    assert ben.http.delete(f"/api/Bookmarks/{conversation_id}").status_code == 404
    for _ in range(2):
        assert ana.http.delete(f"/api/Bookmarks/{conversation_id}").status_code == 204
        assert bookmarked() is False


def test_filing(ana: Visitor, visitor: Visitor) -> None:
    """A file goes under the categories of the instance; elsewhere it stays where it was."""
    before = visitor.post("/api/Documents/managed", {"search_text": "resico.md"}).json()["items"]
    body = {"file_name": "resico.md", "category_name": "Ours", "solution_name": "Desk"}
    document = ana.post("/discoverfile/save", body).raise_for_status().json()
    assert document == {**before[0], "category": "Ours", "solution": "Desk"}
    assert ana.post("/api/Documents/managed", {"search_text": "resico.md"}).json()["items"] == [document]
    assert "Ours" in {item["name"] for item in ana.get("/api/Documents/Documentcategories").json()}
    assert "Desk" in {item["name"] for item in ana.get("/api/Documents/Documentsolutions").json()}
    hidden = (
        ana.post("/discoverfile/save", {"file_name": "resico.md", "is_discover_file": False}).raise_for_status().json()
    )
    assert hidden == document
    assert ana.post("/api/Documents/managed", {"search_text": "resico.md"}).json()["items"] == []
    assert ana.get(f"/api/Documents/{document['document_id']}/download").status_code == 200
    assert visitor.post("/api/Documents/managed", {"search_text": "resico.md"}).json()["items"] == before
