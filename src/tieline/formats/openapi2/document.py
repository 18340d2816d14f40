"""A Swagger 2.0 document as a definition: its root fields read, its operations listed and left for later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...model import (
    Definition,
    Document,
    DocumentError,
    Finding,
    JsonObject,
    Operation,
    Operations,
    Outline,
    Route,
    SecurityDefinition,
)
from ..authentication import BLOCK, swagger_of
from ..fields import Fields, kind_of, scalar_text
from ..refs import LocalRefs
from .operation import Scope, build_operation
from .outline import list_operations
from .security import requirements, security_definitions
from .server import server_of


def read(document: Document, load: Callable[[str], Document] | None = None, *, base_url: str = "") -> Definition:
    """The definition that a Swagger 2.0 document holds.

    Operations are listed at once and read when asked for; what is wrong inside one is in ``Operation.findings``, all
    else in ``Definition.findings``. ``load`` gives the other documents that references lead to, ``base_url`` stands in
    for a host that the document does not name. Raises DocumentError ``not-an-api-description`` when the document has no
    ``swagger`` key, ``unsupported-version`` when it is another version.
    """
    route = Route(document.name)
    root = _root(document.value, route)
    notes: list[Finding] = []
    fields = Fields(root, route, notes)
    _check_version(fields, document)
    info = fields.child("info")
    server = server_of(fields, base_url)
    refs = LocalRefs(root, route, load)
    scope = Scope(refs=refs, consumes=fields.texts("consumes"), produces=fields.texts("produces"))
    return Definition(
        title=_title(info),
        description=info.text("description"),
        version=info.text("version"),
        host=server.host,
        base_path=server.base_path,
        schemes=server.schemes,
        consumes=scope.consumes,
        produces=scope.produces,
        security_definitions=declared_security(fields),
        security=requirements(fields.get("security"), fields.at("security"), notes),
        operations=_operations(fields, scope),
        refs=refs,
        findings=tuple(notes),
        root=root,
        route=route,
    )


def _root(value: Any, route: Route) -> JsonObject:
    """The root object of a document with a ``swagger`` key; raises DocumentError for anything else."""
    if isinstance(value, dict) and "swagger" in value:
        return value
    raise DocumentError(
        "not-an-api-description",
        'the document has neither a "swagger" nor an "openapi" key: it is no API description',
        remedy='give a Swagger 2.0 or OpenAPI 3 document; its first line is usually "swagger: 2.0" or "openapi: 3.0.0"',
        route=route,
    )


def _check_version(fields: Fields, document: Document) -> None:
    """Note a version that is written oddly; raises DocumentError for one that is not 2."""
    version = fields.get("swagger")
    if version == "2.0":
        return
    written = scalar_text(version)
    if written is None or written.strip() not in ("2", "2.0"):
        raise DocumentError(
            "unsupported-version",
            f'the document is Swagger "{written or kind_of(version)}", and only Swagger 2.0 and OpenAPI 3 can be read',
            remedy="convert it to OpenAPI 3 first, for example with the Swagger editor",
            route=fields.at("swagger"),
            position=document.position(fields.at("swagger")),
        )
    fields.note(
        "swagger-version", f'"swagger" must be the text "2.0", but is {version!r}', remedy='write "2.0"', name="swagger"
    )


def declared_security(fields: Fields) -> dict[str, SecurityDefinition]:
    """The security definitions in a document's root, or those that its ``authentication`` block stands for."""
    declared = security_definitions(fields.get("securityDefinitions"), fields.at("securityDefinitions"), fields.notes)
    if declared:
        return declared
    block = fields.at(BLOCK)
    read = security_definitions(swagger_of(fields), block, fields.notes)
    return {name: replace(definition, route=block) for name, definition in read.items()}


def _title(info: Fields) -> str:
    """The title; noted when there is none."""
    title = info.text("title").strip()
    if not title:
        info.note("missing-title", "the definition has no title", remedy='add "title" to "info"')
    return title


def _operations(fields: Fields, scope: Scope) -> Operations:
    """The operations of the document, each read when it is asked for."""
    if "paths" not in fields.value:
        fields.note("no-operations", 'the definition has no "paths", so there is nothing to call', remedy='add "paths"')
    paths = fields.child("paths")
    listed = {entry.outline.id: entry for entry in list_operations(paths.value, paths.route, scope.refs, fields.notes)}

    def build(outline: Outline) -> Operation:
        entry = listed[outline.id]
        return build_operation(outline, entry.operation, entry.path_item, scope)

    return Operations(tuple(entry.outline for entry in listed.values()), build)
