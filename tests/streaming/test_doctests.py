"""The examples in the docstrings of ``gpo_client`` do what they show."""

from __future__ import annotations

import doctest
import importlib
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import gpo_client
from gpo_client.text import transforms

_ROOT = Path(gpo_client.__file__).parent


def _modules_with_examples() -> list[str]:
    paths = [path for path in _ROOT.rglob("*.py") if path.relative_to(_ROOT).parts[0] != "sandbox"]
    with_examples = [path for path in paths if ">>>" in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(_ROOT.parent).with_suffix("").parts) for path in with_examples]
    return sorted(name.removesuffix(".__init__") for name in names)


MODULES = _modules_with_examples()


def _public_classes_with_examples(module: ModuleType) -> list[str]:
    return [
        f"{module.__name__}.{name}"
        for name, kind in vars(module).items()
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and not name.startswith("_")
        if ">>>" in (kind.__doc__ or "")
    ]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    """All examples run, those of each public class among them, and show what comes out."""
    module = importlib.import_module(name)
    tests = {test.name: test for test in doctest.DocTestFinder(exclude_empty=True).find(module, name)}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    run = {title: runner.run(test).attempted for title, test in tests.items()}
    assert runner.failures == 0
    assert sum(run.values()) > 0
    for title in _public_classes_with_examples(module):
        assert run.get(title), f"no example of {title} was run"


def test_every_transform_has_an_example() -> None:
    """Every public name does; the tests above run them."""
    for name in transforms.__all__:
        if name != "Segment":  # made by code_blocks, and shown there
            assert ">>>" in (getattr(transforms, name).__doc__ or ""), name


def test_the_machines_have_examples() -> None:
    """What a reader meets first shows how it is used."""
    sse, text = ("compression", "parser"), ("bounds", "record", "transforms.machine")
    machines = {f"gpo_client.sse.{machine}" for machine in sse} | {f"gpo_client.text.{machine}" for machine in text}
    assert machines | {"gpo_client.flows.response"} <= set(MODULES)
