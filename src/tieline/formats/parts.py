"""Which file of a connector folder is which part, whatever it is called.

Reference: connector-format, section 1 (any case, ``apiDefinition.json``, misnamed definitions, names of scripts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..model import DocumentError, Position, Route
from ..source import SourceDocument
from ..source import read as read_source
from .dialects import FORMATS

DEFINITION_NAMES = tuple(
    f"apidefinition{middle}.{ending}" for ending in ("json", "yaml", "yml") for middle in (".swagger", "")
)
"""Names of a definition in lower case, best first."""

PROPERTIES_NAMES = ("apiproperties.json", "apiproperties.yaml", "apiproperties.yml")
"""Names of the properties in lower case, best first."""

NO_DEFINITIONS = (*PROPERTIES_NAMES, "settings.json", "package.json", "package-lock.json")
"""JSON and YAML files that are never a definition and are not looked into."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainFile:
    """A file of the folder that is kept as it is (read-me, icon, script, …); a ``model.Document`` without a value."""

    name: str
    """File name."""
    data: bytes
    """The bytes as read."""
    value: Any = None
    """Always None: there is no JSON value."""

    def position(self, route: Route) -> Position | None:
        """None always: nothing inside has a route."""
        return None


def named(files: Iterable[str], names: Iterable[str]) -> str | None:
    """The file that has the first of ``names`` (lower case) that any file has; the exact spelling wins over others."""
    by_lower: dict[str, str] = {}
    for name in sorted(files, reverse=True):
        by_lower[name.lower()] = name
    return next((by_lower[wanted] for wanted in names if wanted in by_lower), None)


def top_level(files: Iterable[str]) -> list[str]:
    """The names that are not inside a sub-folder."""
    return [name for name in files if "/" not in name]


def definition_of(files: Mapping[str, bytes]) -> SourceDocument:
    """The document with the API definition.

    By name in any case, else the only ``*.swagger.json``, else the only JSON or YAML file that is an API description.
    Raises DocumentError: ``no-definition`` when there is none, ``several-definitions`` when it cannot be told which,
    and what ``source.read`` raises for a file that cannot be read.
    """
    tops = top_level(files)
    name = named(tops, DEFINITION_NAMES)
    if name is None:
        swaggers = [name for name in tops if name.lower().endswith(".swagger.json")]
        name = swaggers[0] if len(swaggers) == 1 else None
    if name is not None:
        return read_source(files[name], name)
    found = _descriptions(files, tops)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f'"{document.name}"' for document in found)
        raise DocumentError(
            "several-definitions",
            f"the folder has several API descriptions: {names}",
            remedy='call the connector\'s own "apiDefinition.swagger.json"',
        )
    raise _no_definition(tops)


def _descriptions(files: Mapping[str, bytes], tops: list[str]) -> list[SourceDocument]:
    """The files whose root says that they are an API description; unreadable ones are none."""
    found = []
    for name in tops:
        lower = name.lower()
        if lower.endswith((".json", ".yaml", ".yml")) and lower not in NO_DEFINITIONS:
            try:
                document = read_source(files[name], name)
            except DocumentError:
                continue
            if any(format.runs and format.recognises(document.value) for format in FORMATS):
                found.append(document)
    return found


def _no_definition(names: list[str]) -> DocumentError:
    """The error for a folder without a definition: what was looked for and what is there."""
    shown = ", ".join(f'"{name}"' for name in sorted(names)[:8]) or "nothing"
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return DocumentError(
        "no-definition",
        'the folder holds no API definition: looked for "apiDefinition.swagger.json" and for any JSON or YAML file '
        f'with "swagger" or "openapi" at its root, found {shown}{more}',
        remedy="name a connector folder, or make one with: tieline import DESCRIPTION",
    )


def properties_of(files: Mapping[str, bytes]) -> SourceDocument | None:
    """The document with the properties, or None."""
    name = named(top_level(files), PROPERTIES_NAMES)
    return None if name is None else read_source(files[name], name)


def script_of(files: Mapping[str, bytes]) -> str | None:
    """The name of the file with the custom code: ``script.csx`` in any case, else any ``.csx``, else ``Script.cs``."""
    tops = top_level(files)
    others = sorted(name for name in tops if name.lower().endswith(".csx"))
    return named(tops, ("script.csx",)) or next(iter(others), None) or named(tops, ("script.cs",))


def icon_of(files: Mapping[str, bytes]) -> bytes | None:
    """The bytes of ``icon.png`` in any case, or None."""
    name = named(top_level(files), ("icon.png",))
    return None if name is None else files[name]
