"""The value of a body: its declared properties by name, values given for them, and the defaults that go along.

Follows reference: openapi-extensions, section 1.1. What lives here builds JSON values; how a body is encoded is
``body``'s matter. Values that a caller gave are never changed in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import MISSING, DocumentError, Finding, JsonObject, Route, Schema, Severity, settable
from .forms import File
from .values import Unfit, fit, guess, shape_of

DEEPEST = 100
"""Levels that a body value may have; the deepest schema of the corpus has 15."""

_ANYTHING: JsonObject = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One declared property of an object, as far as sending it goes."""

    name: str
    schema: Schema
    """Resolved, unless its reference leads nowhere."""
    required: bool
    """False for one that the service alone writes (``readOnly``)."""
    internal: bool
    default: Any = field(default=MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The declared properties of an object schema, those of ``allOf`` included."""

    properties: Mapping[str, Property]
    open: bool
    """Whether other properties are expected too."""
    extra: Schema | None = None
    """What those are, resolved; None where nothing is said of them."""
    route: Route


NO_VIEW = View(properties={}, open=False, route=Route())
"""Of a body that is not there."""


class Views:
    """Views of the schemas of one operation, each made once."""

    __slots__ = ("_made",)

    def __init__(self) -> None:
        """Starts with none."""
        self._made: dict[int, tuple[Schema, View]] = {}

    def of(self, schema: Schema) -> View:
        """The view of a resolved schema."""
        made = self._made.get(id(schema.value))
        if made is None:
            made = self._made[id(schema.value)] = (schema, _view(schema))  # the schema keeps its id from being reused
        return made[1]


def resolved(schema: Schema) -> Schema:
    """The schema behind a reference; a schema that says nothing when the reference leads nowhere.

    The definition's own findings tell of the dangling reference.
    """
    try:
        return schema.resolved()
    except DocumentError:
        return Schema(value=_ANYTHING, route=schema.route, refs=schema.refs)


def _view(schema: Schema) -> View:
    parts = list(_parts(schema, set()))
    required = {name for part in parts for name in part.required}
    properties: dict[str, Property] = {}
    for part in parts:
        for name, inner in part.properties():
            properties.setdefault(name, _property(name, inner, name in required))
    said = [(part, part.value.get("additionalProperties")) for part in parts]
    extra = [
        Schema(value=value, route=part.route / "additionalProperties", refs=part.refs)
        for part, value in said
        if isinstance(value, dict)
    ]
    is_open = not properties or bool(extra) or any(value is True for _, value in said)
    return View(properties=properties, open=is_open, extra=resolved(extra[0]) if extra else None, route=schema.route)


def _parts(schema: Schema, inside: set[int]) -> Iterator[Schema]:
    """A schema and the members of its ``allOf``, resolved; each once."""
    here = resolved(schema)
    if id(here.value) in inside:
        return
    inside.add(id(here.value))
    yield here
    for part in here.parts():
        yield from _parts(part, inside)


def _property(name: str, schema: Schema, required: bool) -> Property:
    """What is said of a property beside its reference wins over what is said behind it."""
    target = resolved(schema)
    said = {**target.value, **schema.value} if target is not schema else target.value
    visibility = said.get("x-ms-visibility")
    default = said.get("default")
    return Property(
        name=name,
        schema=target,
        required=required and said.get("readOnly") is not True,
        internal=isinstance(visibility, str) and visibility.lower() == "internal",
        default=MISSING if default is None else default,
    )


def is_object(schema: Schema) -> bool:
    """Whether a resolved schema is of an object."""
    return schema.type == "object" or (schema.type == "" and "allOf" in schema.value)


def fit_property(value: Any, schema: Schema) -> Any:
    """A value given for a property, as its schema declares it; Unfit when it does not fit. None stays null."""
    if value is None or isinstance(value, File):
        return value
    if is_object(schema):
        return fit(value, shape_of(schema, type="object"))
    return fit(value, shape_of(schema)) if schema.type else guess(value)


class Assembly:
    """One body value in the making: what was given, findings about it, and the defaults added in the end."""

    __slots__ = ("_building", "_optional", "_views", "findings", "flattened", "value")

    def __init__(self, views: Views, value: Any, *, optional_defaults: bool) -> None:
        """Takes the value given as a whole (MISSING for none), and whether visible optional defaults are sent.

        ``flattened`` is whether the body is made from its properties: then the required ones are asked for.
        """
        self._views = views
        self._optional = optional_defaults
        self.flattened = value is MISSING
        self._building: set[int] = set()
        self.value = value
        self.findings: list[Finding] = []

    def put(self, names: tuple[str, ...], value: Any) -> None:
        """Set one property by its path; Unfit when something that is no object is in the way."""
        here = self.value = {} if self.value is MISSING else _copied(self.value)
        for name in names[:-1]:
            inner = here[name] = _copied(here.get(name, {}))
            here = inner
        here[names[-1]] = value

    def completed(self, schema: Schema, label: str) -> Any:
        """The value with all defaults that go along; what is missing becomes findings.

        Required properties are only asked for where no body was given as a whole; that is the caller's own.
        ``label`` is the path of the body for messages, empty when its properties go by their own names.
        """
        return self._complete(self.value, schema, label, 0)

    def _complete(self, value: Any, schema: Schema, label: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise Unfit(f"must not be nested deeper than {DEEPEST} levels", "give a flatter value")
        if isinstance(value, Mapping):
            return self._complete_object(value, self._views.of(schema), label, depth)
        if isinstance(value, (list, tuple)) and (items := schema.items()) is not None:
            inner = resolved(items)
            done = [self._complete(entry, inner, f"{label}.{index}", depth + 1) for index, entry in enumerate(value)]
            return value if all(new is old for new, old in zip(done, value, strict=True)) else done
        return value

    def _complete_object(self, value: Mapping[str, Any], view: View, label: str, depth: int) -> Mapping[str, Any]:
        changes: dict[str, Any] = {}
        for name, entry in view.properties.items():
            path = f"{label}.{name}" if label else name
            if name in value:
                new = self._complete(value[name], entry.schema, path, depth + 1)
                if new is not value[name]:
                    changes[name] = new
            elif (added := self._absent(entry, path, depth)) is not MISSING:
                changes[name] = added
        return {**value, **changes} if changes else value

    def _absent(self, entry: Property, path: str, depth: int) -> Any:
        """What stands for a property that was not given; MISSING for nothing."""
        if entry.default is not MISSING:
            wanted = entry.required or (self._optional and self.flattened and not entry.internal)
            return entry.default if wanted else MISSING
        if not entry.required or not self.flattened:
            return MISSING
        view = self._views.of(entry.schema) if is_object(entry.schema) else None
        if view is None or not view.properties or id(view) in self._building:
            self.findings.append(missing(path, entry.schema.route, internal=entry.internal))
            return MISSING
        self._building.add(id(view))  # a schema that requires itself has no end
        built = self._complete_object({}, view, path, depth + 1)
        self._building.remove(id(view))
        return built


def _copied(value: Any) -> dict[str, Any]:
    """A shallow copy of an object; Unfit for anything else."""
    if not isinstance(value, Mapping):
        raise Unfit("must be an object for single properties to be set in it", "give the whole body, or no body")
    return dict(value)


def missing(name: str, route: Route, *, internal: bool = False, file: bool = False) -> Finding:
    """The finding for a required value that nobody gave; ``file`` for one that is the content of a file."""
    if internal:
        return Finding(
            rule="internal-without-default",
            route=route,
            message=f'"{name}" is required and hidden, and has no default: nobody is ever asked for it',
            remedy=f'add "default" to the definition, or type {settable(name)}',
            severity=Severity.ERROR,
        )
    return Finding(
        rule="missing-argument",
        route=route,
        message=f'the required argument "{name}" is missing',
        remedy=f"type {name}=@FILE" if file else f"type {settable(name)}",
        severity=Severity.ERROR,
    )
