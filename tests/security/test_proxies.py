"""Passwords of proxies, and proxies that are none."""

from __future__ import annotations

import traceback

import pytest

from gpo_client import ConfigurationError
from tests.client.conftest import Serve, connect_once, serve
from tests.client.outcomes import Connect
from tests.client.scenarios import CONTEXT, QUESTION
from tests.support.events import answer_events, stream_answer

__all__ = ["connect_once", "serve"]


@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
@pytest.mark.parametrize(
    "proxy",
    [
        "socks5://user:pr0xy-s3cr3t@127.0.0.1:9",
        "gopher://user:pr0xy-s3cr3t@127.0.0.1:9",
        "http://user:pr0xy-s3cr3t@127.0.0.1:port",
        "http://user:pr0xy-s3cr3t@[",
        "user:pr0xy-s3cr3t@",
    ],
)
async def test_proxies_of_the_environment_that_are_none(
    variable: str, proxy: str, connect_once: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable, and not the password."""
    monkeypatch.setenv(variable, proxy)
    async with connect_once(base_url="https://gpo.example.com") as client:
        with pytest.raises(ConfigurationError) as caught:
            await client.chat(CONTEXT, QUESTION)
    assert (caught.value.setting, caught.value.origin) == ("proxy", f"environment variable {variable}")
    assert "pr0xy-s3cr3t" not in "".join(traceback.format_exception(caught.value))


async def test_proxy_without_a_scheme(connect_once: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is http, as for other programs that read these variables."""
    proxy = serve(stream_answer(*answer_events("a")))
    monkeypatch.setenv("http_proxy", proxy.base_url.replace("http://", "user:pr0xy-s3cr3t@"))
    async with connect_once(base_url="http://gpo.example.com", allow_insecure_http=True) as client:
        assert (await client.chat_stream(CONTEXT, QUESTION).collect()).content == "a"
    assert proxy.requests[0].headers["proxy-authorization"].startswith("Basic ")
