"""The folder that an import goes to: what is there already, and what it remembers of its last import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..formats import import_record
from ..formats.import_record import ImportRecord
from ..formats.parts import DEFINITION_NAMES, PROPERTIES_NAMES, named
from ..model import DocumentError, Finding, Severity
from .files import read_file, read_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A folder before an import is written to it."""

    path: Path
    files: Mapping[str, bytes] = field(repr=False)
    """The files of the connector in it; none for a folder that is not there, is empty, or holds something else."""
    record: ImportRecord | None = field(default=None, repr=False)
    """Its last import; None when nobody knows."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with its record."""

    @property
    def connector(self) -> bool:
        """Whether it holds a connector."""
        return bool(self.files)


def target_at(path: Path) -> Target:
    """The folder at a path. Raises DocumentError for files that cannot be read."""
    files = read_folder(path) if path.is_dir() else {}
    if named(files, (*DEFINITION_NAMES, *PROPERTIES_NAMES)) is None:
        return Target(path=path, files={})
    record = path / import_record.NAME
    if not record.is_file():
        return Target(path=path, files=files)
    try:
        return Target(path=path, files=files, record=import_record.read(read_file(record), str(record)))
    except DocumentError as error:
        found = error.finding
        finding = Finding(
            rule=found.rule,
            route=found.route,
            message=found.message,
            remedy=f"{found.remedy}; until then it is as if nothing was remembered",
            severity=Severity.WARNING,
        )
        return Target(path=path, files=files, findings=(finding,))
