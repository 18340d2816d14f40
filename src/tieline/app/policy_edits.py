"""Changes of a connector's policies: worked out on the text of ``apiProperties.json``, checked by reading the result.

Every byte outside of the policy that is added, removed or moved stays (``source.edit``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..formats import folder as connector_folder
from ..formats.api_properties import NAME, instances_at
from ..formats.fields import kind_of
from ..formats.policy_instances import INSTANCES
from ..model import BugError, Connector, DocumentError, Edit, Finding, JsonObject, Redactor, Route
from ..policy import chain_of, doubts
from ..source import SourceDocument, dump, edit, move, read
from .changes import FileChange
from .files import read_folder
from .findings import located
from .new_policy import NewPolicy, instance_of
from .policies import PolicyRow, entries, policy_rows, row_json, said

Action = Literal["add", "remove", "move"]

DONE: dict[Action, str] = {"add": "added", "remove": "removed", "move": "moved"}
"""What is said of a change that was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A change of a connector's policies that is worked out and checked, and not yet made."""

    action: Action
    row: PolicyRow
    """The policy as it will be in the list; one that is removed as it was."""
    file: FileChange
    connector: Connector = field(repr=False)
    """The connector to which ``row`` belongs."""
    findings: tuple[Finding, ...] = ()
    """What is doubtful about a policy that is added."""

    def patch(self) -> bytes:
        """The change as a unified diff, without the client secrets that the file may hold."""
        return self.file.patch(Redactor(self.connector.properties.client_secrets))

    def write(self) -> None:
        """Make the change. Raises ServiceError as ``FileChange.write`` does."""
        self.file.write()

    def summary(self, *, made: bool) -> str:
        """The change in one line, made or only planned."""
        if self.file.before == self.file.after:
            return f"policy {self.row.number} is there already: {said(self.row)}"
        verb = DONE[self.action] if made else f"would {self.action}"
        to = f"to place {self.row.number}" if self.action == "move" else str(self.row.number)
        return f"{verb} policy {to}: {said(self.row)}"

    def json(self, *, written: bool) -> dict[str, Any]:
        """The change as JSON; with the patch when it is only planned."""
        documents = self.connector.documents
        shown: dict[str, Any] = {
            "version": 1,
            "action": self.action,
            "written": written,
            "file": str(self.file.path),
            "policy": row_json(self.row, documents),
            "findings": [located(finding, documents) for finding in self.findings],
        }
        if not written:
            shown["patch"] = self.patch().decode("utf-8", "backslashreplace")
        return shown


def add_policy(folder: Path, new: NewPolicy) -> PolicyChange:
    """A policy more in the connector of a folder; its ``apiProperties.json`` is made when there is none.

    Raises DocumentError for a folder without connector, and for a template, parameter, value, section or operation that
    does not fit.
    """
    policies = _Policies.of(folder)
    value = instance_of(new, policies.connector.definition.operations)
    index = policies.place(new.at)
    connector, change = policies.changed(
        lambda document: edit(document, [policies.insertion(index, value)]),
        [*policies.entries[:index], value, *policies.entries[index:]],
    )
    row = policy_rows(connector)[index]
    instance = next(policy for policy in connector.properties.policies if policy.route == row.route)
    made = chain_of((instance,))
    found = (*made.findings, *doubts(connector, made))
    return PolicyChange(action="add", row=row, file=change, connector=connector, findings=found)


def remove_policy(folder: Path, number: int) -> PolicyChange:
    """The connector of a folder without the policy of that number; a list that becomes empty goes, too.

    Raises DocumentError ``no-such-policy`` with the numbers that there are.
    """
    policies = _Policies.of(folder)
    index = policies.index(number)
    gone = policies.home / index if len(policies.entries) > 1 else policies.home
    _, change = policies.changed(
        lambda document: edit(document, [Edit(route=gone, action="remove")]),
        [*policies.entries[:index], *policies.entries[index + 1 :]],
    )
    row = policy_rows(policies.connector)[index]
    return PolicyChange(action="remove", row=row, file=change, connector=policies.connector)


def move_policy(folder: Path, number: int, to: int) -> PolicyChange:
    """The connector of a folder with one policy at another place of the list, its text as it is.

    Raises DocumentError ``no-such-policy`` with the numbers that there are.
    """
    policies = _Policies.of(folder)
    index, target = policies.index(number), policies.index(to)
    wanted = list(policies.entries)
    wanted.insert(target, wanted.pop(index))
    connector, change = policies.changed(lambda document: move(document, policies.home / index, target), wanted)
    return PolicyChange(action="move", row=policy_rows(connector)[target], file=change, connector=connector)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policies:
    """The list of policies in the files of a folder."""

    folder: Path
    files: Mapping[str, bytes]
    connector: Connector
    document: SourceDocument
    """The file that holds the list, or will hold it."""
    home: Route
    """Where the list stands, or will stand."""
    entries: list[Any]

    @classmethod
    def of(cls, folder: Path) -> _Policies:
        """The list of a folder. Raises DocumentError when there is no connector, or something else in its place."""
        files = read_folder(folder)
        connector = connector_folder.read(files, name=folder.resolve().name)
        home = instances_at(connector.properties)
        document = connector.documents.get(home.document)
        if not isinstance(document, SourceDocument):
            document = read(dump(connector.properties.root), NAME)
        for depth in range(len(home.keys) + 1):
            _check_place(document, Route(home.document, home.keys[:depth]), last=depth == len(home.keys))
        return cls(
            folder=folder,
            files=files,
            connector=connector,
            document=document,
            home=home,
            entries=entries(document.value, home),
        )

    def index(self, number: int) -> int:
        """The index of a policy's number, from 1. Raises DocumentError."""
        count = len(self.entries)
        if 1 <= number <= count:
            return number - 1
        remedy = _range(count) if count else "the connector has none; add one with: tieline policy add TEMPLATE"
        raise DocumentError("no-such-policy", f"there is no policy {number}", remedy=remedy)

    def place(self, number: int | None) -> int:
        """The index at which a new policy gets a number; the last for None. Raises DocumentError."""
        count = len(self.entries) + 1
        if number is None or 1 <= number <= count:
            return (number or count) - 1
        raise DocumentError("no-such-policy", f"a policy cannot be added at {number}", remedy=_range(count))

    def insertion(self, index: int, value: JsonObject) -> Edit:
        """The edit that puts a policy at an index; with the list, and the object around it, where they are missing."""
        if self.entries:
            if index == len(self.entries):
                return Edit(route=self.home / index, action="set", value=value)
            return Edit(route=self.home, action="set", value=[*self.entries[:index], value, *self.entries[index:]])
        around = _value_at(self.document.value, self.home.parent)
        if self.home.parent.keys and around is None:
            return Edit(route=self.home.parent, action="set", value={INSTANCES: [value]})
        return Edit(route=self.home, action="set", value=[value])

    def changed(
        self, change: Callable[[SourceDocument], SourceDocument], wanted: list[Any]
    ) -> tuple[Connector, FileChange]:
        """The connector and its file after a change of the text; BugError when the list is not as wanted then."""
        document = change(self.document)
        name = document.name
        connector = connector_folder.read({**self.files, name: document.data}, name=self.connector.name)
        if entries(connector.properties.root, instances_at(connector.properties)) != wanted:
            raise BugError("policies-not-as-wanted", f'the changed "{name}" does not hold the policies that it should')
        file = FileChange(path=self.folder / name, before=self.files.get(name), after=document.data)
        return connector, file


def _range(count: int) -> str:
    return f"give a number from 1 to {count}" if count > 1 else "give 1"


def _value_at(value: Any, route: Route) -> Any:
    for key in route.keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _check_place(document: SourceDocument, route: Route, *, last: bool) -> None:
    """Raises DocumentError ``wrong-type`` for a value in whose place an object, or at last a list, must be."""
    value = _value_at(document.value, route)
    if (value is None and route.keys) or isinstance(value, list if last else dict):
        return
    wanted = "a list" if last else "an object"
    raise DocumentError(
        "wrong-type",
        f'"{route.keys[-1] if route.keys else document.name}" must be {wanted}, but is {kind_of(value)}',
        remedy=f"make it {wanted}, or take it out",
        route=route,
        position=document.position(route),
    )
