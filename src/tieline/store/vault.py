"""The vault's own small file: what it is called in a keyring, the salt of its passphrase, and which key is in use.

Nothing in it is secret. What lives here knows no ciphers and no records.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import msgspec

from ..model import DocumentError
from . import atomic

VERSION = 1
"""Of the file. A newer one is refused and left as it is."""

FILE = "vault.json"
"""Its name in the home folder."""

CONNECTIONS = "connections"
"""The folder of the encrypted records in the home folder."""

MOST = 100_000
"""How many bytes a file of the vault's own may have."""


Own = TypeVar("Own", bound=msgspec.Struct)


class Vault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a vault knows of itself."""

    version: int = VERSION
    id: str
    """Random; tells vaults of one user apart in a keyring."""
    salt: str
    """For a key made of a passphrase, in hex."""
    key: str = ""
    """``Key.id`` of the key that records are sealed with; empty as long as there was none."""


def find(home: Path) -> Vault | None:
    """The vault's file; None when there is none. Raises DocumentError ``damaged-vault``, ``newer-store``."""
    data = atomic.read(home / FILE, MOST)
    return None if data is None else decode(data, home / FILE, Vault)


def vault_of(home: Path) -> Vault:
    """The vault's file, made when there is none.

    Raises the errors of :func:`find`, DocumentError ``damaged-vault`` where it is missing and records are there (a new
    salt would open none of them), ServiceError ``cannot-write``.
    """
    found = find(home)
    if found is not None:
        return found
    if has_records(home):
        raise _damaged(home / FILE, "is missing")
    made = Vault(id=uuid4().hex, salt=uuid4().hex)
    atomic.create(home / FILE, encode(made))
    return find(home) or made


def salt_of(home: Path) -> bytes:
    """The salt of a passphrase. Raises the errors of :func:`vault_of`, DocumentError ``damaged-vault``."""
    text = vault_of(home).salt
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise _damaged(home / FILE, "is damaged") from None


def use_key(home: Path, vault: Vault, key: str) -> None:
    """Write down which key is in use. Only under the lock of the store."""
    if vault.key != key:
        atomic.write(home / FILE, encode(msgspec.structs.replace(vault, key=key)))


def record_files(home: Path) -> tuple[Path, ...]:
    """The files of all records, readable or not. Raises DocumentError ``unreadable-file`` for their folder."""
    folder = home / CONNECTIONS
    try:
        return tuple(sorted(file for file in folder.iterdir() if file.suffix == ".json"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        said = f'cannot read "{folder}": {error.strerror or error}'
        raise DocumentError("unreadable-file", said, remedy="check its permissions") from None


def has_records(home: Path) -> bool:
    """Whether there is any record. Raises as :func:`record_files`."""
    return bool(record_files(home))


def encode(value: msgspec.Struct) -> bytes:
    """A file of the vault's own, as text that a person can read."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def decode(data: bytes, file: Path, kind: type[Own]) -> Own:
    """A file of the vault's own. Raises DocumentError ``damaged-vault``, ``newer-store``."""
    try:
        version = msgspec.json.decode(data, type=_Versioned).version
        found = msgspec.json.decode(data, type=kind) if version == VERSION else None
    except (ValueError, RecursionError):
        version, found = 0, None
    if found is not None:
        return found
    if version > VERSION:
        raise newer(file, version, VERSION)
    raise _damaged(file, "is damaged")


def newer(file: Path, version: int, known: int) -> DocumentError:
    """The error for what a newer program wrote: it is not touched."""
    said = f'"{file}" is of version {version}; this program knows versions up to {known}'
    return DocumentError("newer-store", said, remedy="use a newer Tieline; the file was left as it is")


class _Versioned(msgspec.Struct):
    version: int


def _damaged(file: Path, what: str) -> DocumentError:
    remedy = f'restore it from a backup; without it, remove it and "{file.parent / CONNECTIONS}", and connect again'
    return DocumentError("damaged-vault", f'the vault\'s file "{file}" {what}', remedy=remedy)
