"""HTTP clients that users give instead of having one made: told apart by what they are, when a client is made."""

from __future__ import annotations

from typing import Any, cast

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.http.given import AsyncHttpClient, HttpClient, library_of


def sync_given_client(given: object) -> HttpClient | None:
    """Return what was given as ``http_client`` of a blocking client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.Client`` or an ``httpx2.Client``.
    """
    return cast("HttpClient | None", _checked(given, "Client", "AsyncClient", "GPOCoreClient"))


def async_given_client(given: object) -> AsyncHttpClient | None:
    """Return what was given as ``http_client`` of an asynchronous client.

    Raises:
        InvalidArgumentError: It is anything else than an ``httpx.AsyncClient`` or an ``httpx2.AsyncClient``.
    """
    return cast("AsyncHttpClient | None", _checked(given, "AsyncClient", "Client", "SyncGPOCoreClient"))


def _checked(given: object, wanted: str, other: str, for_other: str) -> Any:
    library = library_of(given)
    if given is None or isinstance(given, getattr(library, wanted, ())):
        return given
    named = f"{library.__name__ if library else 'httpx'}.{wanted}"
    if isinstance(given, type):
        what = f"the class {given.__name__}: make one first, {named}()"
    else:
        is_other = isinstance(given, getattr(library, other, ()))
        what = _name(type(given)) + (f", which {for_other} takes" if is_other else "")
    raise InvalidArgumentError(f"http_client must be an {named}, not {what}", field="http_client")


def _name(kind: type) -> str:
    # httpx and requests say that their classes are at home where users import them from.
    home = kind.__module__.partition(".")[0]
    return kind.__qualname__ if home == "builtins" else f"{home}.{kind.__qualname__}"
