"""Metrics: each number is counted from what is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gpo_sandbox import RunningSandbox

from .conftest import Opener
from .visitor import METRICS, ROYALTIES, Visitor


def count(visitor: Visitor, metric: str, **wanted: Any) -> Any:
    """Ask for a metric."""
    return visitor.post(f"/api/{metric}", wanted).raise_for_status().json()


def from_now(**shift: float) -> str:
    """Write a time near the present one."""
    return (datetime.now(UTC) + timedelta(**shift)).isoformat()


def test_totals(ana: Visitor, ben: Visitor) -> None:
    """Conversations, questions and the users who asked them, in all and on this day."""
    for visitor in (ana, ana, ben):
        visitor.ask("What is IVA?")
    ben.start()
    ana.start()
    for metric, total in (("TotalConversation", 5), ("TotalQuestions", 3), ("TotalEngagedUsers", 2)):
        found = count(ana, metric)
        assert found["total"] == total
        assert sum(day["count"] for day in found["by_day"]) == total
        assert [day["date"] for day in found["by_day"]] == [f"{datetime.now(UTC).date()}"]
    traffic = count(ana, "TotalTraffic")
    assert (traffic["conversation_count"], traffic["question_count"], traffic["answer_count"]) == (5, 3, 3)
    assert traffic["questions_by_hour"][datetime.now(UTC).hour] == sum(traffic["questions_by_hour"]) == 3


def test_questions_with_a_text(ana: Visitor) -> None:
    """In any case, with or without accents."""
    for question in ("¿Qué es el IVA?", "What is RESICO?"):
        ana.ask(question)
    assert count(ana, "TotalQuestions", search_text="QUE ES")["total"] == 1
    assert count(ana, "TotalQuestions", search_text="nothing like it")["total"] == 0


def test_response_times(ana: Visitor) -> None:
    """Those of the answers themselves."""
    taken = [ana.ask(question)["response_time_ms"] for question in ("What is IVA?", "What is RESICO?")]
    found = count(ana, "AverageTimeResponse")
    assert (found["answer_count"], found["average_ms"]) == (2, sum(taken) / 2)
    assert (found["minimum_ms"], found["maximum_ms"]) == (min(taken), max(taken))
    assert [(day["answer_count"], day["average_ms"]) for day in found["by_day"]] == [(2, sum(taken) / 2)]


def test_opinion_and_sentiment(ana: Visitor, ben: Visitor) -> None:
    """Likes are positive, dislikes negative, ratings by their stars."""
    liked, disliked, _ = answers = [ana.ask("What is IVA?") for _ in range(3)]
    ana.post("/api/Chat/feedback", {"message_id": liked["message_id"], "like": True}).raise_for_status()
    ana.post("/api/Chat/feedback", {"message_id": disliked["message_id"], "like": False}).raise_for_status()
    assert count(ben, "Opinion") == {"liked": 1, "disliked": 1, "undecided": 1, "like_rate": 0.5}
    for answer, stars in zip(answers, (5, 3, 1), strict=True):
        body = {"conversation_id": answer["conversation_id"], "rating": stars}
        ana.post("/api/Ratings", body).raise_for_status()
    assert count(ben, "SentimentDistributionRate") == {
        "positive": 2,
        "neutral": 1,
        "negative": 2,
        "positive_rate": 0.4,
        "neutral_rate": 0.2,
        "negative_rate": 0.4,
    }


def test_resolution(ana: Visitor) -> None:
    """The last word on a hand-off counts; before there is one, a wish for a person does."""
    clarified, reopened, handed_over, _ = answers = [ana.ask("What is IVA?") for _ in range(4)]
    for answer, is_clarified in ((clarified, False), (clarified, True), (reopened, True), (reopened, False)):
        body = {"conversation_id": answer["conversation_id"], "is_clarified": is_clarified}
        ana.post("/api/Chat/handoff-feedback", body).raise_for_status()
    ana.post("/api/Chat/feedback", {"message_id": handed_over["message_id"], "hand_off": True}).raise_for_status()
    assert len(answers) == 4
    assert count(ana, "ResolvedRate") == {
        "resolved": 1,
        "unresolved": 2,
        "undecided": 1,
        "resolved_rate": pytest.approx(1 / 3),
    }


def test_cited_documents(ana: Visitor) -> None:
    """Each answer counts once for each document, however many passages it cites."""
    answers = [ana.ask(ROYALTIES) for _ in range(2)] + [ana.ask("What is RESICO?")]
    cited: dict[str, int] = {}
    for answer in answers:
        for document_id in {source["document_id"] for source in answer["sources"]}:
            cited[document_id] = cited.get(document_id, 0) + 1
    found = count(ana, "TopSourceDocuments", limit=100)
    assert {item["document_id"]: item["citation_count"] for item in found} == cited
    assert [item["citation_count"] for item in found] == sorted(cited.values(), reverse=True)
    assert count(ana, "TopSourceDocuments", limit=1) == found[:1]
    only = count(ana, "TopSourceDocuments", search_text="RESICO", limit=100)
    assert {item["document_id"] for item in only} == {source["document_id"] for source in answers[2]["sources"]}
    scores = [source["relevance_score"] for source in answers[2]["sources"] if source["document_id"] == "doc-resico"]
    resico = next(item for item in only if item["document_id"] == "doc-resico")
    assert resico["average_relevance_score"] == pytest.approx(sum(scores) / len(scores))


def test_countries_and_types_of_users(ana: Visitor, ben: Visitor) -> None:
    """What users were saved with decides where their questions come from."""
    users = [{"email": "ana@example.com", "user_id": "ana", "country_id": "MX", "user_type": "internal"}]
    ana.post("/api/User", {"users": users}).raise_for_status()
    for visitor in (ana, ana, ben):
        visitor.ask("What is IVA?")
    assert count(ana, "TrafficDistributionMaps") == [
        {"country_id": "MX", "country_name": "Mexico", "question_count": 2, "user_count": 1},
        {"country_id": None, "country_name": None, "question_count": 1, "user_count": 1},
    ]
    assert count(ana, "TotalQuestions", country_ids=["MX"])["total"] == 2
    assert count(ana, "TotalQuestions", country_ids=["BR"])["total"] == 0
    assert count(ana, "TotalConversation", user_types=["internal"])["total"] == 2
    assert count(ana, "TotalConversation", user_types=["external"])["total"] == 0
    assert count(ana, "TotalConversation", user_types=[], country_ids=[])["total"] == 3


def test_feedback(ana: Visitor, ben: Visitor) -> None:
    """What users said, the newest first, in pages."""
    for text in ("very clear", "wrong", "clear"):
        answer = ana.ask("What is IVA?")
        body = {"message_id": answer["message_id"], "feedback": text, "like": text != "wrong"}
        ana.post("/api/Chat/feedback", body).raise_for_status()
    found = count(ben, "UserFeedbacks", page_size=2)
    assert ([item["feedback"] for item in found["items"]], found["total_count"]) == (["clear", "wrong"], 3)
    assert [item["liked"] for item in found["items"]] == [True, False]
    assert {item["user_id"] for item in found["items"]} == {"ana"}
    assert count(ben, "UserFeedbacks", search_text="CLEAR")["total_count"] == 2


@pytest.mark.parametrize("metric", METRICS)
def test_windows(ana: Visitor, metric: str) -> None:
    """The beginning of a window is in it, its end is not."""
    answer = ana.ask("What is IVA?")
    ana.post("/api/Chat/feedback", {"message_id": answer["message_id"], "like": True}).raise_for_status()
    nothing = count(ana, metric, end_date=from_now(minutes=-1))
    assert count(ana, metric, start_date=from_now(minutes=1)) == nothing
    inside = count(ana, metric, start_date=from_now(minutes=-1), end_date=from_now(minutes=1))
    assert inside == count(ana, metric) != nothing


@pytest.mark.parametrize("metric", [name for name in METRICS if name != "TotalTraffic"])
def test_windows_of_speed(ana: Visitor, metric: str) -> None:
    """Nothing was answered in an hour, everything in less."""
    answer = ana.ask("What is IVA?")
    ana.post("/api/Chat/feedback", {"message_id": answer["message_id"], "like": True}).raise_for_status()
    assert count(ana, metric, max_response_time_s=3600) == count(ana, metric)
    assert count(ana, metric, min_response_time_s=3600) == count(ana, metric, end_date=from_now(minutes=-1))


@pytest.mark.parametrize("metric", METRICS)
def test_instances_are_apart(shared: RunningSandbox, visit: Opener, ana: Visitor, metric: str) -> None:
    """The same user elsewhere counts elsewhere."""
    nothing = count(ana, metric)
    elsewhere = visit(shared, "ana", instance_id=f"{ana.instance_id}-other")
    answer = elsewhere.ask("What is IVA?")
    elsewhere.post("/api/Chat/feedback", {"message_id": answer["message_id"], "like": True}).raise_for_status()
    assert count(ana, metric) == nothing != count(elsewhere, metric)
