"""Where a service is: ``host``, ``basePath`` and ``schemes`` of a Swagger 2.0 document, as files really write them."""

from __future__ import annotations

from typing import NamedTuple

from ..fields import Fields

SCHEMES = frozenset({"http", "https", "ws", "wss"})
"""Schemes that Swagger 2.0 knows."""


class Server(NamedTuple):
    """The three parts of a service's address."""

    host: str
    """``host`` or ``host:port``; empty when the file names none."""
    base_path: str
    """Starts with ``/``."""
    schemes: tuple[str, ...]
    """In order of preference, lower case."""


def server_of(fields: Fields, base_url: str = "") -> Server:
    """The address in a document's root fields. A scheme or a path inside ``host`` is put where it belongs, noted.

    ``base_url`` is used when the file names no host. A host that is an expression (``@environmentVariables("x")``) is
    kept as it is.
    """
    written = fields.text("host").strip()
    if not written:
        fields.note(
            "missing-host",
            'the definition has no "host"; the platform refuses it, and calls need a server',
            remedy='add "host": "api.example.com"',
        )
    host, scheme, path = _parts(written or base_url)
    if written and host != written:
        fields.note(
            "host-with-url-parts",
            f'"host" is "{written}", but must be a host name alone; it is read as "{host}"',
            remedy=f'write "{host}", and move the rest to "schemes" and "basePath"',
            name="host",
        )
    base_path = _base_path(fields)
    if path:
        base_path = path.rstrip("/") + base_path if base_path != "/" else path
    return Server(host, base_path, _schemes(fields, scheme, preferred=not written))


def _schemes(fields: Fields, scheme: str, *, preferred: bool) -> tuple[str, ...]:
    """The schemes of the file; ``scheme`` (of a URL) where it has none, or before them when it is preferred."""
    declared = schemes_of(fields)
    if scheme not in SCHEMES:
        return declared or ("https",)
    if preferred:
        return (scheme, *(other for other in declared if other != scheme))
    return declared or (scheme,)


def _parts(url: str) -> tuple[str, str, str]:
    """Host, scheme and path of a host or URL; empty for what it does not have."""
    if url.startswith("@"):
        return url, "", ""
    scheme, _, rest = url.rpartition("://")
    host, _, path = rest.partition("/")
    return host, scheme.lower(), "/" + path if path else ""


def _base_path(fields: Fields) -> str:
    """The base path, starting with a slash; ``basepath`` is read too (reference: connector-format, section 2)."""
    name = "basePath" if "basePath" in fields.value else "basepath"
    if name == "basepath" and name in fields.value:
        fields.note("property-case", '"basepath" is read as "basePath"', remedy='write "basePath"', name=name)
    path = fields.text(name).strip()
    if "://" in path:
        fields.note("base-path-with-host", f'"basePath" is "{path}", but must be a path', name=name)
        path = path.partition("://")[2].partition("/")[2]
    elif path and not path.startswith("/"):
        fields.note("base-path-without-slash", f'"basePath" is read as "/{path}"', remedy=f'write "/{path}"', name=name)
    return "/" + path.removeprefix("/")


def schemes_of(fields: Fields) -> tuple[str, ...]:
    """``schemes`` of a document or operation in lower case; unknown ones are noted and left out."""
    written = tuple(scheme.strip().lower() for scheme in fields.texts("schemes"))
    for scheme in written:
        if scheme not in SCHEMES:
            fields.note("unknown-scheme", f'scheme "{scheme}" is left out', remedy='write "https"', name="schemes")
    return tuple(scheme for scheme in written if scheme in SCHEMES)
