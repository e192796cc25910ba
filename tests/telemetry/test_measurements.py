"""What is counted and measured."""

from __future__ import annotations

from typing import Any

import pytest

from gpo_client import GPOClientError
from tests.client.conftest import Connect
from tests.support.question import SESSION
from tests.telemetry.conftest import Telemetry


async def test_a_conversation(telemetry: Telemetry, connect: Connect, faulty: Any) -> None:
    """Durations of questions and of requests, first chunks of streams alone, retries and resumes."""
    options: dict[str, Any] = {"observers": [telemetry.observer()], "retry_backoff_factor": 0.0, "max_resumes": 1}
    async with connect(base_url=faulty.base_url, **options) as client:
        handle = await client.open_conversation(SESSION)
        await handle.ask("What is RESICO?")
        await handle.stream("What is RESICO?", headers={"X-GPO-Fault": "status=503,drop-after=2"}).collect()
        with pytest.raises(GPOClientError):
            await handle.ask("What is RESICO?", headers={"X-GPO-Fault": "status=404*all"})
    port = int(faulty.base_url.rpartition(":")[2])
    server = {"server.address": "127.0.0.1", "server.port": port}
    chat = {**server, "gpo.operation.id": "chat", "gen_ai.operation.name": "chat", "gen_ai.provider.name": "gpo"}
    good, bad = sorted(telemetry.measured("gen_ai.client.operation.duration"), key=lambda point: -point.count)
    assert (good.count, bad.count) == (2, 1)
    assert bad.attributes == {**chat, "error.type": "404"}
    assert {**good.attributes, "gen_ai.response.model": "…"} == {**chat, "gen_ai.response.model": "…"}
    (first,) = telemetry.measured("gen_ai.client.operation.time_to_first_chunk")
    assert (first.count, first.attributes) == (1, chat)
    (retries,) = telemetry.measured("gpo.client.retries")
    (resumes,) = telemetry.measured("gpo.client.resumes")
    assert [(point.value, point.attributes) for point in (retries, resumes)] == [(1, chat), (1, chat)]
    (active,) = telemetry.measured("gpo.client.active_streams")
    assert (active.value, active.attributes) == (0, chat)
    request = {**server, "http.request.method": "POST", "url.scheme": "http", "url.template": "/api/Chat"}
    requests = [
        (point.count, point.attributes["http.response.status_code"], point.attributes.get("error.type"))
        for point in telemetry.measured("http.client.request.duration")
        if request.items() <= point.attributes.items()
    ]
    # The answer that was not streamed, the stream and its rest; then what was refused.
    assert sorted(requests) == [(1, 404, "404"), (1, 503, "503"), (3, 200, None)]


async def test_no_answer(telemetry: Telemetry, connect_once: Connect, free_port: int) -> None:
    """A request that gets none has how it failed, in words that are few."""
    options: dict[str, Any] = {"observers": [telemetry.observer()]}
    async with connect_once(base_url=f"http://127.0.0.1:{free_port}", **options) as client:
        with pytest.raises(GPOClientError):
            await client.session(SESSION)
    (request,) = telemetry.measured("http.client.request.duration")
    assert request.attributes["error.type"] == "connection_refused"
    assert "http.response.status_code" not in request.attributes
    assert telemetry.measured("gen_ai.client.operation.duration") == []
