"""One connection as a file: a plain header that may be listed, and a sealed part with all that is secret.

The header is the sealed part's associated data, so neither can be changed or put into another file. What lives here
turns bytes into connections and back; it writes nothing.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from ..model import (
    Connection,
    ConnectionState,
    DocumentError,
    Grant,
    GrantType,
    Login,
    Redactor,
    Secret,
    StoredConnection,
)
from . import atomic
from .key import Key
from .names import wrong
from .ring import Ring, wrong_key
from .vault import newer

MOST = 4_000_000
"""How many bytes a record may have; a certificate with its chain has some thousand."""

Parts = tuple[dict[str, Any], dict[str, Any]]
"""Header and sealed part of a record as plain values."""

Upgrade = Callable[[dict[str, Any], dict[str, Any]], Parts]
"""Makes header and sealed part of one version those of the next. A step is never edited once it was released."""

UPGRADES: tuple[Upgrade, ...] = ()
"""The first makes version 2 of version 1, and so on."""


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be read without the key."""

    version: int
    id: str
    """The file's name without its ending."""
    name: str
    connector: str
    state: ConnectionState
    problem: str
    created: float
    changed: float
    key: str
    """Id of the key that the rest is sealed with."""


class SealedGrant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``model.Grant`` on disk."""

    type: GrantType
    access_token: str
    refresh_token: str | None
    obtained: float
    expires: float | None
    scope: str


class SealedLogin(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``model.Login`` on disk."""

    client_id: str
    client_secret: str | None
    certificate: str | None
    placeholders: dict[str, str]
    server: str
    user: str
    password: str | None
    assertion: str | None
    redirect_url: str = ""


class Sealed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What only the key opens."""

    values: dict[str, str]
    parameter_set: str
    folder: str
    grant: SealedGrant | None
    login: SealedLogin | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record as its file has it: read, but not opened."""

    file: Path
    name: str
    """The connection's name by the header; the file's own name where that has none that may be one."""
    header: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """As written; nobody has vouched for it yet."""
    sealed: str = field(default="", repr=False)
    """In base64."""
    fault: DocumentError | None = None
    """Why it cannot be opened, as far as that is plain without a key."""

    def text(self, key: str) -> str:
        """A text of the header; empty for what is none."""
        value = self.header.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> float:
        """A number of the header; 0 for what is none."""
        value = self.header.get(key)
        return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else 0.0


def read(file: Path, versions: int = len(UPGRADES) + 1) -> Record | None:
    """The record in a file, whatever is wrong with it; None when there is none (any more)."""
    try:
        data = atomic.read(file, MOST)
    except DocumentError as error:
        return Record(file=file, name=file.name, fault=damaged(file, file.name, error.finding.message))
    if data is None:
        return None
    header = _plain(data)
    sealed, name, version = header.pop("sealed", None), header.get("name"), header.get("version")
    shown = name if isinstance(name, str) and not wrong(name) else file.name
    found = Record(file=file, name=shown, header=header)
    if type(version) is int and version > versions:
        return replace(found, fault=newer(file, version, versions))
    if not isinstance(sealed, str) or type(version) is not int or version < 1:
        return replace(found, fault=damaged(file, found.name, "it is no record of a connection"))
    if header.get("id") != file.stem:
        return replace(found, name=file.name, fault=damaged(file, file.name, "it is a copy of another record"))
    return replace(found, sealed=sealed)


def opened(record: Record, ring: Ring, upgrades: tuple[Upgrade, ...] = UPGRADES) -> StoredConnection:
    """The connection of a record.

    Raises DocumentError ``damaged-connection``, ``newer-store``, ``wrong-key``, and the errors of the key's source.
    """
    if record.fault is not None:
        raise record.fault
    key = ring.key(record.text("key"))
    if key is None:
        raise wrong_key(f'the connection "{record.name}"', record.text("key"), ring.current)
    try:
        data = key.open(base64.b64decode(record.sealed, validate=True), _associated(record.header))
        header, sealed = dict(record.header), msgspec.json.decode(data, type=dict[str, Any])
        for upgrade in upgrades[header["version"] - 1 :]:
            header, sealed = upgrade(header, sealed)
        return _stored(msgspec.convert(header, Header), msgspec.convert(sealed, Sealed))
    except (ValueError, RecursionError):  # msgspec's, base64's and the key's own are ValueErrors
        pass  # raised below: an error's context must not hold what was opened
    raise damaged(record.file, record.name, "it was changed or cut short")


def encode(stored: StoredConnection, record_id: str, key: Key) -> bytes:
    """The bytes of a record. Raises DocumentError ``unstorable-connection`` for what JSON cannot hold."""
    connection = stored.connection
    header = Header(
        version=len(UPGRADES) + 1,
        id=record_id,
        name=connection.name,
        connector=stored.connector,
        state=stored.state,
        problem=Redactor(connection.secrets).text(stored.problem).encode("utf-8", "backslashreplace").decode(),
        created=_finite(stored.created) or 0.0,
        changed=_finite(stored.changed) or 0.0,
        key=key.id,
    )
    try:
        plain = msgspec.to_builtins(header)
        data = msgspec.json.encode(_sealed(stored))
        sealed = base64.b64encode(key.seal(data, _associated(plain))).decode()
        out = msgspec.json.format(msgspec.json.encode({**plain, "sealed": sealed}), indent=2) + b"\n"
    except UnicodeEncodeError:
        out = b""  # raised below: the exception holds the text
    if out and len(out) <= MOST:
        return out
    what = f"has more than {MOST // 1_000_000} MB" if out else "has a value with bytes that are not text in UTF-8"
    raise DocumentError(
        "unstorable-connection", f'the connection "{connection.name}" {what}', remedy="check its values"
    )


def damaged(file: Path, name: str, why: str) -> DocumentError:
    """The error for a record that cannot be read."""
    return DocumentError(
        "damaged-connection",
        f'the connection "{name}" cannot be read from "{file}": {why}',
        remedy=f'restore the file from a backup, or give it up: tieline connections remove "{name}"',
    )


def _plain(data: bytes) -> dict[str, Any]:
    """A record's bytes as values; nothing for what is no JSON object."""
    try:
        return msgspec.json.decode(data, type=dict[str, Any])
    except (ValueError, RecursionError):
        return {}


def _associated(header: Mapping[str, Any]) -> bytes:
    """The header in one form, however it is written in the file."""
    return b"tieline connection " + msgspec.json.encode(header, order="sorted")


def _sealed(stored: StoredConnection) -> Sealed:
    connection, grant, login = stored.connection, stored.connection.grant, stored.connection.login
    return Sealed(
        values={name: secret.reveal() for name, secret in connection.values.items()},
        parameter_set=connection.parameter_set,
        folder=stored.folder,
        grant=None if grant is None else _sealed_grant(grant),
        login=None if login is None else _sealed_login(login),
    )


def _sealed_grant(grant: Grant) -> SealedGrant:
    return SealedGrant(
        type=grant.type,
        access_token=grant.access_token.reveal(),
        refresh_token=_revealed(grant.refresh_token),
        obtained=_finite(grant.obtained) or 0.0,
        expires=None if grant.expires is None else _finite(grant.expires),
        scope=grant.scope,
    )


def _sealed_login(login: Login) -> SealedLogin:
    return SealedLogin(
        client_id=login.client_id,
        client_secret=_revealed(login.client_secret),
        certificate=_revealed(login.certificate),
        placeholders=dict(login.placeholders),
        server=login.server,
        user=login.user,
        password=_revealed(login.password),
        assertion=_revealed(login.assertion),
        redirect_url=login.redirect_url,
    )


def _stored(header: Header, sealed: Sealed) -> StoredConnection:
    connection = Connection(
        name=header.name,
        values={name: Secret(value) for name, value in sealed.values.items()},
        parameter_set=sealed.parameter_set,
        grant=None if sealed.grant is None else _grant(sealed.grant),
        login=None if sealed.login is None else _login(sealed.login),
    )
    return StoredConnection(
        connection=connection,
        connector=header.connector,
        folder=sealed.folder,
        state=header.state,
        problem=header.problem,
        created=header.created,
        changed=header.changed,
    )


def _grant(sealed: SealedGrant) -> Grant:
    return Grant(
        type=sealed.type,
        access_token=Secret(sealed.access_token),
        refresh_token=_secret(sealed.refresh_token),
        obtained=sealed.obtained,
        expires=sealed.expires,
        scope=sealed.scope,
    )


def _login(sealed: SealedLogin) -> Login:
    return Login(
        client_id=sealed.client_id,
        client_secret=_secret(sealed.client_secret),
        certificate=_secret(sealed.certificate),
        placeholders=sealed.placeholders,
        server=sealed.server,
        user=sealed.user,
        password=_secret(sealed.password),
        assertion=_secret(sealed.assertion),
        redirect_url=sealed.redirect_url,
    )


def _revealed(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _finite(number: float) -> float | None:
    """The number; None for one that JSON does not have (a token that never ends)."""
    return float(number) if math.isfinite(number) else None
