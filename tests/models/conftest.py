"""Models as the generator would make them of schemas that the API does not have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Protocol

import pytest

_MODULE = """
from __future__ import annotations
from collections.abc import Mapping
from typing import Any
import attrs
from gpo_core_client.types import UNSET, Unset

@attrs.define(slots={slots})
class {name}:
    {attributes}

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]):
        d = dict(src_dict)
        {taken}
        return cls({keywords})
"""


class MakeUp(Protocol):
    """Makes up a class."""

    def __call__(self, name: str, members: dict[str, str], *, slots: bool = True) -> Any:
        """The class with that name, and members of those types."""


@pytest.fixture
def made_up() -> Iterator[MakeUp]:
    """A maker of classes in modules that are there for the time of a test."""
    modules: list[str] = []

    def make(name: str, members: dict[str, str], *, slots: bool = True) -> Any:
        module = ModuleType(f"gpo_core_client.models.made_up_{name.lower()}")
        text = _MODULE.format(
            slots=slots,
            name=name,
            attributes="\n    ".join(f"{member}: {kind}" for member, kind in members.items()),
            taken="\n        ".join(f'{member} = d.pop("{member}")' for member in members),
            keywords=", ".join(f"{member}={member}" for member in members),
        )
        sys.modules[module.__name__] = module
        modules.append(module.__name__)
        exec(text, vars(module))
        return getattr(module, name)

    yield make
    for module in modules:
        del sys.modules[module]
