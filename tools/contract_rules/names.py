"""Rules on names: schemas and properties that the generated code cannot be called after."""

from __future__ import annotations

import re
from collections.abc import Iterator

from openapi_python_client.strings import ClassName, PythonIdentifier, sanitize

from tools.contract_rules.contract import Contract, Finding

#: Names that generated modules use themselves.
CLASSES = frozenset(
    {"Any", "AuthenticatedClient", "BinaryIO", "BytesIO", "Client", "File", "FileTypes", "Generator", "HTTPStatus"}
    | {"Literal", "Mapping", "Response", "T", "TextIO", "TypeVar", "UNSET", "UUID", "Unset"}
)
#: Names that generated classes use themselves.
PROPERTIES = frozenset(
    {"additional_keys", "additional_properties", "cast", "cls", "d", "field_dict", "from_dict", "prop", "prop_name"}
    | {"to_dict", "to_multipart"}
)


def schema_names(contract: Contract) -> Iterator[Finding]:
    """Schemas whose classes or modules would overwrite each other or what the generator needs."""
    modules: dict[str, list[str]] = {}
    for name in contract.component("schemas"):
        class_name = ClassName(str(name), "field_")
        modules.setdefault(_module(contract, class_name), []).append(name)
        if class_name in CLASSES:
            yield Finding(f"schema {name}", f"the generated code has a {class_name} of its own", "give it another name")
    for module, names in modules.items():
        if len(names) > 1:
            yield Finding(
                f"schemas {' and '.join(names)}",
                f"both would be written to models/{module}.py",
                "give them names that differ in more than case and punctuation",
            )


def _module(contract: Contract, class_name: str) -> str:
    override = (contract.config.get("class_overrides") or {}).get(class_name) or {}
    return PythonIdentifier(override.get("module_name") or class_name, "field_")


def property_names(contract: Contract) -> Iterator[Finding]:
    """Properties named like what their class uses itself, or like each other."""
    for place, schema in contract.schemas:
        names = [str(name) for name in contract.members(schema)]
        pythonic = {name: PythonIdentifier(name, "field_") for name in names}
        for name, python in pythonic.items():
            if python in PROPERTIES and name in (schema.get("properties") or {}):
                yield Finding(
                    f"{place}.{name}", f"the generated class uses the name {python} itself", "give it another name"
                )
        final = [pythonic[name] if _is_alone(name, pythonic) else _kept(name) for name in names]
        for name in sorted({name for name, mine in zip(names, final, strict=True) if final.count(mine) > 1}):
            yield Finding(
                f"{place}.{name}",
                "another property has the same name in Python",
                "let them differ in letters or digits",
            )


def _is_alone(name: str, pythonic: dict[str, PythonIdentifier]) -> bool:
    return list(pythonic.values()).count(pythonic[name]) == 1


def _kept(name: str) -> str:
    return re.sub(r"\W+", "", sanitize(name))
