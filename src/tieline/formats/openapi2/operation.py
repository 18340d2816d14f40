"""One Swagger 2.0 operation object, read whole."""

from __future__ import annotations

from dataclasses import dataclass

from ...model import Finding, JsonObject, Operation, OperationKind, Outline, Refs, Schema
from ..fields import Fields
from .outline import VISIBILITIES
from .parameter import parameters_of
from .response import responses_of
from .security import requirements
from .server import schemes_of

TRIGGERS = {"single": "single", "batch": "batch"}
"""``x-ms-trigger`` in lower case -> trigger."""

UNKNOWN_TRIGGER = "single"
"""What an unknown value of ``x-ms-trigger`` is read as. Its presence makes the trigger (reference: triggers, section
0); that it is then a single one is inferred from that being ten times as common."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What an operation takes from the definition around it."""

    refs: Refs
    """Follows the references of parameters, responses and schemas. A reader of another dialect may give its own here,
    so that references lead to objects lowered on the way and to routes of the document that the author wrote."""
    consumes: tuple[str, ...] = ()
    """The definition's media types for operations that name none."""
    produces: tuple[str, ...] = ()
    """The same for replies."""


def build_operation(outline: Outline, operation: JsonObject, path_item: JsonObject, scope: Scope) -> Operation:
    """Read a Swagger 2.0 operation object.

    Id, method, path, kind, visibility and routes come from ``outline`` (its parent route is that of ``path_item``, of
    which ``parameters`` and ``x-ms-notification-content`` are used). Never raises for what the object holds: that ends
    up in ``Operation.findings``.
    """
    notes: list[Finding] = []
    fields = Fields(operation, outline.route, notes)
    item = Fields(path_item, outline.route.parent, notes)
    return Operation(
        id=outline.id,
        method=outline.method,
        path=outline.path,
        kind=outline.kind,
        summary=fields.text("summary"),
        description=fields.text("description"),
        visibility=fields.choice("x-ms-visibility", VISIBILITIES, ""),
        deprecated=fields.flag("deprecated"),
        parameters=parameters_of(item, fields, outline.path, scope.refs),
        responses=responses_of(fields, scope.refs),
        consumes=fields.texts("consumes") if "consumes" in operation else scope.consumes,
        produces=fields.texts("produces") if "produces" in operation else scope.produces,
        schemes=schemes_of(fields),
        security=requirements(operation.get("security"), fields.at("security"), notes),
        trigger=_trigger(fields),
        notification=_notification(item, scope.refs) if outline.kind is OperationKind.WEBHOOK else None,
        next_link=fields.child("x-ms-pageable").text("nextLinkName"),
        findings=tuple(notes),
        route=outline.route,
        raw=operation,
    )


def _trigger(fields: Fields) -> str:
    """``x-ms-trigger`` in lower case; empty for none."""
    return fields.choice("x-ms-trigger", TRIGGERS, UNKNOWN_TRIGGER) if fields.get("x-ms-trigger") else ""


def _notification(item: Fields, refs: Refs) -> Schema | None:
    """The schema of ``x-ms-notification-content`` on the path item; None when it has none."""
    schema = item.child("x-ms-notification-content").child("schema")
    return Schema(value=schema.value, route=schema.route, refs=refs) if schema.value else None
