"""``apiProperties.json``: how a connector signs in, which policies and which script it runs, and how it looks.

Names match in any case and booleans may be text, since published files differ in both (reference: connector-format,
sections 3 and 9). Nothing is lost: the document stays behind ``Properties.root`` and every ``raw``.
"""

from __future__ import annotations

from typing import Any

from ..model import Document, Finding, JsonObject, Properties, Route
from .authentication import BLOCK
from .connection_parameters import parameters_of, sets_of
from .fields import Fields, wrong_type
from .policy_instances import INSTANCES, instances_of

NAME = "apiProperties.json"
"""The file's name in a connector folder."""

KNOWN = frozenset(
    {
        "iconbrandcolor",
        "connectionparameters",
        "connectionparametersets",
        "capabilities",
        "policytemplateinstances",
        "scriptoperations",
        "script",
        "publisher",
        "stackowner",
    }
)
"""What ``properties`` may hold, in lower case; ``script`` is an undocumented spelling of ``scriptOperations``."""

KNOWN_AT_ROOT = frozenset({"properties", "$schema", BLOCK})
"""What the root object may hold, in lower case."""


def read(document: Document | None) -> Properties:
    """The properties that a document holds; those of a missing document (None) are empty.

    Raises nothing for what the document holds: wrong types and stray keys end up in ``Properties.findings``.
    """
    if document is None:
        return Properties(route=Route(NAME))
    return read_value(document.value, Route(document.name))


def read_value(value: Any, route: Route) -> Properties:
    """The properties in a JSON value that stands at ``route``."""
    notes: list[Finding] = []
    if not isinstance(value, dict):
        notes.append(wrong_type(route.document, route, "an object", value))
    root: JsonObject = value if isinstance(value, dict) else {}
    fields = _properties(Fields(root, route, notes, any_case=True))
    _check_keys(fields, KNOWN)
    return Properties(
        icon_brand_color=fields.text("iconBrandColor"),
        connection_parameters=parameters_of(fields.child("connectionParameters")),
        parameter_sets=sets_of(fields.child("connectionParameterSets")),
        policies=instances_of(fields),
        script_operations=_script_operations(fields),
        capabilities=fields.texts("capabilities"),
        publisher=fields.text("publisher"),
        stack_owner=fields.text("stackOwner"),
        findings=tuple(notes),
        root=root,
        route=route,
    )


def instances_at(properties: Properties) -> Route:
    """Where the list of policy instances stands, spelled as the file does, or where it belongs when there is none."""
    return _properties(Fields(properties.root, properties.route, [], any_case=True)).at(INSTANCES)


def _properties(root: Fields) -> Fields:
    """The ``properties`` object; where its members stand at the root instead, the root itself, with a finding."""
    if root.get("properties") is not None or not any(name.lower() in KNOWN for name in root.value):
        _check_keys(root, KNOWN_AT_ROOT)
        return root.child("properties")
    root.note(
        "missing-properties-object",
        'the properties stand at the root of the file, outside of "properties"; they are read all the same',
        remedy='put all of it into one object called "properties"',
    )
    return root


def _check_keys(fields: Fields, known: frozenset[str]) -> None:
    """Note the keys that mean nothing to the platform."""
    for name in fields.value:
        if name.lower() not in known:
            message = f'"{name}" means nothing here; it is kept in the file and otherwise left out'
            fields.note("unknown-property", message, remedy="take it out", name=name, info=True)


def _script_operations(fields: Fields) -> tuple[str, ...]:
    """The operations that the script handles, in either spelling."""
    return fields.texts("scriptOperations") or fields.child("script").texts("operationIds")
