"""Metrics: numbers about an instance, counted when asked for; and the countries and service lines there are."""

from typing import Any, TypeVar

import attrs
import msgspec

from gpo_sandbox.requests import MetricFilter, QuestionMetricFilter, SourceDocumentFilter, UserFeedbackSearch
from gpo_sandbox.responses import (
    AverageResponseTime,
    CountryTraffic,
    DailyAverage,
    DailyCount,
    MetricTotal,
    Opinion,
    Page,
    Resolution,
    SentimentDistribution,
    TopSourceDocument,
    TotalTraffic,
    UserFeedback,
)
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.reports import Selection, View, page_of
from gpo_sandbox.store.sessions import Caller

T = TypeVar("T")

_DAY = "strftime('%Y-%m-%d', at, 'unixepoch') AS date"
# The last word on whether a conversation was clarified counts; before any, a wish for a person does.
_CLARIFIED = (
    "coalesce((SELECT is_clarified FROM handoffs AS h WHERE h.conversation_id = begun.conversation_id"
    " ORDER BY position DESC LIMIT 1), (SELECT 0 FROM opined AS o"
    " WHERE o.conversation_id = begun.conversation_id AND o.hand_off LIMIT 1))"
)
_CITED = "json_extract(source.value, '$.document_id')"


@attrs.frozen
class Metrics:
    """What goes on in an instance, as far as the caller may see it."""

    _database: Database

    def conversations(self, caller: Caller, wanted: MetricFilter) -> MetricTotal:
        """Count the conversations that were started."""
        return self._total(Selection("begun", caller).counted(wanted), "count(*)")

    def questions(self, caller: Caller, wanted: QuestionMetricFilter) -> MetricTotal:
        """Count the questions that were asked."""
        return self._total(_questions(caller, wanted), "count(*)")

    def engaged_users(self, caller: Caller, wanted: MetricFilter) -> MetricTotal:
        """Count the different users who asked something."""
        return self._total(Selection("asked", caller).counted(wanted), "count(DISTINCT user_id)")

    def response_time(self, caller: Caller, wanted: MetricFilter) -> AverageResponseTime:
        """Tell how long answers took."""
        answered = Selection("asked", caller).counted(wanted).keep("response_time_ms IS NOT NULL")
        averages = "count(*) AS answer_count, avg(response_time_ms) AS average_ms"
        extremes = "min(response_time_ms) AS minimum_ms, max(response_time_ms) AS maximum_ms"
        (times,) = self._rows(dict[str, Any], answered, f"{averages}, {extremes}")
        days = self._rows(DailyAverage, answered, f"{_DAY}, {averages}", "GROUP BY date ORDER BY date")
        return AverageResponseTime(**times, by_day=days)

    def opinion(self, caller: Caller, wanted: MetricFilter) -> Opinion:
        """Count the answers that were liked and disliked."""
        answered = Selection("asked", caller).counted(wanted).keep("message_id IS NOT NULL")
        found = self._split(answered, "liked", "liked", "disliked", "undecided")
        return Opinion(**found, like_rate=_share(found["liked"], found["liked"], found["disliked"]))

    def resolution(self, caller: Caller, wanted: MetricFilter) -> Resolution:
        """Count the conversations that clarified what was asked, and those that did not."""
        begun = Selection("begun", caller).counted(wanted)
        found = self._split(begun, _CLARIFIED, "resolved", "unresolved", "undecided")
        return Resolution(**found, resolved_rate=_share(found["resolved"], found["resolved"], found["unresolved"]))

    def sentiment(self, caller: Caller, wanted: MetricFilter) -> SentimentDistribution:
        """Sum up likes and ratings."""
        names = ("positive", "negative", "neutral")
        likes = self._split(Selection("opined", caller).counted(wanted), "liked", *names)
        # 4 and 5 are positive, 1 and 2 negative, 3 neither.
        verdict = "CASE WHEN rating > 3 THEN 1 WHEN rating < 3 THEN 0 END"
        stars = self._split(Selection("rated", caller).counted(wanted), verdict, *names)
        # Who says nothing of an answer is not undecided about it; who gives three stars is.
        found = {name: stars[name] + (likes[name] if name != "neutral" else 0) for name in names}
        rates: dict[str, Any] = {f"{name}_rate": _share(found[name], *found.values()) for name in names}
        return SentimentDistribution(**found, **rates)

    def source_documents(self, caller: Caller, wanted: SourceDocumentFilter) -> list[TopSourceDocument]:
        """List the documents that answers cited most often."""
        cited = _questions(caller, wanted).select("message_id, sources")
        # An answer that cites several passages of a document cites it once.
        query = (
            f"SELECT {_CITED} AS document_id, max(json_extract(source.value, '$.title')) AS title,"  # nosec B608 # noqa: S608
            " count(DISTINCT message_id) AS citation_count,"
            " avg(json_extract(source.value, '$.relevance_score')) AS average_relevance_score"
            f" FROM ({cited}), json_each(sources) AS source WHERE {_CITED} IS NOT NULL"
            " GROUP BY document_id ORDER BY citation_count DESC, document_id LIMIT :most"
        )
        values = _questions(caller, wanted).values
        return self._database.rows(TopSourceDocument, query, **values, most=wanted.limit)

    def traffic(self, caller: Caller, wanted: MetricFilter) -> TotalTraffic:
        """Count conversations, questions and answers, and the questions of each hour of the day."""
        asked = Selection("asked", caller).counted(wanted)
        columns = "CAST(strftime('%H', at, 'unixepoch') AS INTEGER) AS hour, count(*) AS count"
        by_hour = {row["hour"]: row["count"] for row in self._rows(dict[str, int], asked, columns, "GROUP BY hour")}
        return TotalTraffic(
            conversation_count=self._number("begun", caller, wanted, "count(*)"),
            question_count=sum(by_hour.values()),
            answer_count=self._number("asked", caller, wanted, "count(message_id)"),
            questions_by_hour=[by_hour.get(hour, 0) for hour in range(24)],
        )

    def by_country(self, caller: Caller, wanted: MetricFilter) -> list[CountryTraffic]:
        """Count questions and users of each country."""
        columns = "country_id, count(*) AS question_count, count(DISTINCT user_id) AS user_count"
        order = "GROUP BY country_id ORDER BY question_count DESC, country_id"
        found = self._rows(dict[str, Any], Selection("asked", caller).counted(wanted), columns, order)
        return [CountryTraffic(country_name=COUNTRIES.get(row["country_id"] or ""), **row) for row in found]

    def feedback(self, caller: Caller, wanted: UserFeedbackSearch) -> Page[UserFeedback]:
        """List what users said of answers, the newest first."""
        given = Selection("opined", caller).counted(wanted).containing(wanted.search_text, "feedback")
        return page_of(self._database, UserFeedback, given, "at DESC, position DESC", wanted)

    def _total(self, selection: Selection, count: str) -> MetricTotal:
        total = self._database.number(selection.select(count), **selection.values)
        days = self._rows(DailyCount, selection, f"{_DAY}, {count} AS count", "GROUP BY date ORDER BY date")
        return MetricTotal(total=total, by_day=days)

    def _number(self, view: View, caller: Caller, wanted: MetricFilter, count: str) -> int:
        selection = Selection(view, caller).counted(wanted)
        return self._database.number(selection.select(count), **selection.values)

    def _rows(self, kind: type[T], selection: Selection, columns: str, order: str = "") -> list[T]:
        return self._database.rows(kind, f"{selection.select(columns)} {order}", **selection.values)

    def _split(self, selection: Selection, verdict: str, yes: str, no: str, neither: str) -> dict[str, Any]:
        """Count the rows in which a verdict is true, false or NULL, each by a name."""
        columns = (
            f"count(*) FILTER (WHERE ({verdict}) {value}) AS {name}"
            for name, value in ((yes, "= 1"), (no, "= 0"), (neither, "IS NULL"))
        )
        return self._rows(dict[str, Any], selection, ", ".join(columns))[0]


def _questions(caller: Caller, wanted: QuestionMetricFilter | SourceDocumentFilter) -> Selection:
    return Selection("asked", caller).counted(wanted).containing(wanted.search_text, "question")


def _share(part: int, *parts: int) -> float | None:
    return part / sum(parts) if sum(parts) else None


#: Names by code, as in ISO 3166-1: those that the documents of the sandbox deal with, and their neighbours.
COUNTRIES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "AU": "Australia", "BE": "Belgium",
    "BO": "Bolivia", "BR": "Brazil", "BZ": "Belize", "CA": "Canada", "CH": "Switzerland", "CL": "Chile", "CN": "China",
    "CO": "Colombia", "CR": "Costa Rica", "CU": "Cuba", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark",
    "DO": "Dominican Republic", "EC": "Ecuador", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom",
    "GR": "Greece", "GT": "Guatemala", "HK": "Hong Kong", "HN": "Honduras", "HU": "Hungary", "ID": "Indonesia",
    "IE": "Ireland", "IL": "Israel", "IN": "India", "IT": "Italy", "JM": "Jamaica", "JP": "Japan", "KR": "South Korea",
    "KW": "Kuwait", "LU": "Luxembourg", "LV": "Latvia", "MX": "Mexico", "NI": "Nicaragua", "NL": "Netherlands",
    "NO": "Norway", "NZ": "New Zealand", "PA": "Panama", "PE": "Peru", "PH": "Philippines", "PL": "Poland",
    "PT": "Portugal", "PY": "Paraguay", "QA": "Qatar", "RO": "Romania", "SA": "Saudi Arabia", "SE": "Sweden",
    "SG": "Singapore", "SK": "Slovakia", "SV": "El Salvador", "TR": "Türkiye", "UA": "Ukraine", "US": "United States",
    "UY": "Uruguay", "VE": "Venezuela", "ZA": "South Africa",
}  # fmt: skip

#: Names by id.
SERVICE_LINES = {
    "business-tax": "Business tax",
    "customs-trade": "Customs and trade",
    "indirect-tax": "Indirect tax",
    "international-tax": "International tax",
    "people": "People and payroll",
    "transfer-pricing": "Transfer pricing",
}


class Country(msgspec.Struct, kw_only=True):
    """A country."""

    country_id: str
    name: str


class ServiceLine(msgspec.Struct, kw_only=True):
    """A line of services."""

    service_line_id: str
    name: str


def countries() -> list[Country]:
    """List the countries, sorted by name."""
    return sorted((Country(country_id=code, name=name) for code, name in COUNTRIES.items()), key=lambda it: it.name)


def service_lines() -> list[ServiceLine]:
    """List the service lines, sorted by name."""
    found = (ServiceLine(service_line_id=key, name=name) for key, name in SERVICE_LINES.items())
    return sorted(found, key=lambda it: it.name)
