"""``policyTemplateInstances``: which policy runs for which operations, with which parameters.

What lives here reads and writes the shape of an instance (reference: policy-templates, section 1); what a template
does is known elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..model import JsonObject, PolicyInstance
from .fields import Fields

INSTANCES = "policyTemplateInstances"
"""The list, inside ``properties``."""

WRITTEN_PREFIX = "x-ms-apimTemplateParameter."
"""Prefix of a template parameter's name."""

PARAMETER_PREFIX = WRITTEN_PREFIX.lower()
"""The same in lower case, to compare with."""

OPERATION_NAMES = "x-ms-apimTemplate-operationName"
"""Names the operations that an instance is for."""

SECTION = "x-ms-apimTemplate-policySection"
"""Says on which side of the call an instance runs."""

Section = Literal["request", "response", "failure", ""]

SECTIONS: dict[str, Section] = {"request": "request", "response": "response", "failure": "failure"}
"""Section in lower case -> section."""

TYPES = {"pollingtrigger": "PollingTrigger"}
"""Template -> the ``type`` that its instances carry beside ``templateId`` (observed: all 39; no other template's)."""


def instances_of(properties: Fields) -> tuple[PolicyInstance, ...]:
    """The instances in the ``properties`` object, in order; those without a template are noted and left out."""
    found = []
    for entry in properties.children(INSTANCES):
        template = entry.text("templateId").strip().lower()
        if template:
            found.append(_instance(template, entry))
        else:
            entry.note(
                "policy-without-template",
                "a policy instance does not say which template it is; it is left out",
                remedy='add "templateId", for example "setheader"',
            )
    return tuple(found)


def instance_value(
    template: str,
    parameters: Mapping[str, Any],
    *,
    title: str,
    section: Section = "",
    operations: Sequence[str] = (),
) -> JsonObject:
    """An instance as the platform's own wizard writes it; an empty section and no operations are left out."""
    written = {WRITTEN_PREFIX + name: value for name, value in parameters.items()}
    if section:
        written[SECTION] = section.title()
    if operations:
        written[OPERATION_NAMES] = list(operations)
    typed = {"type": TYPES[template]} if template in TYPES else {}
    return {"templateId": template, "title": title, **typed, "parameters": written}


def _instance(template: str, fields: Fields) -> PolicyInstance:
    """One policy instance."""
    parameters = fields.child("parameters")
    return PolicyInstance(
        template=template,
        title=fields.text("title"),
        operations=_operations(parameters),
        section=parameters.choice(SECTION, SECTIONS, ""),
        parameters=_parameters(parameters),
        route=fields.route,
        raw=fields.value,
    )


def _operations(parameters: Fields) -> tuple[str, ...]:
    """The operations that an instance is for; a list that holds none that can be read is for none, not for all."""
    names = parameters.texts(OPERATION_NAMES)
    return names or (("",) if parameters.get(OPERATION_NAMES) else ())


def _parameters(fields: Fields) -> dict[str, Any]:
    """Template parameters without their prefix, values as written."""
    own = {OPERATION_NAMES.lower(), SECTION.lower()}
    return {
        name[len(PARAMETER_PREFIX) :] if name.lower().startswith(PARAMETER_PREFIX) else name: value
        for name, value in fields.value.items()
        if name.lower() not in own
    }
