"""Receivers as a person writes them: a URL, ``python:MODULE:FUNCTION``, or a command line."""

from __future__ import annotations

import json
import shlex
import sys

from ..model import DocumentError, Receiver
from .references import secret_from


def receiver_of(text: str, secret: str, max_age: float) -> Receiver:
    """The receiver that a text means; ``secret`` is a reference to the key that signs what goes to a URL.

    Raises DocumentError ``bad-receiver``, and for a reference that leads nowhere.
    """
    if text.lower().startswith(("http://", "https://")):
        if secret:
            secret_from(secret)
        return Receiver(kind="http", target=text, secret=secret, max_age=max_age)
    if text.startswith("python:"):
        return Receiver(kind="python", target=text.removeprefix("python:"), max_age=max_age)
    words = shlex.split(text, posix=sys.platform != "win32")
    if not words:
        raise DocumentError("bad-receiver", "the receiver is empty", remedy="give a URL or a command line")
    return Receiver(kind="program", target=json.dumps(words), max_age=max_age)
