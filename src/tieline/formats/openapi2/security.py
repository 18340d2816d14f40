"""``securityDefinitions`` and ``security``.

What lives here reads what the definition says; which credential is sent is decided by ``auth``.
"""

from __future__ import annotations

from typing import Any, Literal

from ...model import Finding, Requirement, Route, SecurityDefinition
from ...model.connector import SecurityType
from ..fields import Fields, wrong_type

TYPES: dict[str, SecurityType] = {"apikey": "apiKey", "basic": "basic", "oauth2": "oauth2"}
"""``type`` in lower case -> type."""


def security_definitions(value: Any, route: Route, notes: list[Finding]) -> dict[str, SecurityDefinition]:
    """The security definitions of a Swagger 2.0 document by name.

    ``value`` is the ``securityDefinitions`` object (None: there is none), ``route`` where it stands. Entries that are
    no objects are left out with a finding.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        notes.append(wrong_type("securityDefinitions", route, "an object", value))
        return {}
    return {name: _definition(name, entry) for name, entry in Fields(value, route, notes).members()}


def _definition(name: str, fields: Fields) -> SecurityDefinition:
    """One security definition; an unknown type is noted."""
    declared = fields.text("type")
    kind = TYPES.get(declared.strip().lower(), "unknown")
    if kind == "unknown":
        fields.note(
            "unknown-security-type",
            f'security definition "{name}" has type "{declared}"',
            remedy='Swagger 2.0 knows "apiKey", "basic" and "oauth2"',
            name="type",
        )
    return SecurityDefinition(
        name=name,
        type=kind,
        key=_key(name, fields) if kind == "apiKey" else "",
        where=_where(name, fields) if kind == "apiKey" else "",
        flow=fields.text("flow"),
        authorization_url=fields.text("authorizationUrl"),
        token_url=fields.text("tokenUrl"),
        scopes={scope: text for scope, text in fields.child("scopes").value.items() if isinstance(text, str)},
        route=fields.route,
        raw=fields.value,
    )


def _key(name: str, fields: Fields) -> str:
    """The name of the header or query parameter that an API key travels in."""
    key = fields.text("name")
    if not key:
        fields.note(
            "api-key-without-name",
            f'security definition "{name}" does not say which header or query parameter holds the key',
            remedy='add "name", for example "X-API-Key"',
        )
    return key


def _where(name: str, fields: Fields) -> Literal["header", "query"]:
    """Where an API key travels; the header where the file does not say."""
    where = fields.text("in").strip().lower()
    if where == "query":
        return "query"
    if where != "header":
        fields.note(
            "unknown-api-key-place",
            f'security definition "{name}" has "in": "{where}"; the header is assumed',
            remedy='write "header" or "query"',
        )
    return "header"


def requirements(value: Any, route: Route, notes: list[Finding]) -> tuple[Requirement, ...] | None:
    """``security`` of a document or an operation; None when there is none, ``()`` for an empty list.

    A single object instead of a list is read as the only alternative, with a finding.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        notes.append(wrong_type("security", route, "a list", value))
        return (_requirement(Fields(value, route, notes)),)
    if not isinstance(value, list):
        notes.append(wrong_type("security", route, "a list", value))
        return None
    entries = Fields({"security": value}, route.parent, notes).children("security")
    return tuple(_requirement(entry) for entry in entries)


def _requirement(fields: Fields) -> Requirement:
    """One alternative: definition name -> scopes."""
    return {str(name): fields.texts(name) for name in fields.value}
