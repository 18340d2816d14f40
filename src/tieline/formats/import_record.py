"""What a connector folder remembers of its last import, so that the next one can tell the author's edits from others.

What lives here is the shape of one small file; where it is kept and when it is written is the business of ``app``.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, replace
from typing import Any

from ..model import MISSING, DocumentError, JsonObject, Route
from ..source import Limits, dump
from ..source import read as read_source
from .connector_merge import NOTHING, Imported
from .merge import same
from .selection import EVERYTHING, Selection

NAME = ".tieline/import.json"
"""The file inside a connector folder. The platform's own tools look into no sub-folder."""

VERSION = 1
"""Of the shape; a file of another version is not understood."""

ABOUT = "what the last import gave; the next one tells your edits from those of the API by it"
"""What the file says of itself to a person who opens it."""

SECRETS = frozenset({"clientsecret"})
"""Keys (lower case) of the properties whose values are not remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRecord:
    """The last import into a connector folder."""

    source: str
    """What was imported: the name of a file, or a URL without anything secret."""
    imported: Imported = NOTHING
    """What the import gave: what the folder held, or what was merged into it, before its author edited it."""
    selection: Selection = EVERYTHING
    """The operations that were wanted."""
    base_url: str = ""
    """The base URL that was given for the API."""

    def says(self, other: ImportRecord) -> bool:
        """Whether another record says the same."""
        mine, yours = self.imported, other.imported
        return (
            replace(self, imported=NOTHING) == replace(other, imported=NOTHING)
            and same(mine.definition, yours.definition)
            and same(mine.properties, yours.properties)
        )


def write(record: ImportRecord) -> bytes:
    """The file for a record. What was imported is packed, since nobody is to edit it; secrets are left out."""
    selection = record.selection
    options = {"only": selection.only, "tag": selection.tags, "exclude": selection.exclude, "host": record.base_url}
    return dump(
        {
            "version": VERSION,
            "about": ABOUT,
            "source": record.source,
            "options": {name: value for name, value in options.items() if value},
            "imported": base64.b64encode(zlib.compress(dump(_value(record.imported)))).decode(),
        }
    )


def read(data: bytes, name: str) -> ImportRecord:
    """The record in a file; raises DocumentError ``import-record-unreadable`` for anything else."""
    try:
        value = read_source(data, name).value
        if isinstance(value, dict) and value.get("version") == VERSION:
            return _record(value, name)
        reason = f'it is no record of version "{VERSION}"'
    except (ValueError, zlib.error, DocumentError) as error:
        reason = str(error)
    raise DocumentError(
        "import-record-unreadable",
        f'"{name}" cannot be read: {reason}',
        remedy="take it back from your version control, or delete it",
        route=Route(name),
    )


def remembered(imported: Imported) -> Imported:
    """What an import gave as far as it is written into a record: without secrets."""
    return replace(imported, properties=_without_secrets(imported.properties))


def _value(imported: Imported) -> JsonObject:
    """The documents that there are, by name."""
    values = {"definition": imported.definition, "properties": _without_secrets(imported.properties)}
    return {name: value for name, value in values.items() if value is not MISSING}


def _record(value: JsonObject, name: str) -> ImportRecord:
    """The record of a value. Raises ValueError, zlib.error and DocumentError."""
    options = value.get("options")
    options = options if isinstance(options, dict) else {}
    imported = read_source(_unpacked(str(value.get("imported"))), name).value
    if not isinstance(imported, dict):
        raise ValueError("what was imported is no object")
    return ImportRecord(
        source=str(value.get("source", "")),
        imported=Imported(
            definition=imported.get("definition", MISSING), properties=imported.get("properties", MISSING)
        ),
        selection=Selection(
            only=_texts(options.get("only")), tags=_texts(options.get("tag")), exclude=_texts(options.get("exclude"))
        ),
        base_url=str(options.get("host", "")),
    )


def _unpacked(text: str) -> bytes:
    """The bytes of what was imported. Raises ValueError and zlib.error."""
    most = Limits().size
    data = zlib.decompressobj().decompress(base64.b64decode(text, validate=True), most + 1)
    if len(data) > most:
        raise ValueError(f"what was imported has more than {most} bytes")
    return data


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _without_secrets(value: Any) -> Any:
    """A value without the members that hold secrets."""
    if isinstance(value, list):
        return [_without_secrets(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_secrets(item) for key, item in value.items() if key.lower() not in SECRETS}
