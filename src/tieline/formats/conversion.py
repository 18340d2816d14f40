"""Conversion: from an API description to the files of a connector folder."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

from ..model import Definition, Document, Edit, Finding, JsonObject, Outline, Route
from ..source import SourceDocument, dump, edit
from . import api_properties, openapi2, save_rules
from .authentication import BLOCK, CLIENT_ID, REFRESH_URL
from .bundle import bundled
from .dialects import Load, alone, format_of
from .fields import Fields
from .folder import check, from_definition
from .meter import MOST_CHARACTERS, characters
from .origin import origin_of
from .relevance import relevant
from .selection import EVERYTHING, Selection
from .slimming import selected, slimmed

Discover: TypeAlias = Callable[[str], Any]
"""URL of an OpenID Connect discovery document -> its JSON value; None when it cannot be had."""

EXTENSION = b"x-ms-"
"""How the names of the platform's extensions begin."""

WITHOUT_URL = "webhook-operations-missing-notification-url-property"
"""The kind of finding about a trigger without a URL; the lowering of OpenAPI 3 has one of its own."""

ONE_SIGN_IN = "one-sign-in"
"""The kind of finding about several OAuth 2 sign-ins, of which a connection has one."""

DEFINITION_NAME = "apiDefinition.swagger.json"
"""The definition's file name in a connector folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What came of an API description."""

    title: str
    """The description's title."""
    files: Mapping[str, bytes] = field(repr=False)
    """The files of the connector folder, by name."""
    definition: JsonObject = field(repr=False)
    """The value of the definition's file."""
    properties: JsonObject = field(repr=False)
    """The value of the properties' file."""
    findings: tuple[Finding, ...] = ()
    """What was repaired in the description and what could not be carried over."""
    documents: Mapping[str, Document] = field(default_factory=dict, repr=False)
    """The documents that the findings speak of."""
    without: Callable[[Collection[str]], tuple[Finding, ...]] | None = field(default=None, repr=False, compare=False)
    """Ids of operations that are not wanted -> the findings that still say something; None where their places tell."""


def convert(
    document: SourceDocument,
    load: Load | None = None,
    *,
    base_url: str = "",
    selection: Selection = EVERYTHING,
    discover: Discover | None = None,
) -> Conversion:
    """The connector folder for an API description of any dialect.

    ``load`` gives the other documents of a description of several, ``base_url`` stands in for a server that it does
    not name, ``selection`` says which operations are wanted, ``discover`` fetches discovery documents of OpenID
    Connect. Raises DocumentError when it is no API description, and
    when nothing is selected.
    """
    documents: dict[str, Document] = {document.name: document}

    def loaded(reference: str) -> Document:
        other = (load or alone)(reference)
        return documents.setdefault(other.name, other)

    lowering = partial(_from_openapi3, discover=discover)
    make = {"openapi2": _from_openapi2, "postman": _from_postman}.get(format_of(document).id, lowering)
    made = make(document, loaded, base_url, documents)
    made = replace(made, findings=(*made.findings, *_repairs(documents.values(), document)))
    if not selection:
        return _fitted(made, document)
    outlines = format_of(document).read(document, loaded, base_url).operations.outlines
    return with_selection(made, document, outlines, selection)


def _repairs(documents: Iterable[Document], main: Document) -> Iterator[Finding]:
    """What was repaired in the other documents of a description."""
    for other in documents:
        if other is not main and isinstance(other, SourceDocument):
            yield from other.findings


def with_selection(
    made: Conversion, document: SourceDocument, outlines: Iterable[Outline], selection: Selection
) -> Conversion:
    """A conversion with some operations only, and without the findings about others.

    ``document`` is the description and ``outlines`` its operations. Raises DocumentError when nothing is selected.
    """
    slim = selected(made.definition, made.properties, selection, Route(document.name))
    if made.without is None:
        findings = relevant(made.findings, document, made.documents, outlines, slim.dropped)
    else:
        findings = made.without(slim.dropped)
    findings = tuple(one for one in findings if one.rule != ONE_SIGN_IN or _has_sign_ins(slim.definition))
    files = {DEFINITION_NAME: dump(slim.definition), api_properties.NAME: dump(slim.properties)}
    return replace(
        made,
        files={**made.files, **files},
        definition=slim.definition,
        properties=slim.properties,
        findings=(*findings, *slim.findings),
    )


def _has_sign_ins(definition: JsonObject) -> bool:
    """Whether a lowered definition has several OAuth 2 sign-ins."""
    kinds = [one["type"] for one in definition.get("securityDefinitions", {}).values()]
    return kinds.count("oauth2") > 1


def _fitted(made: Conversion, document: SourceDocument) -> Conversion:
    """The conversion; where its definition is too long, without what no operation reaches."""
    data = made.files[DEFINITION_NAME]
    if characters(data) <= MOST_CHARACTERS:
        return made
    definition, findings = slimmed(made.definition, Route(document.name))
    shorter = dump(definition)
    if not findings or len(shorter) >= len(data):
        return made
    files = {**made.files, DEFINITION_NAME: shorter}
    return replace(made, files=files, definition=definition, findings=(*made.findings, *findings))


def _from_openapi2(
    document: SourceDocument, load: Load, base_url: str, documents: Mapping[str, Document]
) -> Conversion:
    """A Swagger 2.0 description stays as its author wrote it, unless the platform could not read it like that."""
    definition = openapi2.read(document, load, base_url=base_url)
    notes = list(document.findings)
    connector = from_definition(definition, (document,))
    notes.extend(check(connector))
    edits = [fix for finding in definition.findings for fix in finding.fix]
    edits.extend(_server(document, definition, base_url))
    edits.extend(_security(document, definition))
    edited = edit(document, edits) if edits else document
    root = bundled(edited.value, definition.refs, document.name, notes)
    notes.extend(_refused(root, document, notes))
    plain = edited.format == "json" and not edited.findings and root is edited.value
    return Conversion(
        title=definition.title,
        files={
            DEFINITION_NAME: edited.data if plain else dump(root),
            api_properties.NAME: connector.documents[api_properties.NAME].data,
        },
        definition=root,
        properties=connector.documents[api_properties.NAME].value,
        findings=tuple(notes),
        documents=documents,
    )


def _refused(root: JsonObject, document: SourceDocument, notes: Iterable[Finding]) -> list[Finding]:
    """What the platform refuses of a definition that stays as it is, where nothing else is said of the same place."""
    known = {finding.route.keys for finding in notes}
    return [one for one in save_rules.check(root, Route(document.name)) if one.route.keys not in known]


def _server(document: SourceDocument, definition: Definition, base_url: str) -> list[Edit]:
    """The edits that write a base URL into a definition that names no host."""
    if not base_url or Fields(document.value, definition.route, []).text("host").strip():
        return []
    values = {
        "host": definition.host,
        "basePath": definition.base_path,
        "schemes": list(definition.schemes),
    }
    return [Edit(route=definition.route / name, action="set", value=value) for name, value in values.items()]


def _security(document: SourceDocument, definition: Definition) -> list[Edit]:
    """The edits that write an ``authentication`` block, which the platform refuses, as security definitions."""
    if BLOCK not in document.value:
        return []
    edits = [Edit(route=definition.route / BLOCK, action="remove")]
    if not document.value.get("securityDefinitions"):
        values: JsonObject = {
            name: {key: value for key, value in security.raw.items() if key not in (REFRESH_URL, CLIENT_ID)}
            for name, security in definition.security_definitions.items()
        }
        edits.append(Edit(route=definition.route / "securityDefinitions", action="set", value=values))
    return edits


def _from_openapi3(
    document: SourceDocument,
    load: Load,
    base_url: str,
    documents: Mapping[str, Document],
    discover: Discover | None,
) -> Conversion:
    """An OpenAPI 3 description is lowered whole."""
    from . import openapi3

    lowered = openapi3.lower(document, load, base_url=base_url, discover=discover)
    definition = dump(lowered.definition)
    refused: list[Finding] = []
    if EXTENSION in definition:
        outlines = partial(_outlines, document, load, base_url)
        refused = _refused_extensions(lowered.definition, document, outlines, lowered.findings)
    title = Fields(lowered.definition, Route(document.name), []).child("info").text("title")
    return Conversion(
        title=title,
        files={DEFINITION_NAME: definition, api_properties.NAME: dump(lowered.properties)},
        definition=lowered.definition,
        properties=lowered.properties,
        findings=(*document.findings, *lowered.findings, *refused),
        documents=documents,
    )


def _outlines(document: SourceDocument, load: Load, base_url: str) -> tuple[Outline, ...]:
    """The operations of a description."""
    return format_of(document).read(document, load, base_url).operations.outlines


def _refused_extensions(
    definition: JsonObject,
    document: SourceDocument,
    outlines: Callable[[], tuple[Outline, ...]],
    said: Iterable[Finding],
) -> list[Finding]:
    """What the platform refuses of its own extensions that a description has, at their places in the description; what
    is ``said`` of a trigger without a URL is not said again."""
    found = save_rules.check_extensions(definition, Route(document.name))
    triggers = {one.route.keys[:2] for one in said if one.rule == "notification-url-missing"}
    left = [one for one in found if one.rule != WITHOUT_URL or one.route.keys[:2] not in triggers]
    return [replace(one, route=origin_of(one.route.keys, document, outlines())) for one in left]


def _from_postman(document: SourceDocument, load: Load, base_url: str, documents: Mapping[str, Document]) -> Conversion:
    """A Postman collection becomes a definition, and policies where it calls several hosts."""
    from . import postman

    lowered = postman.lower(document, base_url=base_url)
    return Conversion(
        title=lowered.definition["info"]["title"],
        files={DEFINITION_NAME: dump(lowered.definition), api_properties.NAME: dump(lowered.properties)},
        definition=lowered.definition,
        properties=lowered.properties,
        findings=(*document.findings, *lowered.findings),
        documents=documents,
        without=lambda ids: (*document.findings, *lowered.without(ids)),
    )
