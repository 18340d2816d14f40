"""Import: an API description becomes a connector folder, or is merged into one that is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..formats import Conversion, Load, api_properties, convert, import_record, read_definition
from ..formats import folder as connector_folder
from ..formats.adoption import adopted
from ..formats.connector_merge import Imported
from ..formats.conversion import Discover
from ..formats.dialects import base_of
from ..formats.import_record import ImportRecord
from ..formats.merge import Keys
from ..formats.origin import origin_of
from ..formats.parts import definition_of
from ..formats.selection import EVERYTHING
from ..formats.selection import Selection as Selection
from ..model import (
    MISSING,
    DocumentError,
    Finding,
    Outline,
    Route,
    ServiceError,
    Severity,
)
from ..source import SourceDocument, read
from .changes import FileChange
from .files import check_target, read_file, read_folder, write_folder
from .import_result import ImportResult as ImportResult
from .import_result import caused_by, documents_in, measured_in, secrets_of
from .import_target import Target, target_at
from .load import fetch, is_url, loader_beside, origin
from .network import NetworkOptions
from .reimport import reimported

_ODD = re.compile(r"""[\s"<>\\^`{|}]""")

Origin = Callable[[Keys], Route | None]
"""Place of an imported definition -> where it comes from."""


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
    selection: Selection = EVERYTHING
    """The operations that are wanted; for a folder that was imported into before, empty for those wanted then."""
    force: bool = False
    """Replace the connector's files in a folder that holds some, without merging."""
    theirs: bool = False
    """Where author and API changed the same value, take the API's."""
    dry_run: bool = False
    """Work out everything and write nothing."""
    network: NetworkOptions = NetworkOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What was read of a source."""

    said: str
    """The source as a folder remembers it."""
    path: Path | None = None
    """Where it is on this machine; None for one that was fetched."""
    name: str
    """Of the connector."""
    made: Conversion
    origin: Origin

    @property
    def imported(self) -> Imported:
        """The values of the two documents."""
        stated = api_properties.NAME in self.made.files or bool(self.made.properties)
        return Imported(definition=self.made.definition, properties=self.made.properties if stated else MISSING)


def import_source(source: str, options: ImportOptions = ImportOptions()) -> ImportResult:
    """Read a description (file or URL) or a connector folder and write a connector folder.

    Into a folder that holds a connector the import is merged, so that what its author edited stays. Raises
    DocumentError for a source that cannot be used, for a selection of nothing and for a folder that holds something
    else, ServiceError for one that cannot be fetched or written. What could not be carried over is in the result.
    """
    _check_options(options)
    if is_url(source):
        from ..net.driver import run_sync

        fetched = run_sync(fetch(source, options.network))
        said = _public(source)
        discover = _discovering(source, options.network)

        def reading_fetched(wanted: ImportOptions) -> _Source:
            base_url = base_of(fetched, given=wanted.base_url, url=said)
            return _described(fetched, None, wanted, said, base_url, discover)

        return _import(reading_fetched, options)
    path = Path(source)
    if path.is_dir():
        return _import(lambda wanted: _from_folder(path, wanted), options)
    document, load = read(read_file(path), path.name), loader_beside(path, options.root)

    def reading(wanted: ImportOptions) -> _Source:
        base_url = base_of(document, given=wanted.base_url)
        return replace(_described(document, load, wanted, path.name, base_url), path=path)

    return _import(reading, options)


def _check_options(options: ImportOptions) -> None:
    """Raises DocumentError for a base URL that is none, and for a root that is no folder."""
    if options.base_url and not _is_base(options.base_url):
        raise DocumentError(
            "bad-base-url",
            "the base URL of the API (--host) must be a scheme, a host and a path",
            remedy='write it like "https://api.example.com/v1"',
        )
    if options.root is not None and not options.root.is_dir():
        raise DocumentError("no-such-folder", f'there is no folder "{options.root}"', remedy="check the path of --root")


def _is_base(url: str) -> bool:
    """Whether a text is an HTTP address without user, query and fragment."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port is None or parts.port else None
    except ValueError:
        return False
    plain = not parts.query and not parts.fragment and "@" not in parts.netloc
    return bool(is_url(url) and host and plain and _ODD.search(url) is None)


def _public(url: str) -> str:
    """A URL without user, password, query and fragment."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _discovering(source: str, network: NetworkOptions) -> Discover:
    """Fetches the discovery documents that a description from a URL names, each once: with TLS, or from where the
    description is. A description on disk is imported without network."""

    @cache
    def discover(url: str) -> Any:
        from ..net.driver import run_sync

        if not url.startswith("https://") and origin(url) != origin(source):
            return None
        try:
            return run_sync(fetch(url, network)).value
        except (ServiceError, DocumentError):
            return None

    return discover


# Reading


def _described(
    document: SourceDocument,
    load: Load | None,
    options: ImportOptions,
    said: str,
    base_url: str,
    discover: Discover | None = None,
) -> _Source:
    """The connector that a description becomes."""

    @cache
    def outlines() -> tuple[Outline, ...]:
        return read_definition(document, load, base_url=base_url)[0].operations.outlines

    made = convert(document, load, base_url=base_url, selection=options.selection, discover=discover)
    made = replace(made, findings=(*made.findings, *_not_used(options.base_url, made, document)))
    return _Source(
        said=said,
        name=options.name or connector_folder.name_from_title(made.title),
        made=made,
        origin=lambda keys: origin_of(keys, document, outlines()),
    )


def _not_used(base_url: str, made: Conversion, document: SourceDocument) -> Iterator[Finding]:
    """A finding when a base URL was given for a description that says itself where its API is."""
    host = made.definition.get("host")
    if base_url and isinstance(host, str) and host.lower() != urlsplit(base_url).netloc.lower():
        yield Finding(
            rule="base-url-not-used",
            route=Route(document.name),
            message=f'the description says itself that its host is "{host}"; the base URL that is given is not used',
            remedy="change the host in the description",
            severity=Severity.INFO,
        )


def _from_folder(path: Path, options: ImportOptions) -> _Source:
    """The connector of a folder."""
    name = options.name or path.resolve().name
    load = loader_beside(path.resolve() / "definition", options.root)
    made = adopted(read_folder(path), load, name=name, selection=options.selection)
    return _Source(said=path.resolve().name, path=path, name=name, made=made, origin=lambda keys: None)


# Writing


def _import(reading: Callable[[ImportOptions], _Source], options: ImportOptions) -> ImportResult:
    """Read a source as wanted, and as it was the last time, and write it."""
    first = None if options.output else reading(options)
    target = target_at(options.output or Path(first.name if first else ""))
    wanted = _as_before(options, target)
    source = reading(wanted) if first is None or wanted != options else first
    record = ImportRecord(
        source=source.said,
        imported=import_record.remembered(source.imported),
        selection=wanted.selection,
        base_url=wanted.base_url,
    )
    if target.connector and not options.force:
        _check_other(source, target)
        return _merged(source, target, record, wanted, _repeated(options, wanted, target))
    return _fresh(source, target, record, wanted)


def _check_other(source: _Source, target: Target) -> None:
    """Raises DocumentError for a connector that is to be merged into itself: its edits would count as the API's."""
    if source.path is None:
        return
    path, folder = source.path.resolve(), target.path.resolve()
    if path == folder or (path.parent == folder and path.name == definition_of(target.files).name):
        raise DocumentError(
            "import-into-itself",
            f'"{source.path}" is what "{target.path}" holds already',
            remedy="choose another folder with -o, or write its files anew with --force",
        )


def _as_before(options: ImportOptions, target: Target) -> ImportOptions:
    """The options with those of the folder's last import where nothing else is said."""
    if target.record is None or options.force:
        return options
    return replace(
        options,
        selection=options.selection or target.record.selection,
        base_url=options.base_url or target.record.base_url,
    )


def _repeated(options: ImportOptions, wanted: ImportOptions, target: Target) -> Iterator[Finding]:
    """A finding when the selection of the last import is taken."""
    if wanted.selection and not options.selection:
        yield Finding(
            rule="selection-repeated",
            route=Route(str(target.path)),
            message=f"the operations are selected as at the last import: {wanted.selection.said()}",
            remedy='give another selection, or --only "*" for all',
            severity=Severity.INFO,
        )


def _fresh(source: _Source, target: Target, record: ImportRecord, options: ImportOptions) -> ImportResult:
    """Write a folder anew."""
    files = source.made.files
    check_target(target.path, force=options.force)
    connector = connector_folder.read(files, name=source.name)
    meter, limits = measured_in(connector, files, target.path)
    if not options.dry_run:
        write_folder(target.path, {**files, import_record.NAME: import_record.write(record)}, force=options.force)
    return ImportResult(
        connector=connector,
        folder=target.path,
        files=tuple(sorted((*files, import_record.NAME))),
        findings=(*source.made.findings, *limits),
        documents={**documents_in(connector, target.path), **source.made.documents},
        meter=meter,
        changes=tuple(_change(target.path / name, data) for name, data in files.items()) if options.dry_run else (),
        written=not options.dry_run,
        secrets=secrets_of(files, target.files),
    )


def _merged(
    source: _Source, target: Target, record: ImportRecord, options: ImportOptions, notes: Iterable[Finding]
) -> ImportResult:
    """Merge an import into the connector of a folder."""
    done = reimported(target, source.imported, source.origin, take_theirs=options.theirs)
    before = connector_folder.read(target.files, name=target.path.resolve().name)
    connector = connector_folder.read(done.files, name=before.name)
    meter, limits = measured_in(connector, done.files, target.path)
    changed = {name: data for name, data in done.files.items() if data != target.files.get(name)}
    changes = tuple(
        FileChange(path=target.path / name, before=target.files.get(name), after=data) for name, data in changed.items()
    )
    remember = target.record is None or not target.record.says(record)
    if not options.dry_run:
        remembered = _change(target.path / import_record.NAME, import_record.write(record))
        _write((*changes, remembered) if remember else changes)
    own = (*done.findings, *caused_by(before, connector, target.path), *limits)
    return ImportResult(
        connector=connector,
        folder=target.path,
        files=tuple(sorted((*changed, *([import_record.NAME] if remember else [])))),
        findings=(*source.made.findings, *notes, *own),
        documents={**documents_in(before if options.dry_run else connector, target.path), **source.made.documents},
        meter=meter,
        merge=done.merge,
        changes=changes,
        written=not options.dry_run,
        secrets=secrets_of(target.files, done.files),
    )


def _change(path: Path, data: bytes) -> FileChange:
    """What becomes of a file."""
    return FileChange(path=path, before=read_file(path) if path.exists() else None, after=data)


def _write(changes: Iterable[FileChange]) -> None:
    """Write the files one after the other: what is remembered last, so that a merge cut short can be done again."""
    for change in changes:
        try:
            change.path.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise ServiceError(
                "cannot-write", f'cannot write "{change.path}": {error}', remedy="check permissions and space"
            ) from None
        change.write()
