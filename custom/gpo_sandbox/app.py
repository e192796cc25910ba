"""The application: which operation is served where."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gpo_sandbox.decoding import Endpoint
from gpo_sandbox.endpoints import chat, reports, resources
from gpo_sandbox.hosts import AddressGuard
from gpo_sandbox.injection import FAULT_HEADER
from gpo_sandbox.middleware import RequestBoundary
from gpo_sandbox.sandbox import Sandbox, sandbox_of
from gpo_sandbox.settings import SandboxSettings

#: The endpoint of each operation, by path and method.
OPERATIONS: dict[str, dict[str, Endpoint]] = {
    "/api/User/session": {"POST": resources.create_session},
    "/api/User/logout": {"POST": resources.logout},
    "/api/Chat/start-conversation": {"POST": resources.start_conversation},
    "/api/Chat": {"POST": chat.chat, "DELETE": resources.delete_conversations},
    "/api/Chat/SensitiveDataSupport": {"POST": chat.chat_sensitive},
    "/api/Chat/history": {"GET": resources.list_conversations},
    "/api/Chat/ClosedConversations": {"GET": resources.list_closed_conversations},
    "/api/Chat/{conversation_id}/message": {"GET": resources.list_messages},
    "/api/Chat/feedback": {"POST": resources.submit_feedback},
    "/api/Chat/handoff-feedback": {"POST": resources.submit_handoff_feedback},
    "/api/Ratings": {"POST": resources.rate_conversation},
    "/api/Messages/search": {"POST": resources.search_messages},
    "/api/Documents": {"GET": resources.list_documents},
    "/api/Documents/managed": {"POST": resources.search_documents},
    "/api/Documents/Documentcategories": {"GET": resources.list_document_categories},
    "/api/Documents/Documentsolutions": {"GET": resources.list_document_solutions},
    "/api/Documents/{document_id}/download": {"GET": resources.download_document},
    "/api/Bookmarks": {"POST": resources.add_bookmark},
    "/api/Bookmarks/{conversation_id}": {"DELETE": resources.remove_bookmark},
    "/api/Ratings/filter": {"POST": reports.search_ratings},
    "/api/Ratings/export": {"POST": reports.export_ratings},
    "/api/QuestionDetails": {"POST": reports.search_question_details},
    "/api/QuestionDetails/export": {"POST": reports.export_question_details},
    "/api/QuestionDetails/UserSelectedColumns": {"POST": reports.select_question_columns},
    "/api/AverageTimeResponse": {"POST": reports.get_average_response_time},
    "/api/Opinion": {"POST": reports.get_opinion},
    "/api/ResolvedRate": {"POST": reports.get_resolved_rate},
    "/api/SentimentDistributionRate": {"POST": reports.get_sentiment_distribution},
    "/api/TopSourceDocuments": {"POST": reports.get_top_source_documents},
    "/api/TotalConversation": {"POST": reports.get_total_conversations},
    "/api/TotalEngagedUsers": {"POST": reports.get_total_engaged_users},
    "/api/TotalQuestions": {"POST": reports.get_total_questions},
    "/api/TotalTraffic": {"POST": reports.get_total_traffic},
    "/api/TrafficDistributionMaps": {"POST": reports.get_traffic_distribution},
    "/api/UserFeedbacks": {"POST": reports.list_user_feedback},
    "/api/Country": {"GET": resources.list_countries},
    "/api/ServiceLine": {"GET": resources.list_service_lines},
    "/api/User": {"GET": resources.list_users, "POST": resources.save_users},
    "/discoverfile/save": {"POST": resources.save_discover_file},
}
# These look for faults themselves, because theirs may be faults of the stream.
_MAY_STREAM = {"/api/Chat", "/api/Chat/SensitiveDataSupport"}


def create_app(settings: SandboxSettings | None = None) -> Starlette:
    """Make the sandbox as an ASGI application, for servers of your own; its lifespan must be run.

    Args:
        settings: Settings of the sandbox; `host` and `port` are the server's business. Defaults when not given.

    Raises:
        SettingsError: The database or the documents cannot be used.
    """
    sandbox = Sandbox.open(settings or SandboxSettings())

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await sandbox.close()

    app = Starlette(
        routes=[_route(path, by_method) for path, by_method in OPERATIONS.items()],
        middleware=[Middleware(RequestBoundary), Middleware(AddressGuard, allowed=sandbox.settings.further_hosts)],
        exception_handlers={HTTPException: _pass_on},
        lifespan=lifespan,
    )
    # A path with a slash too many is unknown: a redirect would have neither request id nor problem.
    app.router.redirect_slashes = False
    app.state.sandbox = sandbox
    return app


def _route(path: str, by_method: dict[str, Endpoint]) -> Route:
    """Make one route for a path with all its methods, so that a 405 can say which there are."""

    async def serve(request: Request) -> Response:
        if path not in _MAY_STREAM or request.method == "DELETE":
            _refuse_on_request(request)
        # Starlette offers HEAD wherever there is GET.
        return await by_method["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, serve, methods=list(by_method))


def _refuse_on_request(request: Request) -> None:
    # A client sends the same ids with every retry of a call.
    call = request.headers.get("Idempotency-Key") or request.headers.get("X-Request-ID")
    sandbox_of(request).faults.refuse(request.headers.get(FAULT_HEADER), request.headers.get("Authorization", ""), call)


async def _pass_on(_: Request, error: Exception) -> Response:
    # Starlette would answer in plain text; the boundary makes it a problem.
    raise error
