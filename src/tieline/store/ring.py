"""The keys that open a vault's records: the one in use and, while a rotation is under way, the others.

Before a rotation re-seals the first record it leaves a bridge: every old key sealed with the new one, and the new one
with every old. So whoever has any of them can read all records, wherever the rotation ended.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import msgspec

from ..model import DocumentError
from . import atomic
from .key import Key, Unsealable
from .vault import FILE, MOST, VERSION, decode, encode, has_records, use_key, vault_of

BRIDGE = "rotation.json"
"""The bridge's file in the home folder; there only from a rotation's begin to its end."""


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One key sealed with another."""

    by: str
    """Id of the key that opens it."""
    of: str
    """Id of the key inside."""
    sealed: str
    """In base64."""


class Bridge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bridge of a rotation."""

    version: int = VERSION
    links: tuple[Link, ...]


class Ring:
    """The keys of one vault, read when they are first needed and again when another process has changed them."""

    __slots__ = ("_current", "_home", "_keys", "_seen", "_source")

    def __init__(self, home: Path, source: Callable[[], Key]) -> None:
        """Takes the home folder and what gives the key in use."""
        self._home = home
        self._source = source
        self._current: Key | None = None
        self._keys: dict[str, Key] = {}
        self._seen: tuple[bytes | None, bytes | None] = (None, None)

    @property
    def current(self) -> Key:
        """The key in use. Raises what its source raises."""
        return self._current or self._load()

    def key(self, key_id: str) -> Key | None:
        """The key of that id, if it is known."""
        if self._current is None or (key_id not in self._keys and self._files() != self._seen):
            self._load()
        return self._keys.get(key_id)

    def sealing(self) -> Key:
        """The key to seal a record with; from now on it is the vault's. Only under the lock of the store.

        Raises DocumentError ``wrong-key`` for one that does not open what the vault holds.
        """
        key = self.current
        vault = vault_of(self._home)
        if vault.key in ("", key.id) or not has_records(self._home):
            use_key(self._home, vault, key.id)
            return key
        if self.key(vault.key) is None:
            raise wrong_key("the vault", vault.key, self.current)
        return self.current

    def bridge_to(self, new: Key) -> None:
        """Write the bridge to a new key. Only under the lock of the store."""
        old = {key.id: key for key in (self.current, *self._keys.values())}
        links = [link for key in old.values() if key.id != new.id for link in (_link(key, new), _link(new, key))]
        atomic.write(self._home / BRIDGE, encode(Bridge(links=tuple(links))))

    def settle(self, new: Key) -> None:
        """End a rotation: the new key is the vault's, and the only one. Only under the lock of the store."""
        use_key(self._home, vault_of(self._home), new.id)
        atomic.remove(self._home / BRIDGE)
        self._current, self._keys, self._seen = new, {new.id: new}, self._files()

    def _load(self) -> Key:
        seen = self._files()
        current = self._source()
        self._keys = bridged(self._home, current)
        self._current, self._seen = current, seen
        return current

    def _files(self) -> tuple[bytes | None, bytes | None]:
        return atomic.read(self._home / FILE, MOST), atomic.read(self._home / BRIDGE, MOST)


def bridged(home: Path, key: Key) -> dict[str, Key]:
    """A key and all that a bridge leads to from there, by id. Raises DocumentError ``damaged-vault``."""
    keys = {key.id: key}
    data = atomic.read(home / BRIDGE, MOST)
    links = decode(data, home / BRIDGE, Bridge).links if data is not None else ()
    for _ in range(2):  # from an old key to the new one, from there to all others
        for link in links:
            if link.by in keys and link.of not in keys:
                keys |= _crossed(keys[link.by], link, home / BRIDGE)
    return keys


def unfinished(home: Path) -> bool:
    """Whether a rotation was begun and not ended."""
    return (home / BRIDGE).exists()


def wrong_key(what: str, wanted: str, used: Key) -> DocumentError:
    """The error for a key that does not open something."""
    source = f", from {used.source}" if used.source else ""
    return DocumentError(
        "wrong-key",
        f"{what} is encrypted with the key {wanted}, which is not the one in use ({used.id}{source})",
        remedy="set TIELINE_KEY to what it was then, or unset it if it was not set",
    )


def _link(by: Key, of: Key) -> Link:
    sealed = by.seal(of.text().encode(), _place(by.id, of.id))
    return Link(by.id, of.id, base64.b64encode(sealed).decode())


def _crossed(key: Key, link: Link, file: Path) -> dict[str, Key]:
    try:
        text = key.open(base64.b64decode(link.sealed, validate=True), _place(link.by, link.of))
        return {link.of: Key(base64.b64decode(text), key.source)}
    except (Unsealable, binascii.Error):
        pass
    remedy = "restore it from a backup, or remove it: then only connections with the key in use can be read"
    raise DocumentError("damaged-vault", f'the vault\'s file "{file}" is damaged', remedy=remedy)


def _place(by: str, of: str) -> bytes:
    return f"tieline rotation {by} {of}".encode()
