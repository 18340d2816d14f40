"""The key that a vault's records are sealed with, and where it comes from.

``TIELINE_KEY`` when it is set, else the system keyring, else the file ``key`` in the home folder. What lives here knows
nothing of connections.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ..model import HIDDEN, DocumentError
from . import atomic, keyring
from .locks import held
from .vault import MOST, Vault, find, has_records, salt_of, vault_of

VARIABLE = "TIELINE_KEY"
"""The environment variable that holds a key or a passphrase."""

FILE = "key"
"""The key file in the home folder."""

SIZE = 32
"""Bytes of a key: AES-256."""

NONCE = 12
"""Bytes of a nonce, which is random (NIST SP 800-38D, section 8.2.2)."""

SCRYPT = {"n": 2**15, "r": 8, "p": 3}
"""Cost of guessing a passphrase: a setting of OWASP's "Password Storage Cheat Sheet"; 32 MB, 0.2 s."""

LOCK_TIMEOUT = 30.0
"""Seconds to wait for another process that makes a key."""

IN_KEYRING = "the system keyring"
"""``Key.source`` of a key in the keyring."""

_HEX = re.compile(r"[0-9A-Fa-f]{64}")
_BASE64 = re.compile(r"[0-9A-Za-z+/_-]{43}=?")


class Unsealable(ValueError):
    """What was sealed was changed, cut short, or sealed with another key or for another place."""


class Key:
    """A key of AES-256-GCM. Neither ``repr`` nor an error shows it."""

    __slots__ = ("_cipher", "_data", "id", "source")

    def __init__(self, data: bytes, source: str = "") -> None:
        """Takes the 32 bytes, and where they come from in words."""
        if len(data) != SIZE:
            raise ValueError(f"a key has {SIZE} bytes")
        self._data = data
        self._cipher = AESGCM(data)
        self.id: str = hashlib.sha256(b"tieline key " + data).hexdigest()[:16]
        """A short fingerprint; tells keys apart and says nothing about them."""
        self.source = source
        """Where it comes from: ``TIELINE_KEY``, ``the system keyring``, the name of a file."""

    @classmethod
    def random(cls) -> Key:
        """A new key."""
        return cls(os.urandom(SIZE))

    def __repr__(self) -> str:
        return f"Key({self.id}, {HIDDEN})"

    def seal(self, data: bytes, associated: bytes) -> bytes:
        """The data encrypted; it opens only together with the same associated data."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher.encrypt(nonce, data, associated)

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """What was sealed. Raises :class:`Unsealable`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], associated)
        except (InvalidTag, ValueError):
            raise Unsealable("the data were not sealed with this key for this place") from None

    def text(self) -> str:
        """The key itself in base64, for the keyring and the key file only."""
        return base64.b64encode(self._data).decode()


def key_of(home: Path) -> Key:
    """The key of the vault in a home folder; made when there is neither key nor record.

    Raises DocumentError ``no-key`` when the records' key cannot be found, ``damaged-key``, ``damaged-vault``,
    ``newer-store``; ServiceError ``cannot-write`` when a new one cannot be kept.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return key_of_text(home, given)
    found = _found(home)
    if found is not None:
        return found
    with held(home / "locks" / "key.lock", "the vault's key", LOCK_TIMEOUT):
        found = _found(home)
        if found is not None:
            return found
        keep_key(home, Key.random())
        kept, _ = _kept(home, find(home))
    return kept[0]


def _found(home: Path) -> Key | None:
    """The key in keyring or key file, that of the vault's own choice where there are two; None where none is needed."""
    vault = find(home)
    kept, problem = _kept(home, vault)
    if kept:
        return next((key for key in kept if vault is not None and key.id == vault.key), kept[0])
    if not has_records(home):
        return None
    raise DocumentError(
        "no-key",
        f'the key of the connections in "{home}" is not found: {VARIABLE} is not set, there is no file '
        f'"{home / FILE}", and {problem or "the system keyring has none"}',
        remedy=f"set {VARIABLE}, unlock the keyring, or restore the key file from a backup",
    )


def key_of_text(home: Path, text: str) -> Key:
    """The key that a text stands for: 32 bytes in hex or base64, anything else is a passphrase.

    Raises the errors of ``vault.salt_of``.
    """
    data = _raw(text.strip())
    if data is None:
        data = Scrypt(salt=salt_of(home), length=SIZE, **SCRYPT).derive(os.fsencode(text))
    return Key(data, VARIABLE)


def keep_key(home: Path, key: Key) -> str:
    """Keep a key on this machine: in the keyring, else in the key file. Gives where. What was kept before is gone."""
    vault = vault_of(home)
    if not keyring.keep(vault.id, key.text()):
        atomic.remove(home / FILE)
        return IN_KEYRING
    atomic.write(home / FILE, (key.text() + "\n").encode())
    keyring.forget(vault.id)
    return _file_source(home)


def forget_key(home: Path) -> None:
    """Remove the key from keyring and key file, for one that is from now on given in ``TIELINE_KEY``."""
    atomic.remove(home / FILE)
    keyring.forget(vault_of(home).id)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatus:
    """Where a vault's key is; found without making anything."""

    source: str
    """``Key.source``; empty when there is no key."""
    needed: bool
    """Whether there are records that need one."""
    keyring: str
    """What the keyring calls itself, or why it cannot be used."""
    open_file: bool = False
    """Whether others than its owner may read the key file."""


def key_status(home: Path) -> KeyStatus:
    """Where the vault's key is. Raises DocumentError ``damaged-key``, ``damaged-vault``, ``newer-store``."""
    vault = find(home)
    kept, problem = _kept(home, vault)
    source = VARIABLE if os.environ.get(VARIABLE) else next((key.source for key in kept), "")
    file = home / FILE
    return KeyStatus(
        source=source,
        needed=has_records(home),
        keyring=problem or keyring.name(),
        open_file=os.name != "nt" and file.exists() and bool(file.stat().st_mode & 0o077),
    )


def _kept(home: Path, vault: Vault | None) -> tuple[list[Key], str]:
    """The keys in keyring and key file, and why the keyring cannot be used."""
    looked = keyring.look(vault.id) if vault is not None else keyring.Looked(None)
    found = [_decoded(looked.text, IN_KEYRING)] if looked.text else []
    data = atomic.read(home / FILE, MOST)
    if data is not None:
        found.append(_decoded(data.decode("ascii", "replace").strip(), _file_source(home)))
    return found, looked.problem


def _decoded(text: str, source: str) -> Key:
    data = _raw(text)
    if data is None:
        remedy = "restore it from a backup; without it, remove it and the connections, and connect again"
        raise DocumentError("damaged-key", f"{source} holds no key of {SIZE} bytes", remedy=remedy)
    return Key(data, source)


def _file_source(home: Path) -> str:
    return f'the file "{home / FILE}"'


def _raw(text: str) -> bytes | None:
    """32 bytes from hex or base64; None for another text."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    if _BASE64.fullmatch(text):
        return base64.urlsafe_b64decode(text.translate(str.maketrans("+/", "-_")).rstrip("=") + "=")
    return None
