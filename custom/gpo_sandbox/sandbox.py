"""Everything that one sandbox consists of, put together once and handed to the endpoints."""

from collections.abc import Callable

import attrs
from starlette.requests import Request

from gpo_sandbox.generations import Generations
from gpo_sandbox.injection import Faults
from gpo_sandbox.knowledge.corpus import DocumentFilings
from gpo_sandbox.knowledge.library import Library
from gpo_sandbox.settings import SandboxSettings, SettingsError
from gpo_sandbox.store.answers import Answers
from gpo_sandbox.store.conversations import Bookmarks, Conversations
from gpo_sandbox.store.database import Database
from gpo_sandbox.store.messages import Messages, Opinions
from gpo_sandbox.store.metrics import Metrics
from gpo_sandbox.store.outcomes import Outcomes
from gpo_sandbox.store.reports import Questions, Ratings
from gpo_sandbox.store.sessions import Caller, Sessions, Visitors
from gpo_sandbox.store.users import Users


@attrs.frozen
class Sandbox:
    """The parts of one sandbox."""

    settings: SandboxSettings
    library: Library
    database: Database
    sessions: Sessions
    conversations: Conversations
    messages: Messages
    opinions: Opinions
    bookmarks: Bookmarks
    filings: DocumentFilings
    users: Users
    ratings: Ratings
    questions: Questions
    metrics: Metrics
    outcomes: Outcomes
    answers: Answers
    generations: Generations
    faults: Faults
    visitors: Visitors

    @classmethod
    def open(cls, settings: SandboxSettings) -> "Sandbox":
        """Read the documents and open the database. Raises SettingsError if one of them cannot be used."""
        library = Library(settings.corpus)
        try:
            database = Database(settings.db)
        except SettingsError:
            library.close()
            raise
        messages = Messages(database)
        answers = Answers(database, messages, settings.stream_retention_s)
        return cls(
            settings=settings,
            library=library,
            database=database,
            sessions=Sessions(database, settings.token_ttl_s),
            conversations=Conversations(database),
            messages=messages,
            opinions=Opinions(database),
            bookmarks=Bookmarks(database),
            filings=DocumentFilings(database),
            users=Users(database, settings.admin_ids),
            ratings=Ratings(database),
            questions=Questions(database),
            metrics=Metrics(database),
            outcomes=Outcomes(database),
            answers=answers,
            generations=Generations(
                answers, settings.chunk_delay_s, settings.heartbeat_interval_s, settings.resume_grace_s
            ),
            faults=Faults.of(settings.fault, on_request=settings.faults),
            visitors=Visitors(database),
        )

    def once(self, caller: Caller | None, key: str | None, request: object, act: Callable[[], bytes]) -> bytes:
        """Act on a request in one transaction, or return the outcome that the same request had before.

        The Idempotency-Key belongs to the user (None: whoever opens a session) rather than the token, so that a request
        can be repeated after its token was renewed. `request` is everything that the outcome depends on. Raises
        Problem: the key was used for another request.
        """
        with self.database.transaction():
            outcome = None if key is None else self.recall(caller, key, request)
            if outcome is None:
                outcome = act()
                if key is not None:
                    self.outcomes.remember(_scope(caller), key, request, outcome)
        return outcome

    def recall(self, caller: Caller | None, key: str, request: object) -> bytes | None:
        """Return the outcome that a request with this key had before, if there was one; see `once`."""
        return self.outcomes.recall(_scope(caller), key, request)

    async def close(self) -> None:
        """End all streams and close what was opened."""
        await self.generations.close()
        self.library.close()
        self.database.close()


def sandbox_of(request: Request) -> Sandbox:
    """Return the sandbox that serves a request."""
    sandbox: Sandbox = request.app.state.sandbox
    return sandbox


def _scope(caller: Caller | None) -> str:
    return caller.scope if caller else "nobody"
