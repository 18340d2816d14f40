"""Receivers as a person writes them: a URL, ``python:MODULE:FUNCTION``, or a command line."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from ..model import DocumentError, Receiver
from .references import secret_from


def receiver_of(text: str, secret: str, max_age: float) -> Receiver:
    """The receiver that a text means; ``secret`` is a reference to the key that signs what goes to a URL.

    Raises DocumentError ``bad-receiver``, and for a reference that leads nowhere.
    """
    if text.lower().startswith(("http://", "https://")):
        if not _has_host(text):
            raise DocumentError("bad-receiver", "the receiver's URL has no host", remedy="write http://HOST/PATH")
        return Receiver(kind="http", target=text, secret=_reference(secret), max_age=max_age)
    if text.startswith("python:"):
        return Receiver(kind="python", target=text.removeprefix("python:"), max_age=max_age)
    try:
        words = shlex.split(text, posix=sys.platform != "win32")
    except ValueError as error:
        said = f"the receiver's command line cannot be read: {str(error).lower()}"
        raise DocumentError("bad-receiver", said, remedy="check its quotes") from None
    if not words:
        raise DocumentError("bad-receiver", "the receiver is empty", remedy="give a URL or a command line")
    return Receiver(kind="program", target=json.dumps(words), max_age=max_age)


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _reference(secret: str) -> str:
    """A reference that leads somewhere, as any process finds it: who delivers may run in another folder."""
    if not secret:
        return ""
    secret_from(secret)
    kind, _, name = secret.partition(":")
    return f"file:{Path(name).expanduser().resolve()}" if kind == "file" else secret
