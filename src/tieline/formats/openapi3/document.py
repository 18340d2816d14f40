"""A whole description: its root fields lowered, and everything together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...model import Document, Finding, JsonObject, Route
from .. import authentication
from ..fields import Fields
from ..meter import long_texts
from .addresses import absolute
from .finishing import all_finished, said
from .lowering import Discover, Lowering
from .media import JSON
from .operations import Around, Entry, listed, lower_item, lower_operation
from .planning import plan_all
from .properties import lower_properties
from .references import Loader
from .security import Security, lower_requirements, lower_schemes, used_scopes, written
from .servers import lower_servers

ROOT_KNOWN = frozenset(
    {"openapi", "swagger", "info", "servers", "paths", "components", "security", "tags"}
) | frozenset(
    {"externalDocs", "webhooks", "x-webhooks", "jsonSchemaDialect", "$self", "authentication", "securityDefinitions"}
)
"""Fields of the root of a description; the last two are the notations of the guide's auth-api-key."""

COMPONENTS_KNOWN = frozenset(
    {"schemas", "responses", "parameters", "examples", "requestBodies", "headers"}
) | frozenset({"securitySchemes", "links", "callbacks", "pathItems", "mediaTypes"})
"""Fields of the components object; what nothing refers to is not carried over and not noted."""

INFO_TEXTS = ("title", "description", "termsOfService")
"""Texts in ``info`` that Swagger 2.0 has too."""

DEFAULT_VERSION = "1.0"
"""``info.version`` of a description that has none; the platform requires one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """A description in the form that the platform takes."""

    definition: JsonObject
    """Swagger 2.0 document. Parts in which nothing changed are those of the description itself: do not change them."""
    properties: JsonObject
    """``apiProperties.json``: connection parameters for the ways of signing in."""
    findings: tuple[Finding, ...]
    """What was lost, changed or made up, with routes in the description."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Everything of a description but its operations and schemas."""

    root: JsonObject
    """Root fields of the Swagger document that come before ``paths``."""
    tail: JsonObject
    """Those that come after ``definitions``."""
    entries: tuple[Entry, ...]
    """The operations, still as they are written."""
    around: Around
    properties: JsonObject
    """The value of ``apiProperties.json``."""


def lower(
    document: Document, load: Loader | None = None, *, base_url: str = "", discover: Discover | None = None
) -> Lowered:
    """Lower a whole OpenAPI 3 description to Swagger 2.0; the same input gives the same output.

    ``load`` gives the other files of a description of several; ``base_url`` is where the description was fetched, for
    servers relative to it; ``discover`` fetches discovery documents of OpenID Connect. Raises DocumentError
    ``not-an-api-description`` or ``unsupported-version`` for what is no OpenAPI 3; everything else that is wrong or
    lost is a finding.
    """
    low = Lowering(document, load, discover)
    head = lower_head(low, base_url)
    written = low.object_at(document.value, low.main, "paths")[0]
    paths = {key: child for key, child in written.items() if key.startswith("x-")}
    for entry in head.entries:
        item = paths.get(entry.path)
        if item is None:
            item = paths[entry.path] = lower_item(entry, low, head.around)
        item[entry.method] = lower_operation(entry, low, head.around).value
    definitions = all_finished(low)
    low.notes.extend(said(low, paths, definitions))
    return Lowered(
        definition={**head.root, "paths": paths, "definitions": definitions, **head.tail},
        properties=head.properties,
        findings=tuple(low.notes),
    )


def lower_head(low: Lowering, base_url: str) -> Head:
    """Lower the root fields of a description and list its operations."""
    root, at = low.main.value, low.main
    servers = lower_servers(root, at, low, base_url)
    low.base_url = str(servers.address)
    entries = tuple(listed(low))
    low.ids = frozenset(entry.id for entry in entries)
    plans = plan_all(entries, low)
    used = used_scopes([root.get("security"), *(entry.operation[0].get("security") for entry in entries)])
    components = low.object_at(root, at, "components")
    for name in low.extras(*components, COMPONENTS_KNOWN):
        low.notes.add("text-dropped", (components[1], name), f'"{name}" of the components is left out')
    security = lower_schemes(components, low, dict(used))
    if not security.definitions:
        security = _from_block(low) or security
    security = security._replace(of_operations="security" not in root and _any_says(entries))
    tail: JsonObject = {"securityDefinitions": written(security.definitions)} if security.definitions else {}
    if "security" in root:
        tail["security"] = lower_requirements(root["security"], (at, "security"), low, security)
    tail |= _tags(low)
    docs = low.docs_at(root, at)
    tail |= {"externalDocs": docs} if docs else {}
    around = Around(servers, security, base_url, plans)
    return Head(
        root={"swagger": "2.0", "info": _info(low), **servers.fields(), "consumes": [JSON], "produces": [JSON]},
        tail=tail | low.extras(root, at, ROOT_KNOWN),
        entries=entries,
        around=around,
        properties=lower_properties(entries, around, low),
    )


def _any_says(entries: Sequence[Entry]) -> bool:
    """Whether some operation says how it is signed in."""
    return any(entry.operation[0].get("security") is not None for entry in entries)


def _info(low: Lowering) -> JsonObject:
    """``info`` with what Swagger 2.0 has there; what it has not is kept with ``x-`` before it."""
    info, at = low.object_at(low.main.value, low.main, "info")
    out: JsonObject = {key: text for key in INFO_TEXTS if (text := low.text_at(info, at, key))}
    if "termsOfService" in out:
        out["termsOfService"] = absolute(low.base_url, out["termsOfService"])
    if "title" not in out:
        out = {"title": low.main.file.rpartition(".")[0] or low.main.file or "API", **out}
        low.notes.add("missing-title", at, f'the description has no title; it becomes "{out["title"]}"')
    if isinstance(info.get("summary"), str):
        out["x-summary"] = info["summary"]
    contact = low.texts_at(info, at, "contact", ("name", "url", "email"))
    out |= {"contact": contact} if contact else {}
    licence = low.texts_at(info, at, "license", ("name", "url", "identifier"))
    if licence:
        identifier = licence.pop("identifier", "")
        named = {"name": licence.get("name") or identifier or "License", **licence}
        out["license"] = {**named, "x-identifier": identifier} if identifier else named
    version = info.get("version")
    out["version"] = str(version) if isinstance(version, (str, int, float)) and version != "" else DEFAULT_VERSION
    if out["version"] != version and not isinstance(version, (int, float)):
        low.notes.add("missing-api-version", at, f'the description has no version; it becomes "{DEFAULT_VERSION}"')
    for name, message in long_texts(out):
        low.notes.add("text-length", (at, name), message)
    known = frozenset({*INFO_TEXTS, "summary", "contact", "license", "version"})
    return out | low.extras(info, at, known)


def _tags(low: Lowering) -> JsonObject:
    """The tags of a description, each name once."""
    found: dict[str, Any] = {}
    base = (low.main, "tags")
    for index, tag in enumerate(low.list_at(low.main.value, low.main, "tags")):
        if not isinstance(tag, dict) or not isinstance(tag.get("name"), str):
            low.wrong((base, index), 'an object with a "name"', tag)
            continue
        out = {_tag_key(key): child for key, child in tag.items() if key not in ("description", "externalDocs")}
        description, docs = low.text_at(tag, (base, index), "description"), low.docs_at(tag, (base, index))
        out |= {"description": description} if description else {}
        out |= {"externalDocs": docs} if docs else {}
        known = found.setdefault(tag["name"], out)
        if out != known and len(out) > 1:
            message = f'what is said of the tag "{tag["name"]}" here is left out: it occurred before'
            low.notes.add("text-dropped", (base, index), message, "say it where the tag occurs first")
    return {"tags": list(found.values())} if found else {}


def _tag_key(key: str) -> str:
    """A field of a tag as Swagger 2.0 spells it; those of 3.2 (``summary``, ``parent``, ``kind``) become extensions."""
    return key if key == "name" or key.startswith("x-") else f"x-{key}"


def _from_block(low: Lowering) -> Security | None:
    """The security definitions that stand in the root as in Swagger 2.0, and those that the ``authentication`` block
    there stands for, if there are any. Where both say how, the first is used, with the block's refresh URL and client
    id."""
    found: list[Finding] = []
    definitions = authentication.declared_of(Fields(low.main.value, Route(low.main.name), found))
    low.notes.extend(found)
    return Security(definitions, frozenset(definitions)) if definitions else None
