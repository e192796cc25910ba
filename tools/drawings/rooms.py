"""The rooms of the library and who may enter which, from the contract that `make check` holds them to."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from tools.drawings.canvas import Drawing

ROOT = Path(__file__).resolve().parents[2]
_ROW, _TOP = 40, 52
_WIDTH, _LEFT, _ROOM = 860, 24, 320

# What is in a room, for the room of that name.
_ABOUT = {
    "__main__": "version and environment, for reports of bugs",
    "cli": "the command gpo",
    "batch": "files of questions and answers, slices for other machines",
    "playground": "the name of gpo_sandbox's page",
    "testing": "scripted streams and recordings for your tests",
    "sandbox": "the names of gpo_sandbox, a server for demonstrations and tests",
    "doors": "answers for programs that speak other protocols",
    "relay": "answers for browsers",
    "client": "one thin method for each operation, sync and async",
    "streams": "what users hold: iterate, buffer, batch, share",
    "drivers": "run flows, blocking or awaiting",
    "concurrency": "locks, signals and background work, for threads and loops",
    "http": "exchanges: connections, TLS, proxies, HTTP/1.1",
    "flows": "when to wait, retry, resume or give up",
    "operations": "what each operation sends, how its response is read",
    "streaming": "the public names of streams and machines",
    "observers": "those of observers",
    "sse": "bytes to events to chunks, each exactly once",
    "text": "chunks to text and whole answers",
    "config": "settings",
    "dates": "dates in people's words",
    "limits": "whose turn it is to call the service",
    "models": "what is sent and what comes back",
    "markdown": "where code is in a text",
    "exceptions": "every error",
    "lazy": "loading names when they are used",
    "version": "one number",
    "logs": "lines about calls, and secrets kept out of logs",
    "otel": "spans and metrics for OpenTelemetry",
    "printable": "text that cannot hurt a terminal",
}


def _contracts() -> tuple[list[list[str]], set[str]]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    pure = next(contract["source_modules"] for contract in contracts if "no I/O" in contract["name"])
    return [layer.split(" | ") for layer in layers], {name.removeprefix("gpo_client.") for name in pure}


def rooms() -> Drawing:
    """Each room stands on those below it; none knows of those above."""
    layers, pure = _contracts()
    bottom = _TOP + _ROW * len(layers)
    drawing = Drawing(_WIDTH, bottom + 96, "The rooms of the library: each may use those below it")
    drawing.text(_LEFT, 30, "gpo_client: each room may use those below it, never those above", "name")
    for number, layer in enumerate(layers):
        y = _TOP + number * _ROW
        width = (_ROOM - 8 * (len(layer) - 1)) / len(layer)
        for place, room in enumerate(layer):
            drawing.labelled(_LEFT + place * (width + 8), y, width, _ROW - 8, name=room, kind=_kind(room, pure))
        about = "; ".join(_ABOUT[room] for room in layer)
        drawing.text(_LEFT + _ROOM + 18, y + 20, about, "note")
    drawing.arrow(_LEFT + _ROOM / 2, bottom - 6, _LEFT + _ROOM / 2, bottom + 14)
    drawing.labelled(_LEFT, bottom + 14, _ROOM, _ROW - 8, name="gpo_core_client", kind="outside")
    drawing.text(_LEFT + _ROOM + 18, bottom + 34, "generated from openapi.yaml; knows nothing of gpo_client", "note")
    _legend(drawing, bottom + 72)
    return drawing


def _legend(drawing: Drawing, y: float) -> None:
    for place, (kind, what) in enumerate(
        (("io", "may do I/O"), ("decision", "no I/O, no clock, no chance"), ("outside", "generated"))
    ):
        x = _LEFT + place * 220
        drawing.box(x, y - 11, 16, 14, kind)
        drawing.text(x + 24, y, what, "note")


def _kind(room: str, pure: set[str]) -> str:
    return "decision" if room in pure else "io"
