"""Import: an API description becomes a connector folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..formats import Load, convert
from ..formats import folder as connector_folder
from ..model import Connector, Document, Finding, Severity
from ..source import SourceDocument, read
from .files import read_file, read_folder, write_folder
from .load import fetch, is_url, loader_beside, origin
from .network import NetworkOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a person may say about an import."""

    name: str = ""
    """The connector's name; empty for its title in PascalCase."""
    output: Path | None = None
    """Folder to write; None for one of the connector's name in the current folder."""
    base_url: str = ""
    """Base URL of the API, where the description names none."""
    root: Path | None = None
    """Folder below which a local description's other files may be; None for the description's own."""
    force: bool = False
    """Replace the connector's files in a folder that holds some."""
    network: NetworkOptions = NetworkOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What was imported."""

    connector: Connector = field(repr=False)
    """The connector as it was written."""
    folder: Path
    files: tuple[str, ...]
    """Names of the files written, sorted."""
    findings: tuple[Finding, ...]
    """What was repaired in the source and what could not be carried over."""
    documents: Mapping[str, Document] = field(repr=False)
    """The source documents that the findings speak of."""

    def summary(self) -> str:
        """One line for a person."""
        count = len(self.connector.definition.operations)
        kinds = {severity: sum(f.severity is severity for f in self.findings) for severity in Severity}
        said = ", ".join(
            f"{number} {severity.value}" + "s" * (number != 1) for severity, number in kinds.items() if number
        )
        return f"imported {count} operations of {self.connector.definition.title}" + (f" ({said})" if said else "")


def import_source(source: str, options: ImportOptions = ImportOptions()) -> ImportResult:
    """Read a description (file or URL) or a connector folder and write a connector folder.

    Raises DocumentError for a source that cannot be used and for a folder that is not empty, ServiceError for one that
    cannot be fetched or written. What could not be carried over is in the result.
    """
    if is_url(source):
        from ..net.driver import run_sync

        document = run_sync(fetch(source, options.network))
        return _import_description(document, None, options, base_url=options.base_url or origin(source))
    path = Path(source)
    if path.is_dir():
        return _import_folder(path, options)
    document = read(read_file(path), path.name)
    return _import_description(document, loader_beside(path, options.root), options, base_url=options.base_url)


def _import_folder(path: Path, options: ImportOptions) -> ImportResult:
    files = read_folder(path)
    given = connector_folder.read(files, name=options.name or path.resolve().name)
    return _write(files, given.findings, given.documents, options, name=given.name)


def _import_description(
    document: SourceDocument, loader: Load | None, options: ImportOptions, *, base_url: str
) -> ImportResult:
    converted = convert(document, loader, base_url=base_url)
    name = options.name or connector_folder.name_from_title(converted.title)
    return _write(converted.files, converted.findings, converted.documents, options, name=name)


def _write(
    files: Mapping[str, bytes],
    findings: tuple[Finding, ...],
    documents: Mapping[str, Document],
    options: ImportOptions,
    *,
    name: str,
) -> ImportResult:
    target = options.output or Path(name)
    write_folder(target, files, force=options.force)
    return ImportResult(
        connector=connector_folder.read(files, name=name),
        folder=target,
        files=tuple(sorted(files)),
        findings=findings,
        documents=documents,
    )
