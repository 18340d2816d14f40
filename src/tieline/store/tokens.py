"""Secrets that Tieline itself made and keeps: what signs callback URLs, and what lets a command talk to a server."""

from __future__ import annotations

import secrets
from pathlib import Path

from ..model import DocumentError
from . import atomic

CALLBACKS = "callbacks.key"
"""File in a store's folder with what signs callback URLs. Whoever has it can make URLs; without it registered hooks are
refused."""

SIZE = 32
"""Bytes of a secret."""


def callback_secret(folder: Path) -> bytes:
    """What signs the callback URLs of a store; made when it is missing, the same from then on.

    Raises DocumentError ``damaged-file``, ServiceError ``cannot-write``.
    """
    path = folder / CALLBACKS
    atomic.make_folder(folder)
    known = atomic.read(path, 2 * SIZE)
    if known is None:
        atomic.create(path, secrets.token_bytes(SIZE))
        known = atomic.read(path, 2 * SIZE)
    if known is None or len(known) != SIZE:
        remedy = "put it back from a back-up, or remove it and enable the triggers again"
        raise DocumentError("damaged-file", f'"{path}" is no secret of Tieline', remedy=remedy)
    return known


def new_token() -> str:
    """A text that nobody can guess, for URLs and headers."""
    return secrets.token_urlsafe(SIZE)


def new_id() -> str:
    """An unguessable id of letters and digits."""
    return secrets.token_hex(16)
