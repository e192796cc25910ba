"""Metrics and the rows they are counted from: their response shapes."""

import msgspec

from gpo_sandbox.responses import CitationSource


class DailyCount(msgspec.Struct, kw_only=True):
    """A number of one day in UTC."""

    date: str
    count: int


class MetricTotal(msgspec.Struct, kw_only=True):
    """A number, and how it came about day by day."""

    total: int
    by_day: list[DailyCount]


class DailyAverage(msgspec.Struct, kw_only=True):
    """The average of one day in UTC."""

    date: str
    answer_count: int
    average_ms: float


class AverageResponseTime(msgspec.Struct, kw_only=True):
    """How long answers took."""

    answer_count: int
    average_ms: float | None
    minimum_ms: int | None
    maximum_ms: int | None
    by_day: list[DailyAverage]


class Opinion(msgspec.Struct, kw_only=True):
    """What users think of answers."""

    liked: int
    disliked: int
    undecided: int
    like_rate: float | None


class Resolution(msgspec.Struct, kw_only=True):
    """Whether conversations clarified what was asked."""

    resolved: int
    unresolved: int
    undecided: int
    resolved_rate: float | None


class SentimentDistribution(msgspec.Struct, kw_only=True):
    """How opinions spread from positive to negative."""

    positive: int
    neutral: int
    negative: int
    positive_rate: float | None
    neutral_rate: float | None
    negative_rate: float | None


class TopSourceDocument(msgspec.Struct, kw_only=True):
    """A document, and how often answers cite it."""

    document_id: str
    title: str
    citation_count: int
    average_relevance_score: float | None


class TotalTraffic(msgspec.Struct, kw_only=True):
    """How much was going on; the hours are those of UTC."""

    conversation_count: int
    question_count: int
    answer_count: int
    questions_by_hour: list[int]


class CountryTraffic(msgspec.Struct, kw_only=True):
    """The traffic from one country."""

    country_id: str | None
    country_name: str | None
    question_count: int
    user_count: int


class UserFeedback(msgspec.Struct, kw_only=True):
    """What a user said of an answer."""

    message_id: str
    conversation_id: str
    user_id: str
    answer: str
    liked: bool | None
    feedback: str | None
    hand_off: bool | None
    given_at: str


class RatedConversation(msgspec.Struct, kw_only=True):
    """A conversation and its rating."""

    conversation_id: str
    title: str
    user_id: str
    rating: int
    rating_comment: str | None
    rated_at: str
    message_count: int


class QuestionDetail(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A question, and its answer if there is one."""

    question_id: str
    conversation_id: str
    user_id: str
    question: str
    asked_at: str
    message_id: str | None = None
    answer: str | None = None
    answered_at: str | None = None
    response_time_ms: int | None = None
    relevance_score: float | None = None
    sources: list[CitationSource] | None = None
    liked: bool | None = None
    feedback: str | None = None
    country_id: str | None = None
    user_type: str | None = None


class SelectedQuestionColumns(msgspec.Struct, kw_only=True):
    """The columns of a user's exports."""

    columns: list[str]
