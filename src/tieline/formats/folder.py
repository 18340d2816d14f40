"""The connector folder: from files by name to a connector and back.

What lives here puts the parts together and checks what they say of each other; it reads no disk. Reference:
connector-format.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from posixpath import normpath
from urllib.parse import unquote

from ..model import (
    Connector,
    Definition,
    Document,
    DocumentError,
    Finding,
    OperationKind,
    Properties,
    Route,
    did_you_mean,
)
from ..source import SourceDocument, dump
from ..source import read as read_source
from . import api_properties
from .authentication import BLOCK
from .dialects import Load, read_definition
from .fields import Fields
from .parts import (
    DEFINITION_NAMES,
    PROPERTIES_NAMES,
    PlainFile,
    definition_of,
    icon_of,
    properties_of,
    script_of,
    top_level,
)
from .sign_in import completed
from .starter import new_connector_files

__all__ = ["check", "distinct", "from_definition", "name_from_title", "new_connector_files", "read", "write"]

POLLING_TEMPLATE = "pollingtrigger"
"""The policy template that makes a polling trigger of an operation (reference: triggers, section 0)."""

PART_NAMES = frozenset((*DEFINITION_NAMES, *PROPERTIES_NAMES, "script.cs"))
"""Names of files that are one part of a connector, in lower case; so is any ``.csx``."""

RESERVED_NAMES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"COM{number}" for number in range(1, 10)), *(f"LPT{n}" for n in range(1, 10))}
)
"""Names that Windows does not allow a folder to have."""


def read(files: Mapping[str, bytes], name: str = "", load: Load | None = None) -> Connector:
    """The connector in the files of a folder (names relative to it, sub-folders with ``/``).

    ``name`` is the folder's; empty for the title in PascalCase. ``load`` gives files that a definition of several
    refers to and that are not among ``files``. Raises DocumentError when there is no definition
    (``no-definition``), or when definition or properties cannot be read at all; everything else is a finding.
    """
    source = definition_of(files)
    stated = properties_of(files)
    documents: dict[str, Document] = {name: PlainFile(name=name, data=data) for name, data in files.items()}
    documents[source.name] = source
    definition, findings = read_definition(source, _loader(files, documents, load))
    notes = list(findings)
    properties = None
    if stated is not None:
        documents[stated.name] = stated
        properties = api_properties.read(stated)
        notes.extend((*stated.findings, *properties.findings))
    notes.extend(_unread(files, (source.name, stated.name if stated else "", script_of(files) or "")))
    extras = _blocks(files, documents, notes)
    roots = [_root(document, notes) for document in (source, stated, *extras) if document is not None]
    script = _script(files, notes)
    return _assembled(definition, properties, roots, documents, notes, name=name, script=script, icon=icon_of(files))


def write(connector: Connector) -> dict[str, bytes]:
    """The files of a connector by name; those of documents that nobody edited have their bytes unchanged."""
    return {name: document.data for name, document in connector.documents.items()}


def from_definition(
    definition: Definition,
    documents: Iterable[SourceDocument],
    *,
    name: str = "",
    findings: tuple[Finding, ...] | None = None,
) -> Connector:
    """A connector of an API description alone, with the connection parameters that its sign-in needs.

    ``documents`` are what the definition was read from, the main one first; ``findings`` what ``read_definition``
    found, if it made the definition. The derived ``apiProperties.json`` is among the connector's documents.
    """
    sources = list(documents)
    notes = list(definition.findings if findings is None else findings)
    held: dict[str, Document] = {document.name: document for document in sources}
    roots = [_root(document, notes) for document in sources]
    connector = _assembled(definition, None, roots, held, notes, name=name)
    held.setdefault(api_properties.NAME, read_source(dump(connector.properties.root), api_properties.NAME))
    return connector


def name_from_title(title: str) -> str:
    """A connector's name made of its title: its letters and digits in PascalCase, usable as a folder's name anywhere.

    ``Inventory API (v2)`` -> ``InventoryAPIV2``; ``Connector`` when nothing is left.
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", title))
    name = "".join(word[0].upper() + word[1:] for word in words)[:100]
    return name + "Connector" if not name or name.upper() in RESERVED_NAMES else name


def check(connector: Connector) -> tuple[Finding, ...]:
    """Every finding about the connector's files: what reading found, and what stands inside each operation.

    Reads all operations, which ``read`` leaves until they are asked for.
    """
    inside = (finding for operation in connector.definition.operations.values() for finding in operation.findings)
    return distinct((*connector.findings, *inside))


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings without repetitions; a shared parameter or a root that is read twice says the same twice."""
    return tuple({(found.rule, found.route, found.position, found.message): found for found in findings}.values())


def _assembled(
    definition: Definition,
    properties: Properties | None,
    roots: Sequence[Fields],
    documents: Mapping[str, Document],
    notes: list[Finding],
    *,
    name: str,
    script: str | None = None,
    icon: bytes | None = None,
) -> Connector:
    """The connector of its parts, each completed from the others, with what they say wrongly of each other."""
    definition, known = completed(definition, properties, roots)
    definition = _with_polling(definition, known)
    notes.extend(_dangling(definition, known))
    if script is None and known.script_operations:
        notes.append(_missing_script(known))
    return Connector(
        name=name or name_from_title(definition.title),
        definition=definition,
        properties=known,
        script=script,
        icon=icon,
        documents=documents,
        findings=distinct(notes),
    )


def _with_polling(definition: Definition, properties: Properties) -> Definition:
    """The definition with the operations that a ``pollingtrigger`` instance names as polling triggers."""
    polling = (policy for policy in properties.policies if policy.template == POLLING_TEMPLATE)
    named = {name for policy in polling for name in policy.operations}
    if not named:
        return definition
    outlines = tuple(
        replace(outline, kind=OperationKind.POLLING)
        if outline.id in named and outline.kind is OperationKind.ACTION
        else outline
        for outline in definition.operations.outlines
    )
    return replace(definition, operations=definition.operations.with_outlines(outlines))


def _dangling(definition: Definition, properties: Properties) -> Iterator[Finding]:
    """A finding for each operation that a policy or the script list names and that the definition does not have.

    The platform ignores such names (inferred), so the policy or script does not run for anything by them.
    """
    known = list(definition.operations)
    for policy in properties.policies:
        for name in policy.operations:
            if name not in definition.operations:
                yield Finding(
                    rule="unknown-operation-in-policy",
                    route=policy.route / "parameters",
                    message=f'policy "{policy.template}" is for operation "{name}", which the definition does not have',
                    remedy=did_you_mean(name, known),
                )
    for name in properties.script_operations:
        if name not in definition.operations:
            yield Finding(
                rule="unknown-operation-in-script",
                route=properties.route / "properties",
                message=f'the script is for operation "{name}", which the definition does not have',
                remedy=did_you_mean(name, known),
            )


def _missing_script(properties: Properties) -> Finding:
    """The finding for operations that a script is to handle where there is none: they are called without it."""
    names = ", ".join(f'"{name}"' for name in properties.script_operations[:3])
    return Finding(
        rule="missing-script",
        route=properties.route / "properties",
        message=f"operations like {names} need a script, and the folder has none",
        remedy='add "script.csx", or take "scriptOperations" out',
    )


def _root(document: SourceDocument, notes: list[Finding]) -> Fields:
    """The root object of a document, for looking at what may stand there; an empty one when it is no object."""
    value = document.value
    return Fields(value if isinstance(value, dict) else {}, Route(document.name), notes)


def _blocks(files: Mapping[str, bytes], documents: dict[str, Document], notes: list[Finding]) -> list[SourceDocument]:
    """Further YAML files that hold an ``authentication:`` block, each put into ``documents``."""
    found = []
    for name in top_level(files):
        plain = isinstance(documents[name], PlainFile) and name.lower().endswith((".yaml", ".yml"))
        if not plain or BLOCK.encode() not in files[name]:
            continue
        try:
            document = read_source(files[name], name)
        except DocumentError as error:
            notes.append(error.finding)
            continue
        if isinstance(document.value, dict) and BLOCK in document.value:
            documents[name] = document
            notes.extend(document.findings)
            found.append(document)
    return found


def _unread(files: Mapping[str, bytes], read: Iterable[str]) -> Iterator[Finding]:
    """A finding for each further file that is called like a part: ``read`` are those that the parts were read from, and
    edits in others have no effect."""
    taken = set(read)
    for name in top_level(files):
        lower = name.lower()
        if name not in taken and (lower in PART_NAMES or lower.endswith(".csx")):
            yield Finding(
                rule="unread-file",
                route=Route(name),
                message=f'"{name}" is not read: another file is that part of the connector',
                remedy="take it out, or the other one",
            )


def _loader(files: Mapping[str, bytes], documents: dict[str, Document], others: Load | None) -> Load:
    """Loads the other files of a multi-file description out of the same folder, each put into ``documents``; those of
    other folders that are not at hand come from ``others``."""

    def load(reference: str) -> Document:
        name = normpath(unquote(reference))
        if name not in files and "/" in name and others is not None:
            documents[name] = found = others(name)
            return found
        if name not in files:
            raise DocumentError(
                "dangling-ref",
                f'the folder has no file "{name}"',
                remedy=did_you_mean(name, list(files)),
            )
        document = documents[name]
        if isinstance(document, PlainFile):
            document = documents[name] = read_source(files[name], name)
        return document

    return load


def _script(files: Mapping[str, bytes], notes: list[Finding]) -> str | None:
    """The source of the custom code, or None; text that is not UTF-8 is read as Latin-1, with a finding."""
    name = script_of(files)
    if name is None:
        return None
    try:
        return files[name].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f'"{name}" is not UTF-8 (byte {error.start}); it is read as Latin-1'
        notes.append(Finding(rule="not-utf-8", route=Route(name), message=message, remedy="save it as UTF-8"))
        return files[name].decode("latin-1")
