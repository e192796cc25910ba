"""Whether something stands between httpx and the network: a test's mock, a recorder.

vcrpy, respx, pytest-httpx and instrumentation replace methods of httpx's or httpcore's classes. Where one of them is
not the library's own any more, calls go through that library, so that none leaves a test.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

_METHODS = (
    ("HTTPTransport", "handle_request"),
    ("AsyncHTTPTransport", "handle_async_request"),
    ("ConnectionPool", "handle_request"),
    ("AsyncConnectionPool", "handle_async_request"),
    ("Client", "_transport_for_url"),  # respx with using="httpx"
    ("AsyncClient", "_transport_for_url"),
)
#: Each library with what does its reading.
_LIBRARIES = {"httpx": ("httpx", "httpcore"), "httpx2": ("httpx2", "httpcore2")}


def patched_library() -> str | None:
    """Return the library, ``"httpx"`` or ``"httpx2"``, whose sending has been replaced; None: neither."""
    for library, modules in _LIBRARIES.items():
        if any(_is_patched(module) for module in modules):
            return library
    return None


def _is_patched(name: str) -> bool:
    module: Any = sys.modules.get(name)
    if module is None:
        return False
    for kind, method in _METHODS:
        found = vars(getattr(module, kind, object)).get(method)
        if found is not None and not _is_of(found, module):
            return True
    return False


def _is_of(function: Any, module: Any) -> bool:
    """Whether a function was written in a package: what wraps it was not, whatever name it bears."""
    file = getattr(getattr(function, "__code__", None), "co_filename", "")
    return bool(file) and _folder(module) in file


def _folder(module: Any) -> str:
    try:
        return _FOLDERS[module.__name__]
    except KeyError:
        return _FOLDERS.setdefault(module.__name__, str(Path(module.__file__).parent))


_FOLDERS: dict[str, str] = {}
