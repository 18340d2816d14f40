"""Receivers as a person writes them: a URL, ``python:MODULE:FUNCTION``, or a command line."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ..model import DocumentError, Failure, Receiver
from .command_lines import words_of
from .references import FORMS


def receiver_of(text: str, secret: str, max_age: float) -> Receiver:
    """The receiver that a text means; ``secret`` is a reference to the key that signs what goes to a URL.

    Raises DocumentError ``bad-receiver``, and ``bad-reference`` for a secret that is none.
    """
    if text.lower().startswith(("http://", "https://")):
        return Receiver(kind="http", target=_url(text), secret=_reference(secret), max_age=max_age)
    if text.startswith("python:"):
        module, _, name = text.removeprefix("python:").partition(":")
        if not module or not name:
            said = f'"{text}" names no function of a module'
            raise DocumentError("bad-receiver", said, remedy="write python:MODULE:FUNCTION")
        return Receiver(kind="python", target=f"{module}:{name}", max_age=max_age)
    try:
        words = words_of(text)
    except ValueError as error:
        said = f"the receiver's command line cannot be read: {str(error).lower()}"
        raise DocumentError("bad-receiver", said, remedy="check its quotes") from None
    if not words:
        raise DocumentError("bad-receiver", "the receiver is empty", remedy="give a URL or a command line")
    return Receiver(kind="program", target=json.dumps(words), max_age=max_age)


def _url(text: str) -> str:
    """A URL that can be called. Its own words stay out of the error: they may hold a password."""
    from ..net.prepare import parse_url

    found = parse_url(text)
    if isinstance(found, Failure):
        raise DocumentError("bad-receiver", f"the receiver cannot be called: {found.message}", remedy=found.remedy)
    return text


def _reference(secret: str) -> str:
    """A reference as any process finds it: who delivers may run in another folder, with other variables."""
    kind, _, name = secret.partition(":")
    if secret and (kind not in ("env", "file") or not name):
        raise DocumentError("bad-reference", "what was given is no reference to a secret", remedy=f"write {FORMS}")
    if kind != "file":
        return secret
    try:
        return f"file:{Path(name).expanduser().resolve()}"
    except (ValueError, RuntimeError) as error:  # a null character; the home of somebody whom nobody knows
        raise DocumentError("bad-reference", f'"{secret}" leads nowhere: {error}', remedy="check the path") from None


def shown_target(receiver: Receiver) -> str:
    """A receiver's target as it is shown: a URL without user and query, which may hold secrets."""
    if receiver.kind != "http":
        return receiver.target
    parts = urlsplit(receiver.target)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def receiver_text(receiver: Receiver) -> str:
    """A receiver in words: its kind, and its target as it is shown."""
    return f"{receiver.kind} {shown_target(receiver)}".strip()
