"""A whole collection: its root fields, and everything together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from ...model import Definition, Document, Finding, JsonObject, Route
from ...source import dump
from ...source import read as read_source
from .. import openapi2
from ..derived_properties import properties_for
from ..fields import Fields, scalar_text
from ..meter import long_texts
from .collection import Reading
from .entries import text_of
from .examples import Examples
from .hosts import Hosts, Policies, base_segments, chosen, target_of
from .media import JSON
from .notes import Dropped, Notes, listed
from .operations import Draft, calls_of, drafts_of, name_all, operation_of
from .recognition import collection_of, unknown_version
from .replies import note_headers
from .secret_values import Secrets
from .signing import Requirement, Signing, combined, keep_secrets
from .variables import DYNAMIC, Met

DEFAULT_VERSION = "1.0"
"""``info.version`` of a collection that has none; the platform requires one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A collection in the form that the platform takes."""

    definition: JsonObject
    """Swagger 2.0 document."""
    properties: JsonObject
    """``apiProperties.json``: connection parameters, and the policies for hosts and paths."""
    findings: tuple[Finding, ...]
    """What was lost, changed or made up, with routes in the collection."""
    places: Mapping[str, Route]
    """operationId -> the request that the operation is called by."""
    without: Callable[[Collection[str]], tuple[Finding, ...]]
    """Ids of operations that are not wanted -> the findings that still say something."""


def read(document: Document, load: Callable[[str], Document] | None = None, *, base_url: str = "") -> Definition:
    """The definition that a collection becomes, its operations at the places of their requests. Raises what
    :func:`lower` raises; a collection has no other files."""
    lowered = lower(document, base_url=base_url)
    made = read_source(dump(lowered.definition), document.name)
    definition = openapi2.read(made)
    outlines = (replace(outline, route=lowered.places[outline.id]) for outline in definition.operations.outlines)
    operations = definition.operations.with_outlines(tuple(outlines))
    return replace(definition, operations=operations, findings=lowered.findings, properties=lowered.properties)


def lower(document: Document, *, base_url: str = "") -> Lowered:
    """Make a Swagger 2.0 document of a collection; the same input gives the same output.

    ``base_url`` stands in for a host that the collection does not name. Raises DocumentError ``not-a-collection`` or
    ``unsupported-version`` for what is no collection of the formats 2.0 and 2.1; everything else that is wrong or lost
    is a finding.
    """
    value, route = collection_of(document.value, Route(document.name))
    return _Lowering(value, route).lowered(base_url)


class _Lowering:
    """The lowering of one collection."""

    __slots__ = ("examples", "notes", "root", "secrets", "signing")

    def __init__(self, value: JsonObject, route: Route) -> None:
        self.notes = Notes()
        self.root = Fields(value, route, self.notes.found)
        self.secrets = Secrets()
        self.examples = Examples(self.secrets)
        self.signing = Signing(self.notes, self.secrets)

    def lowered(self, base_url: str) -> Lowered:
        """Everything."""
        met = Met()
        reading = Reading(self.notes, self.secrets)
        requests = list(reading.requests(self.root, met))
        for asked in requests:
            keep_secrets(asked, self.secrets)
        targets = [target_of(asked, self.notes, self.secrets) for asked in requests]
        hosts = chosen(targets, base_url, self.root.at("item"), self.notes)
        base = base_segments(targets, hosts, self.secrets)
        drafts = drafts_of(calls_of(targets, self.signing, self.examples, self.notes), self.notes)
        for draft in drafts:
            draft.prefix = len(base) if hosts.is_main(draft.first.base) else 0
        moved = name_all(drafts, self.examples)
        security = self._security(drafts)
        paths = self._paths(drafts, security)
        self.signing.finish()
        note_headers(requests, self.root.at("item"), self.notes)
        self._note_rest(reading, met, drafts)
        definition = {
            "swagger": "2.0",
            "info": self._info(),
            "host": hosts.host,
            "basePath": "/" + "/".join((*hosts.prefix, *base)),
            "schemes": list(hosts.schemes),
            "consumes": [JSON],
            "produces": [JSON],
            "paths": paths,
            "definitions": {},
            **self._tail(security, reading),
        }
        properties = self._properties(drafts, moved, hosts)
        return Lowered(
            definition=definition,
            properties=properties,
            findings=self.notes.finished(self.secrets),
            places={draft.id: draft.route for draft in drafts},
            without=partial(self._without, {draft.id: [call.asked.route for call in draft.calls] for draft in drafts}),
        )

    def _without(self, requests: Mapping[str, Sequence[Route]], ids: Collection[str]) -> tuple[Finding, ...]:
        """The findings without those about some operations; ``requests`` are what each operation is made of."""
        places = [route for id, routes in requests.items() if id in ids for route in routes]
        return self.notes.finished(self.secrets, Dropped(ids, places))

    def _info(self) -> JsonObject:
        """``info``: name, description and version of the collection."""
        info = self.root.child("info")
        title = self.examples.text(info.text("name").strip())
        if not title:
            title = self.root.route.document.replace("\\", "/").rpartition("/")[2].partition(".")[0] or "API"
            self.notes.add("missing-title", info.route, f'the collection has no name; the title becomes "{title}"')
        out: JsonObject = {"title": title}
        description = text_of(info.get("description"))
        if description:
            out["description"] = self.examples.text(description)
        out["version"] = self.examples.text(_version(info))
        if not out["version"]:
            out["version"] = DEFAULT_VERSION
            message = f'the collection has no version; it becomes "{DEFAULT_VERSION}"'
            self.notes.add("missing-api-version", info.route, message)
        for name, message in long_texts(out):
            self.notes.add("text-length", info.at({"title": "name"}.get(name, name)), message)
        version = unknown_version(info)
        if version:
            self.notes.add("unknown-version", info.at("schema"), f'format "{version}" is not known; it is read as 2.1')
        return out

    def _security(self, drafts: Sequence[Draft]) -> list[Requirement]:
        """The ``security`` that most operations have."""
        silent = Notes()
        found = [combined([call.signed for call in draft.calls], draft.route, silent) for draft in drafts]
        counted = Counter(repr(requirement) for requirement in found)
        most = counted.most_common(1)[0][0] if counted else ""
        return next((requirement for requirement in found if repr(requirement) == most), [])

    def _paths(self, drafts: Sequence[Draft], security: list[Requirement]) -> JsonObject:
        """``paths``, with the operations in order of their first requests."""
        paths: JsonObject = {}
        for draft in drafts:
            operation = operation_of(draft, security, self.examples, self.notes)
            paths.setdefault(draft.path, {})[draft.method.lower()] = operation
        return paths

    def _tail(self, security: list[Requirement], reading: Reading) -> JsonObject:
        """Root fields behind ``definitions``."""
        tail: JsonObject = {}
        if self.signing.definitions:
            tail = {"securityDefinitions": self.signing.definitions, "security": security}
        tags: dict[str, JsonObject] = {}
        for name, description in reading.tags.items():
            shown = self.examples.text(name)
            described = {"description": self.examples.text(description)} if description else {}
            tags.setdefault(shown, {"name": shown, **described})
        return {**tail, "tags": list(tags.values())} if tags else tail

    def _properties(self, drafts: Sequence[Draft], moved: Sequence[Draft], hosts: Hosts) -> JsonObject:
        """The value of ``apiProperties.json``."""
        made = properties_for(openapi2.security_definitions(self.signing.definitions, self.root.route, []))
        parameters = made["properties"]["connectionParameters"]
        policies = Policies(taken={name.lower() for name in parameters})
        for draft in drafts:
            if not hosts.is_main(draft.first.base):
                policies.send_elsewhere(draft.id, draft.first.base)
        for draft in moved:
            policies.route(draft.id, draft.template)
            message = f'{draft.method} "{draft.template}" is an operation already; "{draft.id}" is routed to it'
            self.notes.add("request-routed", draft.route, message)
        for draft in drafts:
            if draft.sent_as:
                policies.content_type(draft.id, draft.sent_as)
                message = f'the body of "{draft.id}" is JSON and is sent as "{draft.sent_as}"'
                self.notes.add("content-type-set", draft.route, message)
        instances = policies.instances(self.notes, self.root.at("item"))
        made["properties"]["connectionParameters"] = {**parameters, **policies.connection_parameters()}
        if instances:
            made["properties"]["policyTemplateInstances"] = instances
        return made

    def _note_rest(self, reading: Reading, met: Met, drafts: Sequence[Draft]) -> None:
        """What is noted once for the whole collection."""
        route = self.root.route
        if reading.scripts:
            scripts = f"{reading.scripts} scripts stay" if reading.scripts > 1 else "a script stays"
            self.notes.add("scripts-kept-back", route, f"{scripts} in the collection")
        made_up = [name for name in met.unknown if name.startswith(DYNAMIC)]
        if made_up:
            self.notes.add("dynamic-variables", route, f"values that Postman makes up are asked for: {listed(made_up)}")
        unknown = [name for name in met.unknown if not name.startswith(DYNAMIC)]
        if unknown:
            self.notes.add("unknown-variables", route, f"the collection has no value for {listed(unknown)}")
        if not drafts:
            self.notes.add("no-operations", self.root.at("item"), "no request of the collection became an operation")
        _note_literals(drafts, self.notes)


def _note_literals(drafts: Sequence[Draft], notes: Notes) -> None:
    """Note operations whose paths differ in one value only."""
    alike: dict[tuple[object, ...], list[Draft]] = {}
    for draft in drafts:
        path = draft.first.path
        for index, _ in path.literals():
            key = (draft.first.base.key, draft.method, *path.key[:index], "{}", *path.key[index + 1 :])
            alike.setdefault(key, []).append(draft)
    for found in alike.values():
        if len(found) > 1:
            paths = listed([draft.template for draft in found])
            ids = [draft.id for draft in found]
            notes.add("literal-ids", found[0].route, f"these paths differ in a value only: {paths}", about=ids)


def _version(info: Fields) -> str:
    """The version of a collection: a text, or an object with ``major``, ``minor`` and ``patch``."""
    value = info.get("version")
    if not isinstance(value, dict):
        return (scalar_text(value) or "").strip()
    numbers = [scalar_text(value.get(name)) or "0" for name in ("major", "minor", "patch")]
    identifier = scalar_text(value.get("identifier")) or ""
    return ".".join(numbers) + (f"-{identifier}" if identifier else "")
