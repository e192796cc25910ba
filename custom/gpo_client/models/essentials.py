"""The table of what each answer is, as against what it only tells besides."""

from __future__ import annotations

#: By the name of the schema, the members without which there is no answer: its text, its ids, its token, its end.
#: They are read strictly. Any other member that is odd reads as None; its raw value is kept in
#: ``additional_properties``. Of a schema that is not listed here the required members are essential.
ESSENTIAL: dict[str, frozenset[str]] = {
    "Page": frozenset({"items"}),
    "Session": frozenset({"session_id", "token"}),
    "Conversation": frozenset({"conversation_id"}),
    "ConversationSummary": frozenset({"conversation_id"}),
    "ChatResponse": frozenset({"message_id", "conversation_id", "message_content"}),
    "SensitiveChatResponse": frozenset({"message_id", "conversation_id", "message_content"}),
    "StreamingChunk": frozenset({"content", "is_complete"}),
    # A source is never worth its answer.
    "CitationSource": frozenset(),
    "Message": frozenset({"message_id", "conversation_id", "content"}),
    "Document": frozenset({"document_id"}),
    "DocumentCategory": frozenset({"category_id"}),
    "DocumentSolution": frozenset({"solution_id"}),
    "RatedConversation": frozenset({"conversation_id"}),
    "QuestionDetail": frozenset({"question_id", "conversation_id", "question"}),
    "UserFeedback": frozenset({"message_id", "conversation_id"}),
    "Bookmark": frozenset({"conversation_id"}),
    "User": frozenset({"user_id"}),
    "Country": frozenset({"country_id"}),
    "ServiceLine": frozenset({"service_line_id"}),
    "TopSourceDocument": frozenset({"document_id"}),
    "SelectedQuestionColumns": frozenset({"columns"}),
    # Figures: one that cannot be read is not known, and takes no other with it.
    **dict.fromkeys(
        (
            "AverageResponseTime",
            "CountryTraffic",
            "DailyAverage",
            "DailyCount",
            "MetricTotal",
            "Opinion",
            "Resolution",
            "SentimentDistribution",
            "TotalTraffic",
        ),
        frozenset[str](),
    ),
}
