"""Schemas and references, looked at lazily: nothing is copied, inlined or followed before somebody asks.

Cycles are normal (28 published connectors have them), so whoever walks schemas keeps the set of routes it is inside of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from .errors import DocumentError
from .route import Route

JsonObject = dict[str, Any]
"""A JSON object as read; keys that Tieline does not know are kept."""


class Refs(Protocol):
    """Follows ``$ref`` texts of one definition."""

    def resolve(self, ref: str) -> tuple[Any, Route]:
        """The value that ``ref`` (for example ``#/definitions/Product``) points to, and its route.

        Raises DocumentError with rule ``dangling-ref`` when nothing is there.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One schema object of a definition (or a parameter that is its own schema), not yet resolved."""

    value: JsonObject
    """The object as written; may be just ``{"$ref": …}``."""
    route: Route
    """Where it stands."""
    refs: Refs
    """Follows the references of the definition it belongs to."""

    @property
    def ref(self) -> str | None:
        """The ``$ref`` of this schema, if it is a reference."""
        ref = self.value.get("$ref")
        return ref if isinstance(ref, str) else None

    def resolved(self) -> Schema:
        """The schema behind the reference, or this one. A chain of references is followed to its end.

        Raises DocumentError ``dangling-ref`` when the target is missing or no object, ``ref-loop`` when a chain of
        references only leads back to itself.
        """
        here = self
        seen: list[str] = []
        while (ref := here.ref) is not None:
            if ref in seen:
                chain = " -> ".join([*seen, ref])
                raise DocumentError(
                    "ref-loop",
                    f'reference "{ref}" only leads back to itself: {chain}',
                    remedy="let one of them be a schema of its own",
                    route=self.route,
                )
            seen.append(ref)
            value, route = self.refs.resolve(ref)
            if not isinstance(value, dict):
                raise DocumentError(
                    "dangling-ref",
                    f'reference "{ref}" does not lead to a schema object',
                    remedy="point it to an object under #/definitions",
                    route=here.route,
                )
            here = Schema(value=value, route=route, refs=self.refs)
        return here

    @property
    def type(self) -> str:
        """The declared type in lower case; where none is declared, ``object`` or ``array`` when the keywords say so."""
        declared = self.value.get("type")
        if isinstance(declared, str):
            return declared.lower()
        if "properties" in self.value or "additionalProperties" in self.value:
            return "object"
        return "array" if "items" in self.value else ""

    def properties(self) -> Iterator[tuple[str, Schema]]:
        """The declared properties of this (resolved) schema, in order of writing; entries that are no object are left
        out."""
        declared = self.value.get("properties")
        if isinstance(declared, dict):
            base = self.route / "properties"
            for name, value in declared.items():
                if isinstance(value, dict):
                    yield name, Schema(value=value, route=base / name, refs=self.refs)

    def items(self) -> Schema | None:
        """The schema of the elements of an array, if declared."""
        value = self.value.get("items")
        return Schema(value=value, route=self.route / "items", refs=self.refs) if isinstance(value, dict) else None

    def parts(self) -> Iterator[Schema]:
        """The members of ``allOf``."""
        members = self.value.get("allOf")
        if isinstance(members, list):
            for index, value in enumerate(members):
                if isinstance(value, dict):
                    yield Schema(value=value, route=self.route.join("allOf", index), refs=self.refs)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the required properties."""
        names = self.value.get("required")
        return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
