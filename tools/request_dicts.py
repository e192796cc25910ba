"""The requests as TypedDicts, ``custom/gpo_client/models/requests.py``, from the generated models.

python tools/request_dicts.py            # exit code 1 when the file is not up to date
python tools/request_dicts.py --write
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from textwrap import fill
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

import gpo_core_client.models as generated
from gpo_core_client.types import Unset

TARGET = Path(__file__).resolve().parents[1] / "custom/gpo_client/models/requests.py"
#: What methods of the client take; what these hold is found.
_ROOTS = """
    ChatRequest StreamingChatRequest SensitiveChatRequest ConversationRequest SessionContext Feedback HandoffFeedback
    ConversationRating MessageSearch DocumentSearch DiscoverFile MetricFilter QuestionMetricFilter SourceDocumentFilter
    UserFeedbackSearch QuestionDetailSearch QuestionDetailExport RatingSearch RatingExport UserEntry
"""
# The client fills them in from the context.
_FROM_CONTEXT = {"session_id", "conversation_id"}

_HEAD = '''"""The requests as dictionaries, for editors that complete keys and checkers that find misspelt ones.

A request may be given as a dictionary. Written in place it is checked by itself; a variable is annotated with one of
these types. A ``dict[str, Any]`` is accepted too, unchecked until the request is made.
"""

# Derived from the generated models by `make request-dicts`: edit openapi.yaml, not this file.

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, Required, TypedDict


class UncheckedValue:
    """A value that type checkers know nothing about. There are none: only ``Any`` passes for it."""


#: What is no literal dictionary: ``dict[str, Any]`` and its like.
Unchecked = Mapping[str, UncheckedValue]
'''


def _kinds() -> list[type]:
    """Return the models, each behind those that it holds."""
    found: dict[type, None] = {}

    def add(model: type) -> None:
        for hint in _hints(model).values():
            for inner in _models_in(hint):
                add(inner)
        found.setdefault(model)

    for name in _ROOTS.split():
        add(getattr(generated, name))
    return list(found)


def _hints(model: type) -> dict[str, Any]:
    hints = get_type_hints(model, localns=vars(generated))
    return {field.name: hints[field.name] for field in attrs.fields(model) if field.init}


def _models_in(hint: Any) -> Iterator[type]:
    if isinstance(hint, type) and attrs.has(hint) and _hints(hint):
        yield hint
    for inner in get_args(hint):
        yield from _models_in(inner)


def _written(hint: Any) -> str:
    """Return a type as it is written."""
    if get_origin(hint) in (Union, UnionType):
        return " | ".join(dict.fromkeys(_written(member) for member in _sorted(get_args(hint))))
    if get_origin(hint) is list:
        return f"list[{_written(get_args(hint)[0])}]"
    if get_origin(hint) is Literal:
        return f"Literal[{', '.join(repr(value) for value in get_args(hint))}]"
    if hint in (date, datetime):
        return "date | str"
    if attrs.has(hint):
        return f"{hint.__name__}Dict" if _hints(hint) else "Mapping[str, Any]"
    return "None" if hint is NoneType else str(hint.__name__)


def _sorted(members: tuple[Any, ...]) -> list[Any]:
    return sorted((member for member in members if member is not Unset), key=lambda member: member is NoneType)


def _fields(model: type) -> Iterator[str]:
    for field in attrs.fields(model):
        if field.init:
            name, written = field.name.removesuffix("_"), _written(_hints(model)[field.name])
            required = field.default is attrs.NOTHING and name not in _FROM_CONTEXT
            yield f"    {name}: {f'Required[{written}]' if required else written}"


def _bases(models: list[type]) -> dict[type, type]:
    """Return for each model that has all that an earlier one has, and more, the largest of these."""
    lines = {model: frozenset(_fields(model)) for model in models}
    found: dict[type, type] = {}
    for place, model in enumerate(models):
        inside = [other for other in models[:place] if lines[other] < lines[model]]
        if inside:
            found[model] = max(inside, key=lambda other: len(lines[other]))
    return found


def text() -> str:
    """Return the file as it should be."""
    parts, kinds = [_HEAD], _kinds()
    bases = _bases(kinds)
    for model in kinds:
        about = " ".join((inspect.getdoc(model) or "").partition("\n\n")[0].split())
        doc = fill(f'"""{about}', 117, initial_indent="    ", subsequent_indent="    ")
        doc += '\n    """' if "\n" in doc else '"""'
        base = f"{bases[model].__name__}Dict" if model in bases else "TypedDict"
        inherited = set(_fields(bases[model])) if model in bases else set[str]()
        own = "\n".join(line for line in _fields(model) if line not in inherited)
        parts.append(f"\n\nclass {model.__name__}Dict({base}, total=False):\n{doc}\n\n{own}\n")
    ruff = Path(sysconfig.get_path("scripts"), "ruff")
    command = [str(ruff), "format", "--quiet", "--stdin-filename", str(TARGET), "-"]
    return subprocess.run(command, input="".join(parts), capture_output=True, text=True, check=True).stdout


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    wanted = text()
    if "--write" in arguments:
        TARGET.write_text(wanted, "utf-8")
    elif not TARGET.exists() or TARGET.read_text("utf-8") != wanted:
        print(f"{TARGET.name} is not up to date: run 'make request-dicts'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
