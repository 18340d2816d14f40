"""Which dialect an API description is in, and who reads it.

What lives here tells dialects apart by their root keys; their readers know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ..model import Definition, Document, DocumentError, Finding, Route
from ..source import SourceDocument
from . import openapi2

Load = Callable[[str], Document]
"""Gives another document of the same description by its relative reference; raises DocumentError when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A dialect of API descriptions."""

    id: str
    """Kebab-case name."""
    key: str
    """The root key that a description of this dialect has."""
    read: Callable[[Document, Load, str], Definition]
    """Document, loader of its other documents, base URL for a description that names no server -> definition."""
    beside: str = ""
    """Another root key that it has; empty for none."""
    wrapper: str = ""
    """A root key that may hold the whole description; empty for none."""
    runs: bool = True
    """Whether a connector folder may hold it as its definition; otherwise it is imported."""

    def recognises(self, value: object) -> bool:
        """Whether a document's value is of this dialect."""
        if not isinstance(value, dict):
            return False
        if self.key in value and (not self.beside or self.beside in value):
            return True
        return bool(self.wrapper) and replace(self, wrapper="").recognises(value.get(self.wrapper))


def _read_openapi2(document: Document, load: Load, base_url: str) -> Definition:
    """Swagger 2.0."""
    return openapi2.read(document, load, base_url=base_url)


def _read_openapi3(document: Document, load: Load, base_url: str) -> Definition:
    """OpenAPI 3. Its reader is imported when it is needed: a connector folder hardly ever is."""
    from . import openapi3

    return openapi3.read(document, load, base_url=base_url)


def _read_postman(document: Document, load: Load, base_url: str) -> Definition:
    """A Postman collection. Its reader is imported when it is needed."""
    from . import postman

    return postman.read(document, load, base_url=base_url)


FORMATS = (
    Format(id="openapi2", key="swagger", read=_read_openapi2),
    Format(id="openapi3", key="openapi", read=_read_openapi3),
    Format(id="postman", key="item", beside="info", wrapper="collection", runs=False, read=_read_postman),
)
"""Every dialect of API descriptions, in the order in which they are tried."""


def format_of(document: Document) -> Format:
    """The dialect of a document; raises DocumentError ``not-an-api-description`` when it is none, and what
    ``postman.refuse`` raises for other files of Postman's."""
    for candidate in FORMATS:
        if candidate.recognises(document.value):
            return candidate
    from . import postman

    postman.refuse(document)
    raise DocumentError(
        "not-an-api-description",
        f'"{document.name}" has neither a "swagger" nor an "openapi" key: it is no API description',
        remedy='give a Swagger 2.0 or OpenAPI 3 document, which has "swagger: 2.0" or "openapi: 3.0.0" at its root, '
        "or a Postman collection",
        route=Route(document.name),
    )


def base_of(document: Document, *, given: str = "", url: str = "") -> str:
    """The base URL to read a document with: the one that a person has ``given`` for the service, else what the ``url``
    says that the document was fetched from.

    Servers of OpenAPI 3 are relative to the document itself (RFC 3986); one that names no server at all has the root of
    its host, or the whole base that is given, which ends in a slash then. A Swagger 2.0 document without a host has
    that of its URL. Where a Postman collection is kept says nothing of the service. Raises what :func:`format_of`
    raises.
    """
    dialect = format_of(document).id
    if given:
        return given.rstrip("/") + "/" if dialect == "openapi3" else given
    parts = urlsplit(url)
    if not url or dialect == "postman":
        return ""
    if dialect == "openapi2":
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    bare = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return f"{bare}description" if bare.endswith("/") else bare


def alone(reference: str) -> Document:
    """The loader of a description whose other documents cannot be had; raises DocumentError always."""
    raise DocumentError(
        "dangling-ref",
        f'"{reference}" is another document, and there is no folder to look for it in',
        remedy="put the files of the description into one folder and import it from there",
    )


def read_definition(
    document: SourceDocument, load: Load | None = None, *, base_url: str = ""
) -> tuple[Definition, tuple[Finding, ...]]:
    """The definition in a document of any dialect, and what was repaired in its text or wrong in its root.

    ``load`` gives the other documents of a description of several, ``base_url`` stands in for a server that it does
    not name. Raises DocumentError ``not-an-api-description`` when it is none.
    """
    definition = format_of(document).read(document, load or alone, base_url)
    return definition, (*document.findings, *definition.findings)
