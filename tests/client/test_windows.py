"""Windows of time, as users give them: what goes over the wire."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from gpo_client import InvalidArgumentError
from gpo_client.operations.filters import DateReader, filter_from, search_from
from tests.client.conftest import Connect, Serve
from tests.support.events import json_answer, page_of
from tests.support.question import CONTEXT

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MEXICO = timezone(timedelta(hours=-6))


def sent(window: Any = None, zone: Any = UTC, **fields: Any) -> tuple[str | None, str | None]:
    """The ends of the window as they are sent."""
    from gpo_core_client.models import MetricFilter

    body = filter_from(MetricFilter, fields, DateReader(NOW, zone, window)).to_dict()
    return body.get("start_date"), body.get("end_date")


@pytest.mark.parametrize(
    ("window", "start", "end"),
    [
        ("last month", "2026-10-01T00:00:00+00:00", "2026-11-01T00:00:00+00:00"),
        ("1 Nov 2026", "2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"),
        ("2026-11-01T12:00:00+02:00", "2026-11-01T10:00:00+00:00", "2026-11-01T10:00:00+00:00"),
        ("last 2 hours", "2026-11-22T07:30:00+00:00", "2026-11-22T09:30:00+00:00"),
        (date(2026, 11, 1), "2026-11-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00"),
        ((date(2026, 11, 1), date(2026, 11, 3)), "2026-11-01T00:00:00+00:00", "2026-11-04T00:00:00+00:00"),
        (("1 Nov 2026", None), "2026-11-01T00:00:00+00:00", None),
        ((None, "yesterday"), None, "2026-11-22T00:00:00+00:00"),
        ((datetime(2026, 11, 1, tzinfo=MEXICO), NOW), "2026-11-01T06:00:00+00:00", "2026-11-22T09:30:00+00:00"),
        ((datetime(2026, 11, 1), NOW), "2026-11-01T00:00:00+00:00", "2026-11-22T09:30:00+00:00"),  # noqa: DTZ001
    ],
)
def test_forms(window: Any, start: str | None, end: str | None) -> None:
    """A day is all of that day, a datetime that very moment, a text what it says."""
    assert sent(window) == (start, end)


def test_fields_take_the_same_forms() -> None:
    """In a request too, as a mapping or in a nested filter."""
    from gpo_core_client.models import RatingSearch

    ends = ("2026-10-01T00:00:00+00:00", "2026-11-02T00:00:00+00:00")
    assert sent(start_date="last month", end_date=date(2026, 11, 1)) == ends
    wanted = {"filter": {"start_date": "last month", "end_date": "1 Nov 2026", "country_ids": ["MX"]}}
    body = search_from(RatingSearch, wanted, DateReader(NOW, UTC)).to_dict()
    assert body["filter"] == {"start_date": ends[0], "end_date": ends[1], "country_ids": ["MX"]}
    assert wanted["filter"]["start_date"] == "last month"  # the user's own mapping stays as it was
    body = search_from(
        RatingSearch, {"filter": {"country_ids": ["MX"]}}, DateReader(NOW, UTC, "November 2026")
    ).to_dict()
    assert body["filter"] == {
        "start_date": "2026-11-01T00:00:00+00:00",
        "end_date": "2026-12-01T00:00:00+00:00",
        "country_ids": ["MX"],
    }


def test_zone_of_the_user() -> None:
    """Days begin where the user is."""
    assert sent("1 Nov 2026", MEXICO) == ("2026-11-01T06:00:00+00:00", "2026-11-02T06:00:00+00:00")
    assert sent(date(2026, 11, 1), MEXICO) == ("2026-11-01T06:00:00+00:00", "2026-11-02T06:00:00+00:00")


def test_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default the machine's, with its summer time."""
    import time

    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        summer = ("2026-06-30T22:00:00+00:00", "2026-07-01T22:00:00+00:00")
        winter = ("2025-12-31T23:00:00+00:00", "2026-01-01T23:00:00+00:00")
        assert sent("1 Jul 2026", None) == sent(date(2026, 7, 1), None) == summer
        assert sent("1 Jan 2026", None) == sent(date(2026, 1, 1), None) == winter
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"window": "the other day"}, "window"),
        ({"window": 5}, "window"),
        ({"window": ("yesterday", 5)}, "window"),
        ({"window": ("a", "b", "c")}, "window"),
        ({"window": ("today", "yesterday")}, "window"),
        ({"window": "today", "start_date": "today"}, "window"),
        ({"start_date": "the other day"}, "request.start_date"),
        ({"end_date": "31/12/2026"}, "request.end_date"),
        ({"end_date": 1e9}, "request.end_date"),
        ({"start_date": "2026-11-02", "end_date": "2026-11-01"}, "request.end_date"),
    ],
)
def test_what_cannot_be_read(arguments: dict[str, Any], field: str) -> None:
    """The error names the argument and shows what can be read."""
    with pytest.raises(InvalidArgumentError) as caught:
        sent(**arguments)
    assert caught.value.field == field
    if "the other day" in str(arguments) or "5" in str(arguments):
        assert "last month" in str(caught.value)
        assert "2026-11-01" in str(caught.value)


async def test_over_the_wire(connect_once: Connect, serve: Serve) -> None:
    """With a time zone of the user's choice; the one that does not exist is named."""
    opinion = {"liked": 0, "disliked": 0, "undecided": 0, "like_rate": None}
    server = serve(json_answer(opinion), json_answer(page_of()))
    async with connect_once(base_url=server.base_url) as client:
        await client.metrics.opinion(CONTEXT, window="1 Nov 2026", time_zone="America/Mexico_City")
        await client.ratings.search(CONTEXT, window="1 Nov 2026", time_zone="Asia/Tokyo")
        for zone in ("Mars/Olympus", "", "../etc/passwd", 5):
            with pytest.raises(InvalidArgumentError, match="America/Mexico_City") as caught:
                await client.metrics.opinion(CONTEXT, time_zone=zone)
            assert caught.value.field == "time_zone"
        with pytest.raises(InvalidArgumentError, match=r"no option 'windows'.* window, time_zone") as caught:
            await client.metrics.opinion(CONTEXT, windows="1 Nov 2026")
        assert caught.value.field == "windows"
    first, second = (json.loads(request.body) for request in server.requests)
    assert first == {"start_date": "2026-11-01T06:00:00+00:00", "end_date": "2026-11-02T06:00:00+00:00"}
    assert second["filter"] == {"start_date": "2026-10-31T15:00:00+00:00", "end_date": "2026-11-01T15:00:00+00:00"}


async def test_days_of_the_history(connect_once: Connect, serve: Serve) -> None:
    """Where the service knows days alone, words name days too."""
    server = serve(*(json_answer(page_of()) for _ in range(2)))
    async with connect_once(base_url=server.base_url) as client:
        await client.list_closed_conversations(CONTEXT, from_date="October 2026", to_date="October 2026")
        await client.search_messages(CONTEXT, {"search_text": "x", "start_date": "1 Nov 2026"})
        with pytest.raises(InvalidArgumentError, match="last month") as caught:
            await client.search_messages(CONTEXT, {"search_text": "x", "start_date": "the other day"})
    assert caught.value.field == "request.start_date"
    assert "from_date=2026-10-01&to_date=2026-10-31" in server.requests[0].target
    assert json.loads(server.requests[1].body)["start_date"] == "2026-11-01"
