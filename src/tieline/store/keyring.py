"""A vault's key in the system keyring: Keychain, Credential Locker, Secret Service. It needs the extra ``keyring``.

A keyring may be missing, locked, or one that forgets everything; none of that is an error here, but said.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

SERVICE = "tieline"
"""Under what name the key stands in the keyring."""


MISSING = 'the package "keyring" is not installed (pip install "tieline[keyring]")'
NONE = "the system has no keyring"


class Looked(NamedTuple):
    """What a look into the keyring gave."""

    text: str | None
    """What is kept there; None for nothing."""
    problem: str = ""
    """Why the keyring cannot be used; empty when it can."""


def look(vault: str) -> Looked:
    """What the keyring keeps for a vault."""
    try:
        import keyring
    except ImportError:
        return Looked(None, MISSING)
    try:
        return Looked(keyring.get_password(SERVICE, vault))
    except Exception as error:  # noqa: BLE001 - backends raise whatever their system raises
        return Looked(None, _said(error))


def keep(vault: str, text: str) -> str:
    """Keep a text for a vault; gives why it could not be kept, or an empty text when it is."""
    try:
        import keyring

        keyring.set_password(SERVICE, vault, text)
        kept = keyring.get_password(SERVICE, vault)
    except ImportError:
        return MISSING
    except Exception as error:  # noqa: BLE001
        return _said(error)
    return "" if kept == text else "the keyring does not keep what it is given"


def forget(vault: str) -> None:
    """Remove what is kept for a vault, where there is anything. What a keyring does not let go stays: it is of no use,
    as a vault names the key that it uses."""
    if look(vault).text is None:
        return
    import keyring

    with suppress(Exception):
        keyring.delete_password(SERVICE, vault)


def name() -> str:
    """What the keyring calls itself, or why there is none."""
    try:
        import keyring
        from keyring.backends import fail
    except ImportError:
        return MISSING
    found = keyring.get_keyring()
    return NONE if isinstance(found, fail.Keyring) else str(found.name)


def _said(error: Exception) -> str:
    """Only the kind of an error: its text may hold what the backend was given."""
    kind = type(error).__name__
    return NONE if kind == "NoKeyringError" else f"the keyring cannot be used ({kind})"
