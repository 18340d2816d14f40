"""Connection parameters: what a person is asked for when making a connection.

What lives here reads the ``connectionParameters`` and ``connectionParameterSets`` of ``apiProperties.json`` (reference:
connector-format, sections 4 and 6). Names match in any case, since published files differ in it; what the file says
stays in ``raw``.
"""

from __future__ import annotations

import re
from typing import Any

from ..model import AllowedValue, ConnectionParameter, OAuthSettings, ParameterSet, Route, Secret
from ..model.connector import ParameterType
from .fields import Fields, scalar_text, wrong_type

TYPES: dict[str, ParameterType] = {
    "securestring": "securestring",
    "string": "string",
    "oauthsetting": "oauthsetting",
    "gatewaysetting": "gatewaysetting",
    "int": "int",
    "integer": "int",
    "bool": "bool",
    "boolean": "bool",
}
"""``type`` in lower case -> type. ``integer`` and ``boolean`` are Swagger's words for two of them."""

NUMBER = re.compile(r"[+-]?[0-9]{1,9}(\.[0-9]{1,9})?")
"""A ``tabIndex``."""


def parameters_of(fields: Fields) -> tuple[ConnectionParameter, ...]:
    """The parameters in a ``connectionParameters`` object in order; entries that are no object are noted."""
    return tuple(_parameter(name, entry) for name, entry in fields.members())


def sets_of(fields: Fields) -> tuple[ParameterSet, ...]:
    """The parameter sets in a ``connectionParameterSets`` object; one without a name is called by its number."""
    found = []
    for number, entry in enumerate(fields.children("values"), start=1):
        name = entry.text("name")
        if not name:
            entry.note("parameter-set-without-name", "a parameter set has no name", remedy='add "name"')
        shown = entry.child("uiDefinition")
        found.append(
            ParameterSet(
                name=name or str(number),
                display_name=shown.text("displayName"),
                description=shown.text("description"),
                parameters=parameters_of(entry.child("parameters")),
                route=entry.route,
            )
        )
    return tuple(found)


def _parameter(name: str, fields: Fields) -> ConnectionParameter:
    """One connection parameter."""
    shown = fields.child("uiDefinition")
    constraints = shown.child("constraints")
    hidden = constraints.flag("hidden")
    default = fields.get("defaultValue")
    kind = _type(name, fields)
    return ConnectionParameter(
        name=name,
        type=kind,
        display_name=shown.text("displayName"),
        description=shown.text("description"),
        tooltip=shown.text("tooltip"),
        required=constraints.flag("required", default=not hidden and default is None),
        hidden=hidden,
        clear_text=constraints.flag("clearText", default=True),
        default=default,
        allowed_values=(*_choices(constraints), *_choices(fields)),
        capability=constraints.texts("capability"),
        dependencies=_dependencies(constraints),
        tab_index=_tab_index(constraints, shown),
        oauth=_oauth(name, fields, needed=kind == "oauthsetting"),
        route=fields.route,
        raw=fields.value,
    )


def _dependencies(constraints: Fields) -> dict[str, tuple[Any, ...]]:
    """Other parameter -> values that it must have for this one to be shown."""
    return {other: tuple(entry.items("values")) for other, entry in constraints.child("dependencies").members()}


def _tab_index(*holders: Fields) -> float | None:
    """``tabIndex`` of the constraints, else of ``uiDefinition``, as a number or as text; None where there is none."""
    texts = (scalar_text(holder.get("tabIndex")) for holder in holders)
    return next((float(text) for text in texts if text is not None and NUMBER.fullmatch(text.strip())), None)


def _type(name: str, fields: Fields) -> ParameterType:
    """The parameter's type; an unknown or missing one is noted."""
    written = fields.text("type")
    known = TYPES.get(written.strip().lower())
    if known is None:
        fields.note(
            "unknown-parameter-type",
            f'connection parameter "{name}" has type "{written}"',
            remedy='use "securestring", "string", "oauthSetting", "gatewaySetting", "int" or "bool"',
            name="type",
        )
    return known or "unknown"


def _choices(holder: Fields) -> tuple[AllowedValue, ...]:
    """``allowedValues`` of a parameter or of its constraints: objects with a value and a label, or bare values."""
    return tuple(
        _choice(Fields(entry, holder.at("allowedValues") / index, holder.notes, any_case=True))
        if isinstance(entry, dict)
        else AllowedValue(value=entry, text=_label(entry))
        for index, entry in enumerate(holder.items("allowedValues"))
    )


def _choice(fields: Fields) -> AllowedValue:
    """One choice: ``{value, text}`` or ``{value, uiDefinition: {displayName}}``."""
    value = fields.get("value")
    text = fields.text("text") or fields.child("uiDefinition").text("displayName")
    return AllowedValue(value=value, text=text or _label(value))


def _label(value: Any) -> str:
    """A value as its own label."""
    text = scalar_text(value)
    return "" if text is None else text


def _oauth(name: str, fields: Fields, *, needed: bool) -> OAuthSettings | None:
    """``oAuthSettings`` of a parameter; None when there are none, which is noted where they are needed."""
    if fields.get("oAuthSettings") is None:
        if needed:
            fields.note(
                "missing-oauth-settings",
                f'connection parameter "{name}" has no "oAuthSettings", so nobody can sign in',
                remedy='add "oAuthSettings" with at least "identityProvider" and "clientId"',
            )
        return None
    return _settings(fields.child("oAuthSettings"))


def _settings(fields: Fields) -> OAuthSettings:
    """The settings of an identity provider, whichever it is."""
    secret = fields.text("clientSecret")
    provider = fields.text("identityProvider").strip().lower()
    if not provider:
        fields.note("missing-identity-provider", "the identity provider is not said", remedy='add "identityProvider"')
    return OAuthSettings(
        identity_provider=provider,
        client_id=fields.text("clientId"),
        client_secret=Secret(secret) if secret else None,
        scopes=fields.texts("scopes"),
        redirect_mode=fields.text("redirectMode"),
        redirect_urls=fields.texts("redirectUrl"),
        custom_parameters=_custom(fields.child("customParameters")),
        properties=fields.child("properties").value,
        raw=fields.value,
    )


def _custom(fields: Fields) -> dict[str, str | None]:
    """``customParameters``: ``{name: {"value": …}}``, or the bare value; names in lower case."""
    found: dict[str, str | None] = {}
    for name, entry in fields.value.items():
        route: Route = fields.route / name
        if isinstance(entry, dict):
            inner = Fields(entry, route, fields.notes, any_case=True)
            entry, route = inner.get("value"), inner.at("value")
        text = scalar_text(entry)
        if text is None and entry is not None:
            fields.notes.append(wrong_type(name, route, "a text", entry))
        found[name.lower()] = text
    return found
