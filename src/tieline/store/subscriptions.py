"""The user's list of subscriptions: names and settings. Whether one works is a state of the engine, not kept here."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from ..model import DocumentError, Subscription, did_you_mean
from .database import open_to_read, open_to_write, ours


class Subscriptions:
    """The list of one store. Any process may read and change it, also beside a running engine.

    Raises what opening the store's file raises.
    """

    def __init__(self, path: Path) -> None:
        """Takes the store's file."""
        self._path = path

    def all(self) -> list[Subscription]:
        """All, by name; none where there is no store yet."""
        if not self._path.exists():
            return []
        with self._open(open_to_read) as connection:
            found = connection.execute("SELECT body FROM subscriptions ORDER BY folded").fetchall()
        return [self._read(body) for (body,) in found]

    def get(self, name: str) -> Subscription:
        """One by its name in any case, or its id. Raises DocumentError ``unknown-subscription``."""
        known = self.all()
        found = next((one for one in known if one.id == name), None) or next(
            (one for one in known if one.name.casefold() == name.casefold()), None
        )
        if found is None:
            remedy = did_you_mean(name, [one.name for one in known]) or "tieline triggers enable makes one"
            raise DocumentError("unknown-subscription", f'there is no subscription "{name}"', remedy=remedy)
        return found

    def add(self, subscription: Subscription) -> None:
        """Adds one. Raises DocumentError ``subscription-exists`` for a name or id that is taken."""
        self._put("INSERT INTO subscriptions (folded, body, id) VALUES (?, ?, ?)", subscription)

    def replace(self, subscription: Subscription) -> None:
        """Changes the one with the same id. Raises DocumentError ``unknown-subscription``, ``subscription-exists``."""
        if not self._put("UPDATE subscriptions SET folded=?, body=? WHERE id=?", subscription):
            raise DocumentError("unknown-subscription", f'there is no subscription "{subscription.name}"')

    def remove(self, id: str) -> bool:
        """Removes one by its id; tells whether it was there."""
        with self._open(open_to_write) as connection:
            return connection.execute("DELETE FROM subscriptions WHERE id=?", (id,)).rowcount > 0

    def _put(self, statement: str, subscription: Subscription) -> bool:
        values: Sequence[Any] = (subscription.name.casefold(), _written(subscription), subscription.id)
        with self._open(open_to_write) as connection:
            try:
                return connection.execute(statement, values).rowcount > 0
            except sqlite3.IntegrityError:
                raise DocumentError(
                    "subscription-exists",
                    f'there is a subscription "{subscription.name}" already (names are compared in any case)',
                    remedy="choose another name with --name, or remove that one: tieline triggers remove",
                ) from None

    def _read(self, body: bytes) -> Subscription:
        try:
            return msgspec.json.decode(body, type=Subscription)
        except msgspec.DecodeError as error:
            said = f'the store "{self._path}" holds a subscription that cannot be read: {error}'
            raise DocumentError("damaged-store", said, remedy="restore your back-up") from None

    @contextmanager
    def _open(self, opening: Callable[[Path], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
        connection = opening(self._path)
        try:
            with ours(self._path):
                yield connection
        finally:
            connection.close()


def _written(subscription: Subscription) -> bytes:
    """Its bytes. Raises DocumentError ``bad-argument`` for values that JSON does not have."""
    try:
        return msgspec.json.encode(subscription)
    except (TypeError, ValueError) as error:
        raise DocumentError("bad-argument", f'"{subscription.name}" cannot be kept: {error}') from None
