"""``gpo doctor``: what works between here and the service, and what to do about what does not."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from gpo_client.cli.console import Screen
from gpo_client.cli.doctor.finding import Finding, failed, ok, skipped
from gpo_client.cli.doctor.network import examine_network
from gpo_client.cli.doctor.service import examine_service
from gpo_client.cli.exit_codes import CommandError, ExitCode, exit_code, line_of, with_option
from gpo_client.cli.options import Common, OnScreen, Switch
from gpo_client.client.proxies import route_of
from gpo_client.exceptions import ConfigurationError
from gpo_client.version import VERSION

__all__ = ["doctor"]


def doctor(
    *,
    question: str = "What can you help me with?",
    json: Switch = False,
    common: Common = Common(),  # noqa: B008 - immutable
    screen: OnScreen,
) -> int:
    """Check the connection step by step and say what to fix.

    It opens a session and asks a question in a conversation of its own, and deletes that conversation again.

    Args:
        question: What to ask.
        json: Print each finding as a JSON object on a line of its own.
        common: What all commands can be told.
        screen: Where to print.
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
        yield from examine_service(config, identity, question, screen)
    else:
        for check in ("session", "first chunk"):
            yield skipped(check, "the service was not reached")
