"""Secrets by reference: ``env:NAME`` and ``file:PATH``, so that a command line, a script and a project hold none.

No error here shows a value, nor a reference that may be one.
"""

from __future__ import annotations

import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable
from pathlib import Path

from ..model import DocumentError, Finding, Route, Secret

MOST = 1_000_000
"""How many bytes a file with a secret may have."""

FORMS = "env:NAME for an environment variable or file:PATH for a file"


def secret_from(reference: str) -> Secret:
    """The secret that a reference names: a variable's value, or a file's text without one line end at its end.

    Raises DocumentError ``bad-reference``, ``unset-variable``, ``unreadable-variable``, ``no-such-file``,
    ``unreadable-file``, ``empty-secret``.
    """
    kind, _, name = reference.partition(":")
    if kind not in ("env", "file") or not name:
        raise DocumentError("bad-reference", "what was given is no reference to a secret", remedy=f"write {FORMS}")
    value = _variable(name) if kind == "env" else _text(name)
    if not value:
        raise DocumentError("empty-secret", f'"{reference}" is empty', remedy="check how it is set")
    return Secret(value)


def pairs_of_references(texts: Iterable[str]) -> dict[str, str]:
    """``("api_key=env:KEY",)`` as names and the values that are meant.

    Raises DocumentError ``bad-argument`` for another form or a name given twice, and the errors of :func:`secret_from`.
    """
    out: dict[str, str] = {}
    for name, reference in _pairs(texts):
        if name in out:
            raise DocumentError("bad-argument", f'"{name}" is given twice', remedy="give it once")
        out[name] = secret_from(reference).reveal()
    return out


def findings_of_references(texts: Iterable[str], folder: Path) -> tuple[Finding, ...]:
    """A warning ``secret-in-project`` for each file with a secret that lies in a connector's folder: what lies there is
    shared with the connector."""
    files = [(name, reference[5:]) for name, reference in _pairs(texts) if reference.startswith("file:")]
    inside = [(name, file) for name, file in files if _inside(file, folder)]
    return tuple(
        Finding(
            rule="secret-in-project",
            route=Route(),
            message=f'the secret "{name}" is read from "{file}", which lies in the connector\'s folder',
            remedy="move the file out of the folder, or use env:NAME",
        )
        for name, file in inside
    )


def _pairs(texts: Iterable[str]) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in texts]
    if all(name and equals for name, equals, _ in pairs):
        return [(name, reference) for name, _, reference in pairs]
    said = "what --secret was given is not of the form name=reference"
    raise DocumentError("bad-argument", said, remedy=f"write --secret name=REFERENCE, with {FORMS}")


def _inside(file: str, folder: Path) -> bool:
    """Whether a file lies in a folder; not for a path that leads nowhere, which reading it says."""
    try:
        return Path(file).expanduser().resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # the last for a home that nobody has, and for links in a circle
        return False


def _variable(name: str) -> str:
    value = os.environ.get(name) if "=" not in name and "\0" not in name else None
    if value is None:
        remedy = "set it, in CI as a secret of the pipeline"
        raise DocumentError("unset-variable", f'the environment variable "{name}" is not set', remedy=remedy)
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        said = f'the value of the environment variable "{name}" is not text in UTF-8'
        raise DocumentError("unreadable-variable", said, remedy="set it in UTF-8")
    return value


def _text(name: str) -> str:
    path = Path(name)
    try:
        path = path.expanduser()
        data = _bytes(path)
    except FileNotFoundError:
        raise DocumentError("no-such-file", f'there is no file "{path}"', remedy="check the path") from None
    except (OSError, ValueError, RuntimeError) as error:  # the last for the home of somebody whom nobody knows
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        said = f'cannot read "{path}": {why}'
        raise DocumentError("unreadable-file", said, remedy="check its permissions") from None
    text = _decoded(data)
    if text is None:
        raise DocumentError("unreadable-file", f'"{path}" is not text in UTF-8', remedy="save it as UTF-8")
    return text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text


def secret_read(data: bytes) -> Secret:
    """The secret that somebody typed or piped in. Raises DocumentError ``unreadable-secret``."""
    text = _decoded(data)
    if text is None:
        said = "what was read from the standard input is not text in UTF-8"
        raise DocumentError("unreadable-secret", said, remedy="give it in UTF-8")
    return Secret(text.strip())


def _bytes(path: Path) -> bytes:
    """The bytes of a file or of a pipe, which a shell makes of ``<(pass show key)``."""
    with path.open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise ValueError(f"it has more than {MOST // 1_000_000} MB")
    return data


def _decoded(data: bytes) -> str | None:
    """Text of bytes in UTF-8, which may begin with a mark, or in UTF-16 with one, which ``>`` of Windows PowerShell
    writes; None for other bytes, whose error would hold them."""
    try:
        return data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        return None
