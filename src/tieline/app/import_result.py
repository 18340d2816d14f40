"""What an import gave: the connector, its files, and everything that there is to say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..formats import api_properties
from ..formats.connector_merge import ConnectorMerge
from ..formats.meter import Meter, characters, measure, over_limit
from ..formats.parts import properties_of
from ..model import Connector, Document, DocumentError, Finding, Position, Redactor, Route, Secret, Severity
from .changes import FileChange


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What was imported."""

    connector: Connector = field(repr=False)
    """The connector as it was written."""
    folder: Path
    files: tuple[str, ...]
    """Names of the files written, sorted; of a merge only those that changed."""
    findings: tuple[Finding, ...]
    """What was repaired in the source, what could not be carried over, and what a merge could not decide."""
    documents: Mapping[str, Document] = field(repr=False)
    """The documents that the findings speak of."""
    meter: Meter
    """What the connector uses of the platform's limits."""
    merge: ConnectorMerge | None = field(default=None, repr=False)
    """How it was merged into the connector that was there; None for an import that made the folder anew."""
    changes: tuple[FileChange, ...] = field(default=(), repr=False)
    """What became of the folder's files, apart from what it remembers of the import."""
    written: bool = True
    """Whether the folder was written, or only planned."""
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    """The client secrets that the files hold, or held before."""

    def patch(self) -> bytes:
        """The changes as a unified diff, without secrets."""
        return b"".join(change.patch(Redactor(self.secrets)) for change in self.changes)

    def summary(self) -> str:
        """One line for a person."""
        count = len(self.connector.definition.operations)
        kinds = {severity: sum(f.severity is severity for f in self.findings) for severity in Severity}
        said = ", ".join(
            f"{number} {severity.value}" + "s" * (number != 1) for severity, number in kinds.items() if number
        )
        verb = "imported" if self.written else "would import"
        again = " again" if self.merge else ""
        what = f"{count} operation" + "s" * (count != 1)
        return f"{verb}{again} {what} of {self.connector.definition.title}" + (f" ({said})" if said else "")


def secrets_of(*folders: Mapping[str, bytes]) -> tuple[Secret, ...]:
    """The client secrets in the properties of connectors, as far as these can be read."""
    found: list[Secret] = []
    for files in folders:
        try:
            document = properties_of(files)
        except DocumentError:
            continue
        if document is not None:
            found.extend(api_properties.read(document).client_secrets)
    return tuple(found)


def measured_in(connector: Connector, files: Mapping[str, bytes], path: Path) -> tuple[Meter, tuple[Finding, ...]]:
    """What a connector uses of the platform's limits, and a finding for each that it exceeds."""
    route = connector.definition.route
    meter = measure(connector.definition, characters(files[route.document]))
    return meter, tuple(_in_folder(finding, path) for finding in over_limit(meter, route))


def caused_by(before: Connector, after: Connector, path: Path) -> Iterator[Finding]:
    """The findings about a connector that a merge brought, such as a policy for an operation that is gone."""
    known = {(finding.rule, finding.message) for finding in before.findings}
    for finding in after.findings:
        if (finding.rule, finding.message) not in known:
            yield _in_folder(finding, path)


def _in_folder(finding: Finding, path: Path) -> Finding:
    """A finding about a file of the folder, with the file's whole path: the source may have a file of the same name."""
    related = tuple((_in(path, route), note) for route, note in finding.related)
    return replace(finding, route=_in(path, finding.route), related=related)


def _in(path: Path, route: Route) -> Route:
    return Route(str(path / route.document), route.keys)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document of the folder under its whole path; a ``model.Document``."""

    name: str
    document: Document

    @property
    def value(self) -> Any:
        """The JSON value."""
        return self.document.value

    @property
    def data(self) -> bytes:
        """The bytes."""
        return self.document.data

    def position(self, route: Route) -> Position | None:
        """Line and column of a route of this document."""
        return self.document.position(Route("", route.keys)) if route.document == self.name else None


def documents_in(connector: Connector, path: Path) -> dict[str, Document]:
    """The files of a connector in a folder, by their whole paths."""
    return {str(path / name): _Placed(str(path / name), document) for name, document in connector.documents.items()}
