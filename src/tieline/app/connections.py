"""Stored connections: list, show, expire, rename, remove, and a new key for all of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from ..model import Connector, DocumentError, TielineError
from ..store.connections import ConnectionStore, Entry, default_store
from ..store.key import VARIABLE, Key, forget_key, keep_key, key_of_text
from .connection_view import ConnectionView, view_of
from .references import secret_from


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """What a change of the vault's key did."""

    connections: int
    """How many were encrypted anew."""
    source: str
    """Where the new key is."""
    remedy: str = ""
    """What is left to do."""


def list_connections(store: ConnectionStore | None = None) -> tuple[Entry, ...]:
    """All connections by name, each with why it cannot be read, if so. Raises DocumentError for the folder alone."""
    return (store or default_store()).entries()


def show_connection(
    name: str, store: ConnectionStore | None = None, *, now: float | None = None, connector: Connector | None = None
) -> ConnectionView:
    """What may be known of a connection. Raises the errors of ``ConnectionStore.load``.

    The connector says which values may be shown; without one it is read from the folder that the connection was made
    for, and where that has it no longer, no value is shown.
    """
    stored = (store or default_store()).load(name)
    found = connector or _connector(stored.folder, stored.connector)
    return view_of(stored, found, time.time() if now is None else now)


def expire(name: str, store: ConnectionStore | None = None) -> None:
    """Let a connection's access token be taken for expired, so that the next call renews it.

    Raises DocumentError ``nothing-to-expire`` for a connection without one or with one that somebody gave, and the
    errors of ``load`` and ``save``.
    """
    store = store or default_store()
    store.load(name)
    with store.locked(name):
        stored = store.load(name)
        if stored.connection.grant is None:
            raise DocumentError(
                "nothing-to-expire",
                f'the connection "{stored.connection.name}" has no access token that could expire',
                remedy="only connections that signed in at an identity provider have one",
            )
        if stored.connection.grant.type == "given":
            raise DocumentError(
                "nothing-to-expire",
                f'the access token of "{stored.connection.name}" was given, so nothing would renew it',
                remedy="only connections that signed in at an identity provider are renewed",
            )
        grant = replace(stored.connection.grant, expires=0.0)
        store.save(replace(stored, connection=replace(stored.connection, grant=grant)))


def rename(old: str, new: str, store: ConnectionStore | None = None) -> None:
    """Give a connection another name. Raises the errors of ``ConnectionStore.rename``."""
    (store or default_store()).rename(old, new)


def remove(name: str, store: ConnectionStore | None = None) -> None:
    """Remove a connection for good. Raises the errors of ``ConnectionStore.remove``."""
    (store or default_store()).remove(name)


def rotate_key(reference: str = "", store: ConnectionStore | None = None) -> KeyChange:
    """Encrypt all connections anew: with a random key that this machine keeps, or with one that a reference names,
    which is from then on given in ``TIELINE_KEY``.

    Raises the errors of ``references.secret_from`` and of ``ConnectionStore.rotate``.
    """
    store = store or default_store()
    home = store.home
    if reference:
        new = key_of_text(home, secret_from(reference).reveal())
        count = store.rotate(new, adopt=lambda key: forget_key(home))
        return KeyChange(connections=count, source=VARIABLE, remedy=f"from now on set {VARIABLE} to the new key")
    sources: list[str] = []
    count = store.rotate(Key.random(), adopt=lambda key: sources.append(keep_key(home, key)))
    remedy = f"unset {VARIABLE}: it holds the old key" if os.environ.get(VARIABLE) else ""
    return KeyChange(connections=count, source=sources[0], remedy=remedy)


def _connector(folder: str, name: str) -> Connector | None:
    """The connector that a connection was made for, where its folder still has it."""
    from .load import load_connector

    if not folder or not Path(folder).is_dir():
        return None
    try:
        found = load_connector(Path(folder))
    except TielineError:
        return None
    return found if found.name == name else None
