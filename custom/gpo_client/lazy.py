"""Names that load when they are used (PEP 562), so that a program pays only for what it needs, and those that moved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package: names, separated by spaces, that it hands on from each module.

    Names at home in the package itself are its modules.
    """
    where = {name: module for module, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        try:
            home = where[name]
        except KeyError:
            raise AttributeError(f"module {package!r} has no attribute {name!r}") from None
        value = import_module(f"{package}.{name}") if home == package else getattr(import_module(home), name)
        setattr(sys.modules[package], name, value)  # the next time it is found at once
        return value

    return load


def moved_modules(package: str, homes: Mapping[str, Mapping[str, str]]) -> None:
    """Let the former modules of a package be imported: for each, where its names are now (:func:`lazy_names`)."""
    for name, names in homes.items():
        module = ModuleType(f"{package}.{name}", "A module under its earlier name.")
        vars(module)["__getattr__"] = lazy_names(module.__name__, names)
        sys.modules[module.__name__] = module
        setattr(sys.modules[package], name, module)
