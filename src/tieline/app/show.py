"""What a connector has, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from textwrap import fill, indent
from typing import Any

from ..auth.explain import describe_sign_in
from ..formats import folder as connector_folder
from ..model import (
    MISSING,
    ConnectionParameter,
    Connector,
    DocumentError,
    Finding,
    Operation,
    OperationKind,
    Outline,
    Parameter,
    PolicyInstance,
    Response,
    Schema,
    settable,
)
from ..policy import chain
from ..policy import describe as describe_policy
from .findings import located

KIND_LETTER = {
    OperationKind.ACTION: "",
    OperationKind.WEBHOOK: "webhook trigger",
    OperationKind.POLLING: "polling trigger",
}

GATEWAY = "gatewaysetting"
"""Type of the connection parameter that names an on-premises data gateway, which only the platform has."""


def faults(connector: Connector, operation: Operation | None = None) -> tuple[Finding, ...]:
    """What is wrong with a connector's files, inside its operations and their policies included.

    With an operation: what is wrong with it, and with the files as a whole. Without one all operations are read.
    """
    operations = connector.definition.operations.values() if operation is None else (operation,)
    found = list(connector.findings)
    for each in operations:
        found.extend(each.findings)
        if connector.properties.policies:
            found.extend(chain(connector, each).findings)
    return connector_folder.distinct(found)


def overview_json(connector: Connector) -> dict[str, Any]:
    """A connector as JSON: what a list needs of every operation, and everything else whole."""
    definition = connector.definition
    return {
        "version": 1,
        "name": connector.name,
        "title": definition.title,
        "description": definition.description,
        "apiVersion": definition.version,
        "baseUrl": base_url(connector),
        "signIn": describe_sign_in(connector),
        "connectionParameters": list(_connections_json(connector)),
        "operations": [_outline_json(outline) for outline in definition.operations.outlines],
        "policies": [_policy_json(policy) for policy in connector.properties.policies],
        "script": connector.script is not None,
        "findings": [located(finding, connector.documents) for finding in faults(connector)],
    }


def base_url(connector: Connector) -> str:
    """Scheme, host and base path as the definition gives them."""
    definition = connector.definition
    scheme = definition.schemes[0] if definition.schemes else "https"
    return f"{scheme}://{definition.host}{definition.base_path}"


def connection_parameters(connector: Connector) -> tuple[ConnectionParameter, ...]:
    """Every connection parameter; those of all parameter sets where the connector has sets."""
    sets = connector.properties.parameter_sets
    if sets:
        return tuple(parameter for entry in sets for parameter in entry.parameters)
    return connector.properties.connection_parameters


def _connections_json(connector: Connector) -> Iterator[dict[str, Any]]:
    """Every connection parameter; with the parameter set that it is of, where the connector has sets."""
    sets = connector.properties.parameter_sets
    if not sets:
        yield from map(_connection_json, connector.properties.connection_parameters)
    for entry in sets:
        yield from ({"set": entry.name, **_connection_json(parameter)} for parameter in entry.parameters)


def _connection_json(parameter: ConnectionParameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "label": parameter.display_name,
        "description": parameter.description,
        "required": parameter.required,
        "hidden": parameter.hidden,
        "secret": parameter.secret,
        "allowedValues": [choice.value for choice in parameter.allowed_values],
    }


def _outline_json(outline: Outline) -> dict[str, Any]:
    return {
        "id": outline.id,
        "method": outline.method,
        "path": outline.path,
        "summary": outline.summary,
        "kind": outline.kind.value,
        "visibility": outline.visibility,
        "deprecated": outline.deprecated,
    }


def _policy_json(policy: PolicyInstance) -> dict[str, Any]:
    return {
        "template": policy.template,
        "title": policy.title,
        "section": policy.section,
        "operations": list(policy.operations),
        "parameters": dict(policy.parameters),
    }


def operation_json(connector: Connector, operation: Operation) -> dict[str, Any]:
    """One operation whole, as JSON."""
    return {
        "version": 1,
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "kind": operation.kind.value,
        "summary": operation.summary,
        "description": operation.description,
        "visibility": operation.visibility,
        "deprecated": operation.deprecated,
        "parameters": [_parameter_json(parameter) for parameter in operation.parameters],
        "responses": [_response_json(response) for response in operation.responses],
        "policies": [_policy_json(policy) for policy in running_order(connector, operation)],
        "scripted": connector.scripted(operation.id),
        "findings": [located(finding, connector.documents) for finding in faults(connector, operation)],
    }


def running_order(connector: Connector, operation: Operation) -> tuple[PolicyInstance, ...]:
    """The policy instances of an operation in the order in which they run: Request, Response, Failure; each once, and
    last those that cannot run."""
    links = chain(connector, operation)
    running = [link.instance for link in (*links.request, *links.response, *links.failure)]
    broken = [policy for policy in connector.policies_of(operation.id) if policy not in running]
    return tuple({id(policy): policy for policy in (*running, *broken)}.values())


def _parameter_json(parameter: Parameter) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "type": parameter.type,
        "format": parameter.format,
        "required": parameter.required,
        "visibility": parameter.visibility,
        "summary": parameter.summary,
        "description": parameter.description,
        "enum": list(parameter.enum),
    }
    if parameter.default is not MISSING:
        shown["default"] = parameter.default
    if parameter.where == "body":
        shown["schema"] = parameter.schema.value
    return shown


def _response_json(response: Response) -> dict[str, Any]:
    schema = response.schema.value if response.schema else None
    return {"code": response.code, "description": response.description, "schema": schema}


def overview_text(connector: Connector) -> str:
    """A connector for a terminal."""
    definition = connector.definition
    lines = [
        f"{connector.name}: {definition.title} {definition.version}".rstrip(),
        f"  {base_url(connector)}",
        *fill(describe_sign_in(connector), 118, initial_indent="  ", subsequent_indent="  ").splitlines(),
    ]
    parameters = [p for p in connection_parameters(connector) if not p.hidden and p.type != GATEWAY]
    for parameter in parameters:
        label = parameter.display_name or parameter.description
        lines.append(f"    --set {settable(parameter.name)}  {label}".rstrip())
    if connector.script is not None:
        named = connector.properties.script_operations
        handled = f"{len(named)} operation{'' if len(named) == 1 else 's'}" if named else "all operations"
        lines.append(f"  custom code for {handled}")
    if connector.properties.policies:
        count = len(connector.properties.policies)
        lines.append(f"  {count} {'policy' if count == 1 else 'policies'}")
    lines.append("")
    lines.extend(_outline_lines(definition.operations.outlines))
    return "\n".join(lines)


def _outline_lines(outlines: tuple[Outline, ...]) -> Iterable[str]:
    if not outlines:
        return ["  no operations"]
    width = min(40, max(len(outline.id) for outline in outlines))
    rows = []
    for outline in outlines:
        notes = [KIND_LETTER[outline.kind], outline.visibility, "deprecated" if outline.deprecated else ""]
        said = ", ".join(note for note in notes if note)
        tail = f"  ({said})" if said else ""
        rows.append(f"  {outline.id:{width}}  {outline.method:6} {outline.path}{tail}")
        if outline.summary:
            rows.append(f"  {'':{width}}  {_flat(outline.summary)}")
    return rows


def _flat(text: str) -> str:
    """A text on one line."""
    return " ".join(text.split())


def operation_text(connector: Connector, operation: Operation) -> str:
    """One operation for a terminal."""
    lines = [f"{operation.id}: {_flat(operation.summary)}".rstrip(": "), f"  {operation.method} {operation.path}"]
    if operation.kind is not OperationKind.ACTION:
        lines.append(f"  {operation.kind.value}, {operation.trigger}")
    if operation.description and operation.description != operation.summary:
        lines.append(indent(operation.description.strip(), "  "))
    if operation.parameters:
        lines.append("\n  takes")
    for parameter in operation.parameters:
        lines.extend(_parameter_lines(parameter))
    lines.append("\n  gives")
    lines.extend(f"    {response.code:8} {_flat(response.description)}".rstrip() for response in operation.responses)
    policies = running_order(connector, operation)
    if policies:
        lines.append("\n  policies, in the order in which they run")
        lines.extend(f"    {describe_policy(policy)}" for policy in policies)
    if connector.scripted(operation.id):
        lines.append("\n  handled by the connector's custom code")
    return "\n".join(lines)


def _json(value: Any) -> str:
    """A value as a definition writes it."""
    return json.dumps(value, ensure_ascii=False)


def _choice(value: Any) -> str:
    """An allowed value as it is typed."""
    return value if isinstance(value, str) else _json(value)


def _parameter_lines(parameter: Parameter) -> Iterable[str]:
    notes = [parameter.where, parameter.type + (f" {parameter.format}" if parameter.format else "")]
    notes += ["required"] if parameter.required else []
    notes += [parameter.visibility] if parameter.visibility else []
    notes += [f"default {_json(parameter.default)}"] if parameter.default is not MISSING else []
    notes += ["one of " + ", ".join(map(_choice, parameter.enum))] if parameter.enum else []
    label = _flat(parameter.summary or parameter.description)
    yield f"    {parameter.name}  ({', '.join(filter(None, notes))})  {label}".rstrip()
    if parameter.where == "body":
        yield from _property_lines(parameter.schema)


def _property_lines(schema: Schema) -> Iterable[str]:
    """The properties of a body; one whose reference leads nowhere is shown as such."""
    body = _behind(schema)
    for name, inner in body.properties() if body is not None else ():
        found = _behind(inner)
        kind = found.type or "any" if found is not None else f"{inner.ref}, which leads nowhere"
        needed = ", required" if body is not None and name in body.required else ""
        label = inner.value.get("x-ms-summary") or inner.value.get("description") or ""
        yield f"      {name}  ({kind}{needed})  {_flat(str(label))}".rstrip()
    if body is None:
        yield f"      {schema.ref}, which leads nowhere"


def _behind(schema: Schema) -> Schema | None:
    """The schema behind a reference; None where it leads nowhere."""
    try:
        return schema.resolved()
    except DocumentError:
        return None
