"""``gpo doctor``: what works between here and the service, and what to do about what does not."""

from __future__ import annotations

import platform
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from typing import Any

from gpo_client.cli.console import Screen
from gpo_client.cli.doctor.network import Finding, examine_network, failed, ok, skipped
from gpo_client.cli.exit_codes import CommandError, ExitCode, exit_code, line_of, with_option
from gpo_client.cli.options import FAREWELL_S, Common, OnScreen, Switch, say_goodbye
from gpo_client.cli.rows import local_time
from gpo_client.client import SyncGPOCoreClient
from gpo_client.client.proxies import route_of
from gpo_client.config import GPOConfig
from gpo_client.exceptions import ConfigurationError, GPOClientError
from gpo_client.models.session import Session
from gpo_client.version import VERSION

__all__ = ["doctor"]


def doctor(
    *, question: str = "What can you help me with?", json: Switch = False, common: Common = Common(), screen: OnScreen
) -> int:
    """Check the connection step by step and say what to fix.

    It opens a session and asks a question in a conversation of its own, and deletes that conversation again.

    Args:
        question: What to ask.
        json: Print each finding as a JSON object on a line of its own.
    """
    codes: list[ExitCode] = []
    for finding in _examine(common, screen, question):
        codes.append(finding.code)
        if json:
            screen.write_json(finding.to_dict())
        else:
            screen.show(finding.line())
    return next((code for code in codes if code), ExitCode.OK)


def _examine(common: Common, screen: Screen, question: str) -> Iterator[Finding]:
    yield ok("version", f"gpo-client {VERSION}, Python {platform.python_version()}, {platform.system()}")
    try:
        config, identity = common.settings(screen), common.session_context()
    except (ConfigurationError, CommandError) as error:
        yield failed("settings", line_of(error), "gpo config show shows where settings come from", exit_code(error))
        return
    where = with_option(f"{config.base_url} (from {config.origin('base_url')})", "base_url")
    yield ok("settings", f"{where}; {route_of(config)}")
    reached = yield from examine_network(config)
    if reached:
        yield from _examine_service(config, identity, question, screen)
    else:
        for check in ("session", "first chunk"):
            yield skipped(check, "the service was not reached")


def _examine_service(
    config: GPOConfig, identity: Mapping[str, Any], question: str, screen: Screen
) -> Generator[Finding, None, bool]:
    """Open a session and ask; the result is whether both worked. What it makes at the service, it deletes again."""
    # Once, without retries: a doctor tells of the first failure.
    with SyncGPOCoreClient(config.replace(max_retries=0)) as client:
        try:
            session = client.session(identity)
        except GPOClientError as error:
            yield _failure("session", error)
            return False
        screen.hide(session.token)
        yield ok(
            "session", f"open for {identity['user_id']}; its token is valid until {local_time(session.expires_at)}"
        )
        try:
            finding = _ask(client, session, question)
        finally:
            say_goodbye(client, session)
        yield finding
        return not finding.code


def _ask(client: SyncGPOCoreClient, session: Session, question: str) -> Finding:
    try:
        conversation_id = client.start_conversation(session, {"title": "gpo doctor"}).conversation_id
        try:
            answer = client.chat_stream(session.chat_context(conversation_id), {"query": question}).collect()
        finally:
            with suppress(GPOClientError):
                client.delete_conversations(session, [conversation_id], timeout=FAREWELL_S)
    except GPOClientError as error:
        return _failure("first chunk", error)
    first, last = answer.time_to_first_chunk or 0.0, answer.duration or 0.0
    return ok("first chunk", f"after {first:.2f} s; the whole answer after {last:.2f} s in {answer.chunk_count} chunks")


def _failure(check: str, error: GPOClientError) -> Finding:
    code = exit_code(error)
    remedies = {
        ExitCode.AUTH: "log in with gpo login, or put a valid key into GPO_API_API_KEY or a file for --api-key-file",
        ExitCode.CONNECTION: "is this address a GPO service? Does something between here and there cut connections?",
        ExitCode.USAGE: "correct the option or the variable",
    }
    return failed(check, line_of(error), remedies.get(code, "report it to the operators of the service"), code)
