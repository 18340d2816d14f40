"""The inputs of an operation: path item's and operation's parameters merged, each read whole."""

from __future__ import annotations

import re
from typing import Any

from ...model import MISSING, CollectionFormat, Finding, Parameter, Refs, Schema, Where, did_you_mean
from ..fields import Fields
from .outline import VISIBILITIES
from .reference import followed

PLACES: dict[str, Where] = {
    "path": "path",
    "query": "query",
    "header": "header",
    "body": "body",
    "formdata": "formData",
}
"""``in`` in lower case -> place."""

TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "file"})
"""Types that a parameter may have."""

COLLECTION_FORMATS: dict[str, CollectionFormat] = {
    "csv": "csv",
    "ssv": "ssv",
    "tsv": "tsv",
    "pipes": "pipes",
    "multi": "multi",
}
"""``collectionFormat`` in lower case -> format."""

ENCODINGS = {"single": 1, "double": 2}
"""``x-ms-url-encoding`` in lower case -> how often a value is percent-encoded (reference: extensions, section 2)."""

_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


def parameters_of(item: Fields, operation: Fields, path: str, refs: Refs) -> tuple[Parameter, ...]:
    """The inputs in order: the path item's that are not overridden by name and place, then the operation's.

    A body overrides any body, whatever their names, since there can be one only. A placeholder of ``path`` that nothing
    declares becomes a required text, with a finding. What cannot be read is noted and left out.
    """
    own = _listed(operation, operation, refs)
    has_body = any(where == "body" for _, where in own)
    shared = _listed(item, operation, refs)
    inherited = [shared[key] for key in shared if key not in own and not (has_body and key[1] == "body")]
    found = [*inherited, *own.values()]
    _check_bodies(found, operation)
    _check_places(found, path, operation)
    return (*found, *_undeclared(found, path, operation, refs))


def _listed(holder: Fields, operation: Fields, refs: Refs) -> dict[tuple[str, str], Parameter]:
    """The parameters that a path item or an operation lists, by name and place."""
    base = holder.at("parameters")
    found: dict[tuple[str, str], Parameter] = {}
    for index, value in enumerate(holder.items("parameters")):
        fields = followed(value, base / index, refs, operation.notes)
        parameter = None if fields is None else _parameter(fields, refs)
        if parameter is None:
            continue
        key = (parameter.name, parameter.where)
        if key in found:
            operation.note(
                "duplicate-parameter",
                f'{parameter.where} parameter "{parameter.name}" is listed twice; the first one is used',
                remedy="take one of them out",
            )
        found.setdefault(key, parameter)
    return found


def _check_bodies(found: list[Parameter], operation: Fields) -> None:
    """Keep one body at most; note a body beside form fields, which HTTP cannot send together."""
    bodies = [parameter for parameter in found if parameter.where == "body"]
    for extra in bodies[1:]:
        found.remove(extra)
        operation.note("several-bodies", f'body "{extra.name}" is left out: an operation has one body at most')
    if bodies and any(parameter.where == "formData" for parameter in found):
        operation.note("body-and-form", "the operation has a body and form fields, which cannot be sent together")


def _check_places(found: list[Parameter], path: str, operation: Fields) -> None:
    """Leave out path parameters that the path has no placeholder for: whatever they are given goes nowhere."""
    known = _PLACEHOLDER.findall(path)
    folded = {name.lower() for name in known}
    for extra in [entry for entry in found if entry.where == "path" and entry.name.lower() not in folded]:
        found.remove(extra)
        operation.notes.append(
            Finding(
                rule="unused-path-parameter",
                route=extra.route,
                message=f'path "{path}" has no placeholder "{{{extra.name}}}" for this parameter; it is left out',
                remedy=did_you_mean(extra.name, known) or "take the parameter out",
            )
        )


def _undeclared(found: list[Parameter], path: str, operation: Fields, refs: Refs) -> list[Parameter]:
    """A required text for each placeholder of the path that no parameter declares (names compared in any case)."""
    declared = {parameter.name.lower() for parameter in found if parameter.where == "path"}
    made: list[Parameter] = []
    for name in dict.fromkeys(_PLACEHOLDER.findall(path)):
        if name.lower() in declared:
            continue
        operation.note(
            "undeclared-path-parameter",
            f'path "{path}" has a placeholder "{{{name}}}", but no path parameter "{name}" is declared',
            remedy=f'add a required path parameter "{name}"',
        )
        raw = {"name": name, "in": "path", "required": True, "type": "string"}
        schema = Schema(value=raw, route=operation.route, refs=refs)
        made.append(Parameter(name=name, where="path", required=True, schema=schema, route=operation.route, raw=raw))
    return made


def _parameter(fields: Fields, refs: Refs) -> Parameter | None:
    """One parameter object; None, with a finding, when it has no name or no known place."""
    written = fields.text("in")
    where = PLACES.get(written.strip().lower())
    if where is None:
        fields.note(
            "unknown-parameter-place",
            f'parameter "{fields.text("name")}" has "in": "{written}"; it is left out',
            remedy='write "path", "query", "header", "body" or "formData"',
        )
        return None
    name = fields.text("name") or ("body" if where == "body" else "")
    if not name:
        fields.note("parameter-without-name", f"a {where} parameter has no name; it is left out", remedy='add "name"')
        return None
    schema = _schema(fields, where)
    described = followed(schema.value, schema.route, refs, fields.notes) or schema
    kind = _type(described, where)
    return Parameter(
        name=name,
        where=where,
        required=where == "path" or fields.flag("required"),
        schema=Schema(value=schema.value, route=schema.route, refs=refs),
        type=kind,
        format=described.text("format"),
        default=_default(described, kind),
        enum=tuple(described.items("enum")),
        collection_format=fields.choice("collectionFormat", COLLECTION_FORMATS, "csv"),
        encodings=fields.choice("x-ms-url-encoding", ENCODINGS, 1),
        visibility=fields.choice("x-ms-visibility", VISIBILITIES, ""),
        summary=fields.text("x-ms-summary"),
        description=fields.text("description"),
        route=fields.route,
        raw=fields.value,
    )


def _schema(fields: Fields, where: Where) -> Fields:
    """What describes a parameter's value: a body's ``schema``, else the parameter object itself.

    A ``schema`` in another parameter is OpenAPI 3's way of writing; it is read, with a finding.
    """
    if where == "body":
        if "schema" not in fields.value:
            fields.note("body-without-schema", "the body has no schema, so it may be anything", remedy='add "schema"')
        return fields.child("schema")
    if "type" in fields.value or not isinstance(fields.get("schema"), dict):
        return fields
    fields.note(
        "schema-in-parameter",
        f'parameter "{fields.text("name")}" has a "schema", as only a body has in Swagger 2.0; it is read all the same',
        remedy='move "type" and the rest out of "schema"',
        name="schema",
    )
    return fields.child("schema")


def _type(schema: Fields, where: Where) -> str:
    """The declared type in lower case. A list of types counts as its first that is not null."""
    declared = schema.get("type")
    if isinstance(declared, list):
        schema.wrong("type", "a text")
        declared = next((name for name in declared if isinstance(name, str) and name.lower() != "null"), None)
    if declared is None:
        return _implied_type(schema, where)
    name = declared.strip().lower() if isinstance(declared, str) else ""
    if name in TYPES:
        return name
    schema.note(
        "unknown-type",
        f'type "{declared}" is not known; it is read as "string"',
        remedy="write one of " + ", ".join(sorted(TYPES)),
        name="type",
    )
    return "string"


def _implied_type(schema: Fields, where: Where) -> str:
    """The type of a value that declares none: by its keywords; a body without any may be anything."""
    if "properties" in schema.value or "additionalProperties" in schema.value or "allOf" in schema.value:
        return "object"
    if "items" in schema.value:
        return "array"
    if where == "body":
        return ""
    schema.note("missing-type", "the parameter has no type; it is read as text", remedy='add "type": "string"')
    return "string"


def _default(schema: Fields, kind: str) -> Any:
    """The declared default as it is written, or MISSING. One that is null or does not fit the type is noted."""
    if "default" not in schema.value:
        return MISSING
    default = schema.get("default")
    if default is None:
        schema.note("null-default", "the default is null, which counts as none", name="default", info=True)
        return MISSING
    if not _fits(default, kind):
        article = "an" if kind[0] in "aeiou" else "a"
        schema.wrong("default", f'{article} "{kind}"')
    return default


def _fits(value: Any, kind: str) -> bool:
    """Whether a JSON value is of a Swagger type; any value is of no type."""
    match kind:
        case "string" | "file":
            return isinstance(value, str)
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
        case _:
            return True
