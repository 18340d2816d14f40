"""Importing into a folder that holds a connector: the author's files with what changed in the API.

What lives here patches texts and says what happened; which value wins is decided by ``formats.connector_merge``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..formats import api_properties
from ..formats.connector_merge import NOTHING, ConnectorMerge, Imported, merge_connectors
from ..formats.fields import kind_of
from ..formats.import_record import SECRETS
from ..formats.merge import Conflict, Keys
from ..formats.merge_steps import misplaced, nearer
from ..formats.parts import definition_of, properties_of
from ..model import HIDDEN, MISSING, DocumentError, Edit, Finding, Route, Severity
from ..source import SourceDocument, dump, edit
from ..source.arrange import arrange
from ..source.rename import rename
from .import_target import Target

UNDECIDED = "edit it, or take all of the API's: undo this import, then import with --theirs"
"""What to do about a conflict. Once an import is written, what it kept counts as an edit like any other."""

THERE = "where the API has it"
GONE = "where the API had it"

CONNECTION = "connectionParameters"
CREDENTIALS: Keys = ("securityDefinitions",)
"""The part of a definition that connection parameters are made of; what else there is comes of the whole."""

SHOWN = 60
"""Characters of a value that a message shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reimport:
    """The files of a connector after an import was merged into them."""

    files: Mapping[str, bytes] = field(repr=False)
    """All files of the folder, by name, the two documents merged."""
    merge: ConnectorMerge
    findings: tuple[Finding, ...]
    """Conflicts, with the whole paths of the files, and what else there is to say about the merge."""


def reimported(
    target: Target, imported: Imported, origin: Callable[[Keys], Route | None], *, take_theirs: bool
) -> Reimport:
    """The files of a connector folder with a new import merged into them.

    ``origin`` gives the place in the imported description that a place of the definition comes from. Raises
    DocumentError: ``cannot-merge`` for a definition that is no Swagger 2.0 and for a text that cannot be patched, and
    what reading the files raises.
    """
    definition, properties = definition_of(target.files), properties_of(target.files)
    if not isinstance(definition.value, dict) or "swagger" not in definition.value:
        raise _not_mergeable(target, definition)
    ours = Imported(definition=definition.value, properties=MISSING if properties is None else properties.value)
    base = target.record.imported if target.record else NOTHING
    if properties is None:
        base = replace(base, properties=MISSING)
    done = merge_connectors(base, ours, imported, take_theirs=take_theirs)
    way = (done.placed.definition, done.result.definition)
    files = {**target.files, definition.name: _patched(_rekeyed(definition, done), way, target)}
    if properties is not None:
        files[properties.name] = _patched(properties, (done.placed.properties, done.result.properties), target)
    elif done.result.properties is not MISSING:
        files[api_properties.NAME] = dump(done.result.properties)
    speaker = _Speaker(target=target, merge=done, origin=origin, take_theirs=take_theirs)
    return Reimport(files=files, merge=done, findings=tuple(speaker.findings(definition, properties)))


def _rekeyed(document: SourceDocument, done: ConnectorMerge) -> SourceDocument:
    """The definition with the keys that paths and operations have now, as far as its text allows it; what it does not
    is written anew."""
    for keys, key in done.moved:
        try:
            document = rename(document, Route("", keys), key)
        except DocumentError:
            return document
    return document


def _with(document: SourceDocument, value: Any) -> SourceDocument:
    """The document patched so that it has another value. Raises DocumentError."""
    return edit(document, [Edit(route=Route(), action="set", value=value)])


def _arranged(document: SourceDocument, value: Any) -> SourceDocument:
    """A document whose lists have the elements of another value, each as its author wrote it; the elements themselves
    may differ yet. Raises DocumentError."""
    while True:
        step = nearer(document.value, value)
        if step is not document.value:
            document = _with(document, step)
        elif orders := misplaced(document.value, value):
            document = arrange(document, orders)
        else:
            return document


def _patched(document: SourceDocument, way: tuple[Any, Any], target: Target) -> bytes:
    """The text of a document patched so that it has another value, by way of one whose lists have the elements that
    they had. Raises DocumentError."""
    placed, value = way
    with suppress(DocumentError):  # a text that cannot follow in steps is patched at once
        document = _arranged(_with(document, placed), value)
    try:
        return _with(document, value).data
    except DocumentError as error:
        name = str(target.path / document.name)
        raise DocumentError(
            "cannot-merge",
            f'the changes cannot be written into "{name}": {error}',
            remedy="make that place plain by hand, or replace the connector's files with --force",
            route=Route(name),
        ) from None


def _not_mergeable(target: Target, definition: SourceDocument) -> DocumentError:
    name = str(target.path / definition.name)
    return DocumentError(
        "cannot-merge",
        f'"{name}" is not Swagger 2.0, so an import cannot be merged into it',
        remedy="choose another folder with -o, or replace the connector's files with --force",
        route=Route(name),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Speaker:
    """Says what a merge did."""

    target: Target
    merge: ConnectorMerge
    origin: Callable[[Keys], Route | None]
    take_theirs: bool

    def findings(self, definition: SourceDocument, properties: SourceDocument | None) -> Iterator[Finding]:
        """Everything that there is to say."""
        yield from self.target.findings
        if self.target.record is None and not self.target.findings:
            yield self._no_record()
        for conflict in self.merge.definition.conflicts:
            yield self._conflict(conflict, definition, self.origin(conflict.their_keys))
        for conflict in self.merge.properties.conflicts:
            if properties is not None:
                yield self._conflict(
                    conflict, properties, self.origin(CREDENTIALS if CONNECTION in conflict.our_keys else ())
                )
        if self.merge.left_out:
            yield self._left_out()
        if self.merge.renamed:
            yield self._renamed()

    def _no_record(self) -> Finding:
        return Finding(
            rule="no-import-record",
            route=Route(str(self.target.path)),
            message="the folder does not say what was imported last, so every value that differs is taken as yours",
            remedy="from now on it does; nothing has to be done",
            severity=Severity.INFO,
        )

    def _left_out(self) -> Finding:
        names = ", ".join(f'"{name}"' for name in self.merge.left_out)
        return Finding(
            rule="stays-removed",
            route=Route(str(self.target.path)),
            message=f"changed in the API, but you took them out: {names}",
            remedy="import into another folder to see them",
            severity=Severity.INFO,
        )

    def _renamed(self) -> Finding:
        names = ", ".join(f'"{old}" is "{new}"' for old, new in self.merge.renamed.items())
        return Finding(
            rule="operation-renamed",
            route=Route(str(self.target.path)),
            message=f"operations have other names in the API now: {names}",
            remedy="flows and apps know the old names: change them there, or give the names back by hand",
        )

    def _conflict(self, conflict: Conflict, document: SourceDocument, theirs: Route | None) -> Finding:
        """A value that was changed on both sides."""
        return Finding(
            rule="import-conflict",
            route=Route(str(self.target.path / document.name), conflict.our_keys),
            message=f"{_called(conflict)} {self._said(conflict)}",
            remedy="" if self.take_theirs else UNDECIDED,
            related=((theirs, GONE if conflict.theirs is MISSING else THERE),) if theirs is not None else (),
        )

    def _said(self, conflict: Conflict) -> str:
        secret = bool(conflict.our_keys) and str(conflict.our_keys[-1]).lower() in SECRETS
        ours, theirs = (HIDDEN if secret else _shown(value) for value in (conflict.ours, conflict.theirs))
        kept = "the API's is taken" if self.take_theirs else "yours is kept"
        if conflict.theirs is MISSING:
            kept = "it is taken out" if self.take_theirs else "it stays"
            return f"is not in the API any more, and you changed it; {kept}"
        if conflict.ours is MISSING:
            kept = "it is put back" if self.take_theirs else "it stays out"
            whole = isinstance(conflict.theirs, (dict, list))
            return f"was taken out by you and {'has changed' if whole else f'is {theirs}'} in the API; {kept}"
        return f"is {ours} here and {theirs} in the API; {kept}"


def _called(conflict: Conflict) -> str:
    """What the place of a conflict is called in a message: an element of a list by its name, if it has one."""
    keys = conflict.our_keys
    if len(keys) == 3 and keys[0] == "paths":
        return f'operation "{str(keys[2]).upper()} {keys[1]}"'
    named = next((at for at in range(len(keys) - 1, -1, -1) if isinstance(keys[at], str)), 0)
    shown = [str(key) for key in keys[named:]]
    element = conflict.theirs if conflict.ours is MISSING else conflict.ours
    if keys and isinstance(keys[-1], int) and isinstance(element, dict):
        names = (element.get(name) for name in ("name", "title"))
        shown[-1] = next((name for name in names if isinstance(name, str)), shown[-1])
    return f'"{"/".join(shown) or "the document"}"'


def _shown(value: Any) -> str:
    """A value for a message, cut where it is long."""
    if isinstance(value, (dict, list)) and value:
        return kind_of(value)
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= SHOWN else f'{text[:SHOWN]}…"'
