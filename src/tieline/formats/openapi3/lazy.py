"""A description as a model whose operations and schemas are lowered when they are asked for."""

from __future__ import annotations

from dataclasses import replace

from ...model import (
    Definition,
    Document,
    DocumentError,
    JsonObject,
    Operation,
    OperationKind,
    Operations,
    Outline,
    Route,
    did_you_mean,
    keys_of_pointer,
)
from ..openapi2 import Scope, build_operation, requirements, security_definitions
from ..openapi2.outline import VISIBILITIES
from .definitions import PREFIX
from .document import Head, lower_head
from .finishing import finished
from .lowering import Lowering
from .media import JSON
from .names import summary_of
from .notes import Notes
from .operations import Entry, LoweredOperation, lower_item, lower_operation
from .place import route_of
from .plan import NOTIFICATION, TRIGGER, Plans
from .references import Loader


def read(document: Document, load: Loader | None = None, *, base_url: str = "") -> Definition:
    """The definition that an OpenAPI 3 description holds, lowered to Swagger 2.0 where it is looked at.

    What is wrong or lost outside of operations is in ``Definition.findings``, what is inside one in
    ``Operation.findings``; for schemas see ``lower``. Raises DocumentError as ``lower`` does.
    """
    low = Lowering(document, load)
    head = lower_head(low, base_url)
    route = Route(low.main.name)
    schemes = Route(low.main.name, ("components", "securitySchemes"))
    servers = head.around.servers
    findings = tuple(low.notes)
    return Definition(
        title=head.root["info"]["title"],
        description=head.root["info"].get("description", ""),
        version=head.root["info"]["version"],
        host=servers.address.host,
        base_path=servers.address.base_path,
        schemes=tuple(servers.schemes),
        consumes=(JSON,),
        produces=(JSON,),
        security_definitions=security_definitions(head.tail.get("securityDefinitions"), schemes, []),
        security=requirements(head.tail.get("security"), route / "security", []),
        operations=_operations(low, head),
        refs=LoweredRefs(low),
        findings=findings,
        properties=head.properties,
        root={**head.root, **head.tail},
        route=route,
    )


class LoweredRefs:
    """Follows references into the definitions of a lowered description; implements ``model.Refs``."""

    __slots__ = ("_low",)

    def __init__(self, low: Lowering) -> None:
        """Takes the lowering that the references come from."""
        self._low = low

    def resolve(self, ref: str) -> tuple[JsonObject, Route]:
        """The value that ``ref`` points to, and the route of what it was made of.

        ``ref`` leads to a definition or into one. Raises DocumentError ``dangling-ref`` when nothing is there.
        """
        name, *keys = keys_of_pointer(ref.removeprefix(PREFIX)) if ref.startswith(PREFIX) else ("",)
        if name not in self._low.written:
            raise DocumentError(
                "dangling-ref",
                f'reference "{ref}" leads nowhere',
                remedy=did_you_mean(name, list(self._low.written)[:1000]),
                route=Route(self._low.main.name),
            )
        value, route = finished(name, self._low), route_of(self._low.written[name][1])
        for key in keys:
            value, route = _child(ref, value, key, route), route / key
        return value, route


def _child(ref: str, value: object, key: str, route: Route) -> JsonObject:
    """One step of a pointer into a definition."""
    child = value.get(key) if isinstance(value, dict) else None
    if isinstance(child, dict):
        return child
    raise DocumentError("dangling-ref", f'reference "{ref}" leads nowhere: there is no "{key}"', route=route)


def _operations(low: Lowering, head: Head) -> Operations:
    """The operations, each lowered when it is asked for."""
    by_id = {entry.id: entry for entry in head.entries}
    scope = Scope(refs=LoweredRefs(low), consumes=(JSON,), produces=(JSON,))

    def build(outline: Outline) -> Operation:
        entry = by_id[outline.id]
        outer, low.notes = low.notes, Notes()
        try:
            lowered, item = lower_operation(entry, low, head.around), lower_item(entry, low, head.around)
        finally:
            notes, low.notes = low.notes, outer
        operation = build_operation(outline, lowered.value, item, scope)
        return _with_routes(replace(operation, findings=(*notes, *operation.findings)), lowered)

    return Operations(tuple(_outline(entry, head.around.plans) for entry in head.entries), build)


def _with_routes(operation: Operation, lowered: LoweredOperation) -> Operation:
    """An operation whose parameters and responses say where they stand in the description, not in what it became."""
    parameters = []
    for parameter in operation.parameters:
        place = lowered.parameter_places.get((parameter.name, parameter.where))
        route = parameter.route if place is None else route_of(place)
        schema = replace(parameter.schema, route=route / "schema")
        parameters.append(replace(parameter, route=route, schema=schema))
    responses = []
    for response in operation.responses:
        written = lowered.response_places.get(response.code)
        responses.append(response if written is None else replace(response, route=route_of(written)))
    return replace(operation, parameters=tuple(parameters), responses=tuple(responses))


def _outline(entry: Entry, plans: Plans) -> Outline:
    """What a list shows of one operation."""
    operation = entry.operation[0]
    summary, visibility = operation.get("summary"), operation.get("x-ms-visibility")
    summary = summary.strip() if isinstance(summary, str) else ""
    return Outline(
        id=entry.id,
        method=entry.method.upper(),
        path=entry.path,
        summary=summary or summary_of(entry.id, entry.method, entry.path),
        kind=_kind(entry, plans),
        visibility=VISIBILITIES.get(visibility.strip().lower(), "") if isinstance(visibility, str) else "",
        deprecated=operation.get("deprecated") is True,
        route=route_of(entry.operation[1]),
    )


def _kind(entry: Entry, plans: Plans) -> OperationKind:
    """What the platform makes of an operation (reference: triggers, section 0)."""
    if not entry.operation[0].get(TRIGGER) and TRIGGER not in plans.of(entry.method, entry.path).extensions:
        return OperationKind.ACTION
    notified = NOTIFICATION in entry.item[0] or entry.path in plans.contents
    return OperationKind.WEBHOOK if notified else OperationKind.POLLING
