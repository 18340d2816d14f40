"""Importing into a folder that holds a connector: the author's files with what changed in the API.

What lives here patches texts and says what happened; which value wins is decided by ``formats.connector_merge``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from ..formats import api_properties
from ..formats.connector_merge import NOTHING, ConnectorMerge, Imported, merge_connectors
from ..formats.fields import kind_of
from ..formats.import_record import SECRETS
from ..formats.merge import Conflict, Keys
from ..formats.parts import definition_of, properties_of
from ..model import HIDDEN, MISSING, DocumentError, Edit, Finding, Route, Severity
from ..source import SourceDocument, dump, edit
from .import_target import Target

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
    files = {**target.files, definition.name: _patched(definition, done.result.definition, target)}
    if properties is not None:
        files[properties.name] = _patched(properties, done.result.properties, target)
    elif done.result.properties is not MISSING:
        files[api_properties.NAME] = dump(done.result.properties)
    speaker = _Speaker(target=target, merge=done, origin=origin, take_theirs=take_theirs)
    return Reimport(files=files, merge=done, findings=tuple(speaker.findings(definition, properties)))


def _patched(document: SourceDocument, value: Any, target: Target) -> bytes:
    """The text of a document patched so that it has another value. Raises DocumentError."""
    try:
        return edit(document, [Edit(route=Route(), action="set", value=value)]).data
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
                yield self._conflict(conflict, properties, None)
        if self.merge.left_out:
            yield self._left_out()

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

    def _conflict(self, conflict: Conflict, document: SourceDocument, theirs: Route | None) -> Finding:
        """A value that was changed on both sides."""
        return Finding(
            rule="import-conflict",
            route=Route(str(self.target.path / document.name), conflict.our_keys),
            message=f"{_called(conflict.our_keys)} {self._said(conflict)}",
            remedy="" if self.take_theirs else "edit it, or take all of the API's with --theirs",
            related=((theirs, "where the API has it"),) if theirs is not None else (),
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
            return f"was taken out by you and is {theirs} in the API now; {kept}"
        return f"is {ours} here and {theirs} in the API; {kept}"


def _called(keys: Keys) -> str:
    """What a place is called in a message."""
    if len(keys) == 3 and keys[0] == "paths":
        return f'operation "{str(keys[2]).upper()} {keys[1]}"'
    named = next((at for at in range(len(keys) - 1, -1, -1) if isinstance(keys[at], str)), 0)
    return f'"{"/".join(str(key) for key in keys[named:]) or "the document"}"'


def _shown(value: Any) -> str:
    """A value for a message, cut where it is long."""
    if isinstance(value, (dict, list)) and value:
        return kind_of(value)
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= SHOWN else f'{text[:SHOWN]}…"'
