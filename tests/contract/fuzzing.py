"""What schemathesis cannot know by itself: how to open a session, and what the format of a time zone is."""

from __future__ import annotations

from functools import cache
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies as st

_SESSION = {"instance_id": "fuzzing", "user_id": "fuzzer"}


class SessionToken:
    """The token of a session; logging out gets one of its own, because it is worthless afterwards."""

    def get(self, case: Any, _: Any) -> str:
        """Open a session, or take the one that is open."""
        base_url = case.operation.base_url
        return _open_session(base_url) if case.operation.path.endswith("/logout") else _shared_session(base_url)

    def set(self, case: Any, data: str, _: Any) -> None:
        """Send its token."""
        case.headers["Authorization"] = f"Bearer {data}"


_shared_session = cache(lambda base_url: _open_session(base_url))


def _open_session(base_url: str) -> str:
    answer = httpx.post(f"{base_url}/api/User/session", json=_SESSION, verify=False)
    token: str = answer.raise_for_status().json()["token"]
    return token


def stay_one_user(_: Any, case: Any, __: Any) -> None:
    """Open sessions for the user who does everything else, so that they are of use to the operations that follow."""
    if isinstance(case.body, dict) and all(isinstance(case.body.get(name), str) for name in _SESSION):
        case.body.update({name: value for name, value in _SESSION.items() if case.body[name]})


def resume_under_a_key(_: Any, case: Any, __: Any) -> None:
    """Name a key with the last event: that the one header needs the other is a rule that no schema can say."""
    if "Last-Event-ID" in case.headers and "Idempotency-Key" not in case.headers:
        case.headers["Idempotency-Key"] = "fuzzing"


def answer_whole_in_chains(_: Any, case: Any, __: Any) -> None:
    """Ask for whole answers where links follow: they are taken from JSON, which an event stream is not."""
    if case.meta is not None and case.meta.phase.name.value == "stateful" and isinstance(case.body, dict):
        case.body.pop("stream", None)


def keep_markers_inside(_: Any, case: Any, __: Any) -> None:
    """Move markers into the query: that their ends depend on its length is a rule that no schema can say."""
    if isinstance(case.body, dict) and isinstance(case.body.get("query"), str):
        markers = case.body.get("sensitivity_markers")
        for marker in markers if isinstance(markers, list) else ():
            if isinstance(marker, dict) and all(_is_count(marker.get(name)) for name in ("start", "end")):
                marker["end"] = min(marker["end"], len(case.body["query"]))
                marker["start"] = min(marker["start"], marker["end"] - 1)


def _is_count(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


_api: Any = schemathesis  # its decorators have no types
_api.openapi.format("time-zone", st.sampled_from(("UTC", "America/Mexico_City", "Asia/Tokyo", "Europe/Madrid")))
_api.auth(refresh_interval=None)(SessionToken)
for _operation, _hook in (
    ("createSession", stay_one_user),
    ("chat", resume_under_a_key),
    ("chat", answer_whole_in_chains),
    ("chatSensitive", keep_markers_inside),
):
    _api.hook("before_call").apply_to(operation_id=_operation)(_hook)
