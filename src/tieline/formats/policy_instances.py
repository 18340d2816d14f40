"""``policyTemplateInstances``: which policy runs for which operations, with which parameters.

What lives here reads an instance as it is written (reference: policy-templates, section 1); what a template does is
known elsewhere.
"""

from __future__ import annotations

from typing import Any, Literal

from ..model import PolicyInstance
from .fields import Fields

PARAMETER_PREFIX = "x-ms-apimtemplateparameter."
"""Prefix of a template parameter's name, in lower case."""

OPERATION_NAMES = "x-ms-apimTemplate-operationName"
"""Names the operations that an instance is for."""

SECTION = "x-ms-apimTemplate-policySection"
"""Says on which side of the call an instance runs."""

Section = Literal["request", "response", "failure", ""]

SECTIONS: dict[str, Section] = {"request": "request", "response": "response", "failure": "failure"}
"""Section in lower case -> section."""


def instances_of(properties: Fields) -> tuple[PolicyInstance, ...]:
    """The instances in the ``properties`` object, in order; those without a template are noted and left out."""
    found = []
    for entry in properties.children("policyTemplateInstances"):
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
