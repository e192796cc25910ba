"""HTTP clients that users give instead of having one made: told apart by what they are, when a client is made."""

from __future__ import annotations

import httpx

from gpo_client.exceptions import InvalidArgumentError


def sync_given_client(given: object) -> httpx.Client | None:
    """What was given as ``http_client`` of a blocking client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.Client``.
    """
    if given is None or isinstance(given, httpx.Client):
        return given
    raise _refusal(given, httpx.Client, "GPOCoreClient" if isinstance(given, httpx.AsyncClient) else None)


def async_given_client(given: object) -> httpx.AsyncClient | None:
    """What was given as ``http_client`` of an asynchronous client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.AsyncClient``.
    """
    if given is None or isinstance(given, httpx.AsyncClient):
        return given
    raise _refusal(given, httpx.AsyncClient, "SyncGPOCoreClient" if isinstance(given, httpx.Client) else None)


def _refusal(given: object, wanted: type, for_that: str | None) -> InvalidArgumentError:
    if isinstance(given, type):
        what = f"the class {given.__name__}: make one first, {_named(wanted)}()"
    else:
        what = _named(type(given)) + (f", which {for_that} takes" if for_that else "")
    return InvalidArgumentError(f"http_client must be an {_named(wanted)}, not {what}", field="http_client")


def _named(kind: type) -> str:
    # httpx and requests say that their classes are at home where users import them from.
    home = kind.__module__.partition(".")[0]
    return kind.__qualname__ if home == "builtins" else f"{home}.{kind.__qualname__}"
