"""Connections as people and programs read them: no secret in either."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from ..auth import oauth_parameter, parameter_set
from ..model import (
    HIDDEN,
    Connection,
    ConnectionParameter,
    Connector,
    GrantType,
    StoredConnection,
)
from ..store.connections import Entry
from .findings import located

CREDENTIAL_WORDS = ("key", "token", "pass", "pwd", "secret", "credential", "auth", "sig")
"""A parameter with one of these in its name is never shown, whatever the connector says of it."""

LAST_YEAR = 253_402_300_799
"""The last second of the year 9999, after which there is no date."""

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionView:
    """What may be known of a connection."""

    name: str
    connector: str
    folder: str
    """The connector folder that it was made for; empty for none."""
    state: str
    problem: str
    """Why it is broken, in the provider's own words."""
    parameter_set: str
    values: dict[str, str]
    """Connection parameter -> its value, or ``***``."""
    grant: GrantType | None
    """How its access token was got; None when it has none."""
    scope: str
    expires: str | None
    """When its access token ends, as a date; None when nobody knows."""
    lasts: str
    """The same in words."""
    renewable: bool
    """Whether there is a refresh token, or the grant needs none to be asked again."""
    redirect_mode: str
    """How the connector wants the identity provider to come back; empty when its files do not say, or are gone."""
    redirect_urls: tuple[str, ...]
    login_server: str
    """What takes the place of the identity provider's origin."""
    created: str | None
    changed: str | None

    def json(self) -> dict[str, Any]:
        """The view as JSON, in the spelling that all JSON of Tieline has."""
        return {"version": 1, **{_camel(name): value for name, value in asdict(self).items()}}

    def text(self) -> str:
        """The view for a terminal: one line for each thing that there is."""
        shown = {
            "connector": f"{self.connector} ({self.folder})" if self.folder else self.connector,
            "state": f"{self.state}: {self.problem}" if self.problem else self.state,
            "parameter set": self.parameter_set,
            "values": ", ".join(f"{name}={value}" for name, value in self.values.items()),
            "signed in by": (self.grant or "").replace("_", " "),
            "scope": self.scope,
            "access token": f"{self.lasts}, {'can' if self.renewable else 'cannot'} be renewed" if self.grant else "",
            "redirect": ", ".join(filter(None, (self.redirect_mode, *self.redirect_urls))),
            "login server": self.login_server,
            "created": self.created or "",
            "changed": self.changed or "",
        }
        lines = [f"{title + ':':15}{value}" for title, value in shown.items() if value]
        return "\n".join([self.name, *(f"  {line}" for line in lines)])


def view_of(stored: StoredConnection, connector: Connector | None, now: float) -> ConnectionView:
    """What may be known of a stored connection, at a time in seconds since the epoch."""
    connection = stored.connection
    grant, login = connection.grant, connection.login
    parameter = oauth_parameter(connector, connection) if connector else None
    settings = parameter.oauth if parameter else None
    return ConnectionView(
        name=connection.name,
        connector=stored.connector,
        folder=stored.folder,
        state=stored.state.value,
        problem=stored.problem,
        parameter_set=connection.parameter_set,
        values=_values(connection, connector),
        grant=grant.type if grant else None,
        scope=grant.scope if grant else "",
        expires=date(grant.expires) if grant else None,
        lasts=lasting(grant.expires, now) if grant else "",
        renewable=grant is not None and (grant.refresh_token is not None or grant.type in AGAIN),
        redirect_mode=settings.redirect_mode if settings else "",
        redirect_urls=settings.redirect_urls if settings else (),
        login_server=login.server if login else "",
        created=date(stored.created),
        changed=date(stored.changed),
    )


AGAIN = ("client_credentials", "password", "on_behalf_of")
"""Grants that are asked for anew without a refresh token."""


def entries_json(entries: tuple[Entry, ...]) -> dict[str, Any]:
    """A list of connections as JSON."""
    return {"version": 1, "connections": [_entry_json(entry) for entry in entries]}


def entries_lines(entries: tuple[Entry, ...], now: float) -> list[str]:
    """A list of connections for a terminal, in columns."""
    cells = [(entry.name, entry.connector or "-", *_state(entry, now)) for entry in entries]
    rows = [tuple(" ".join(cell.split()) for cell in row) for row in cells]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    return ["  ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() for row in rows]


def date(seconds: float | None) -> str | None:
    """A time as RFC 3339 writes it; None for one that no calendar has."""
    if seconds is None or not 0 <= seconds <= LAST_YEAR:
        return None
    # Not ``fromtimestamp``, which knows no year after 3000 on Windows.
    return (datetime(1970, 1, 1) + timedelta(seconds=int(seconds))).isoformat() + "Z"


def lasting(expires: float | None, now: float) -> str:
    """How long an access token lasts, in words."""
    if expires is None:
        return "lasts until it is refused"
    if expires <= now:
        return "has expired"
    if expires > LAST_YEAR:
        return "expires in thousands of years"
    left = int(expires - now)
    size, unit = next((entry for entry in UNITS if left >= entry[0]), UNITS[-1])
    return f"expires in {left // size} {unit}"


def _state(entry: Entry, now: float) -> tuple[str, str]:
    if entry.unreadable is not None:
        return "unreadable", entry.unreadable.rule
    token = lasting(entry.expires, now) if entry.grant else ""
    return entry.state.value, entry.problem or token


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "connector": entry.connector,
        "state": entry.state.value,
        "problem": entry.problem,
        "grant": entry.grant,
        "expires": date(entry.expires),
        "created": date(entry.created or None),
        "changed": date(entry.changed or None),
        "unreadable": None if entry.unreadable is None else located(entry.unreadable, {}),
    }


def _values(connection: Connection, connector: Connector | None) -> dict[str, str]:
    """Every parameter that has a value; the value itself only where the connector says that it is plain text."""
    parameters = _parameters(connection, connector) if connector else ()
    shown = {parameter.name for parameter in parameters if _plain(parameter)}
    return {name: value.reveal() if name in shown else HIDDEN for name, value in connection.values.items()}


def _parameters(connection: Connection, connector: Connector) -> tuple[ConnectionParameter, ...]:
    chosen = parameter_set(connector, connection)
    return chosen.parameters if chosen else connector.properties.connection_parameters


def _plain(parameter: ConnectionParameter) -> bool:
    """Whether the connector says that a parameter is a text that everybody may see."""
    name = parameter.name.lower()
    if parameter.secret or parameter.type != "string" or any(word in name for word in CREDENTIAL_WORDS):
        return False
    constraints: Any = parameter.raw
    for key in ("uiDefinition", "constraints"):
        constraints = constraints.get(key) if isinstance(constraints, dict) else None
    return isinstance(constraints, dict) and "clearText" in constraints


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
