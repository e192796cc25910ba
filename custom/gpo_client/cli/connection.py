"""The client and the session of a command."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import attrs

from gpo_client.cli.console import Screen
from gpo_client.cli.options import Common
from gpo_client.client import SyncGPOCoreClient
from gpo_client.exceptions import GPOClientError, GPOConnectionError
from gpo_client.flows.observers import ResumeDetails, RetryDetails
from gpo_client.models.session import Session

# Seconds that ending the session may take: a courtesy that nobody should wait for.
_FAREWELL_S = 2.0


class Progress:
    """Tells whoever is waiting what the client is doing about a failure."""

    def __init__(self) -> None:
        #: Shows a text. Nobody does, at first.
        self.tell: Callable[[str], None] = lambda _: None

    def retrying(self, details: RetryDetails) -> None:
        """Say that a call failed and will be sent again."""
        self.tell(f"no luck ({details.reason}); trying again in {details.delay:.1f} s")

    def resuming(self, details: ResumeDetails) -> None:
        """Say that a stream broke and will be continued."""
        self.tell(f"the connection broke ({details.reason}); continuing in {details.delay:.1f} s")


@attrs.frozen
class Connection:
    """What a command talks through.

    Attributes:
        client: The client, closed by whoever opened the connection.
        session: The session, which serves as context of calls.
        progress: Where to listen for what the client does about failures.
    """

    client: SyncGPOCoreClient
    session: Session
    progress: Progress


@contextmanager
def connected(common: Common, screen: Screen) -> Generator[Connection]:
    """Open a session, and end it with the block.

    Raises:
        GPOClientError: As for any call.
    """
    config = common.settings(screen).replace(auto_renew_token=True)
    progress = Progress()
    with SyncGPOCoreClient(config, on_retry=progress.retrying, on_resume=progress.resuming) as client:
        session = None
        try:
            with screen.waiting("opening a session"):
                session = client.session(common.session_context())
            screen.hide(session.token)
            yield Connection(client, session, progress)
        except GPOConnectionError:
            session = None  # whom nothing reaches cannot be told goodbye
            raise
        finally:
            if session is not None:
                try:
                    _say_goodbye(client, session)
                except BaseException:  # a signal, which may have come before the farewell was sent
                    _say_goodbye(client, session)
                    raise


def _say_goodbye(client: SyncGPOCoreClient, session: Session) -> None:
    # Sessions that are not ended stay valid for as long as their token does.
    with suppress(GPOClientError):
        client.logout(session, timeout=_FAREWELL_S, max_retries=0)


@contextmanager
def logged(screen: Screen) -> Generator[None]:
    """Show on standard error what the client does, for ``--debug``. Logs hold ids and times, no texts or tokens."""

    class _ToScreen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            screen.log(self.format(record))

    handler = _ToScreen()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logger = logging.getLogger("gpo_client")
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
