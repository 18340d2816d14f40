"""What binding needs to know of an operation, worked out once: its inputs by name, its path in pieces, its defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ..model import MISSING, Finding, Operation, Parameter, Schema
from .body import octets
from .forms import File, FormField
from .media import preferred
from .payload import NO_VIEW, View, Views, resolved
from .values import Shape, Unfit, fit, shape_of
from .wire import escape, header_text, is_token, joined, literal, repeated

RESERVED_PARAMETER = "connectionId"
"""A path parameter that the platform fills in itself (reference: openapi-extensions, section 1.1)."""

TRANSPORT_HEADERS = frozenset({"content-length", "transfer-encoding", "connection"})
"""Headers that describe the transfer itself, so that no value but the transport's own can be right."""

_PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One input outside the body."""

    index: int
    parameter: Parameter
    shape: Shape
    escaped: str
    """The name as a query has it."""
    default: Any = field(default=MISSING)
    """The default as :func:`render` made it, or MISSING."""
    always: bool = False
    """Whether the default is sent whenever nothing is given."""
    optional: bool = False
    """Whether it is sent unless the caller does not want optional defaults."""
    unsendable: Finding | None = None
    """Why a header of this name cannot be sent."""


class Whole:
    """The type of :data:`WHOLE`."""

    __slots__ = ()


WHOLE: Final = Whole()
"""Stands for the body as a whole."""

Place: TypeAlias = tuple[Slot, ...] | Whole | str
"""What a name stands for: inputs of that name, the whole body, or a property of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An operation, ready to be bound."""

    slots: tuple[Slot, ...]
    path: tuple[str | Slot, ...]
    """The path template in pieces: text as it stands in the URL, and what is put between."""
    places: Mapping[str, Place]
    """Every name that needs no thinking."""
    body: Parameter | None
    schema: Schema | None
    """The body's schema, resolved; None for no body."""
    view: View
    """Its properties."""
    views: Views
    label: str
    """What stands before the names of the body's properties in messages: ``body`` when an input has the same name."""
    accept: str
    """``Accept``, unless a header parameter says so."""
    reserved: bool
    """Whether the reserved path parameter was taken out."""


def plan_of(operation: Operation) -> Plan:
    """The plan of an operation, made when it is first asked for."""
    made: Plan | None = operation.compiled.get("plan")
    if made is None:
        made = operation.compiled["plan"] = _plan(operation)
    return made


def _plan(operation: Operation) -> Plan:
    reserved = any(_is_reserved(parameter) for parameter in operation.parameters)
    inputs = [entry for entry in operation.parameters if entry.where != "body" and not _is_reserved(entry)]
    slots = tuple(_slot(index, parameter) for index, parameter in enumerate(inputs))
    body, views = operation.body, Views()
    schema = None if body is None else resolved(body.schema)
    view = NO_VIEW if schema is None else views.of(schema)
    places = _places(slots, body, view)
    return Plan(
        slots=slots,
        path=_pieces(operation.path, slots, reserved),
        places=places,
        body=body,
        schema=schema,
        view=view,
        views=views,
        label="body" if any(places[name] != name for name in view.properties) else "",
        accept=preferred(operation.produces),
        reserved=reserved,
    )


def _is_reserved(parameter: Parameter) -> bool:
    return (
        parameter.name == RESERVED_PARAMETER
        and parameter.where == "path"
        and parameter.internal
        and parameter.default is MISSING
    )


def _slot(index: int, parameter: Parameter) -> Slot:
    shape = shape_of(parameter.schema, parameter.type, parameter.format, parameter.enum)
    bare = Slot(
        index=index,
        parameter=parameter,
        shape=shape,
        escaped=literal_name(parameter.name),
        unsendable=_unsendable(parameter),
    )
    default = _rendered_default(bare)
    if default is MISSING:
        return bare
    return Slot(
        index=index,
        parameter=parameter,
        shape=shape,
        escaped=bare.escaped,
        default=default,
        always=parameter.required,
        optional=not parameter.required and not parameter.internal,
        unsendable=bare.unsendable,
    )


def literal_name(name: str) -> str:
    """A parameter's name as a query has it; ``$``, ``[`` and the like are encoded as the platform does."""
    return escape(name.encode("utf-8", "replace").decode())


def _rendered_default(slot: Slot) -> Any:
    """The default as it is sent: of the declared type if it fits, else as it is written; MISSING for none."""
    default = slot.parameter.default
    if default is MISSING:
        return MISSING
    for read in (fit, lambda value, shape: value):
        try:
            return render(slot, read(default, slot.shape))
        except Unfit:
            continue
    return MISSING


def render(slot: Slot, value: Any) -> Any:
    """A fitted value as its place takes it: text of a path, query fields, text of a header, a form field."""
    parameter = slot.parameter
    match parameter.where:
        case "path":
            return escape(joined(value, parameter.collection_format), parameter.encodings)
        case "query":
            texts = repeated(value, parameter.collection_format)
            return "&".join([f"{slot.escaped}={escape(text)}" for text in texts])
        case "header":
            return header_text(value, parameter.collection_format)
        case _:
            return _form_field(parameter, value)


def _form_field(parameter: Parameter, value: Any) -> FormField:
    """An array is repeated unless the parameter says how it is joined (reference: openapi-extensions, section 2)."""
    if parameter.type == "file" and not isinstance(value, File):
        value = File(name=parameter.name, content=octets(value))
    joins = isinstance(value, list) and "collectionFormat" in parameter.raw and parameter.collection_format != "multi"
    text = joined(value, parameter.collection_format) if joins else None
    return FormField(name=parameter.name, value=value, joined=text)


def _unsendable(parameter: Parameter) -> Finding | None:
    """The finding for a header that cannot be sent under its name."""
    if parameter.where != "header":
        return None
    if not is_token(parameter.name):
        said, remedy = "is no name that a header can have", "correct the name in the definition"
    elif parameter.name.lower() in TRANSPORT_HEADERS:
        said, remedy = "is set by the transport itself", "take it out of the definition"
    else:
        return None
    return Finding(
        rule="unsendable-header",
        route=parameter.route,
        message=f'header parameter "{parameter.name}" is not sent: the name {said}',
        remedy=remedy,
    )


def _pieces(path: str, slots: tuple[Slot, ...], reserved: bool) -> tuple[str | Slot, ...]:
    """A path template cut at its placeholders; names match exactly, else in any case (the clients differ)."""
    if reserved:
        path = path.replace(f"/{{{RESERVED_PARAMETER}}}", "", 1) or "/"
    named = {slot.parameter.name: slot for slot in slots if slot.parameter.where == "path"}
    folded = {name.lower(): slot for name, slot in named.items()}
    pieces: list[str | Slot] = []
    for number, piece in enumerate(_PLACEHOLDER.split(path)):
        slot = named.get(piece) or folded.get(piece.lower()) if number % 2 else None
        if slot is not None:
            pieces.append(slot)
        elif piece:
            pieces.append(literal(f"{{{piece}}}" if number % 2 else piece))
    return tuple(pieces)


def _places(slots: tuple[Slot, ...], body: Parameter | None, view: View) -> dict[str, Place]:
    """Plain names of inputs, then the body's, then its properties': who comes first has the plain name."""
    named: dict[str, list[Slot]] = {}
    for slot in slots:
        named.setdefault(slot.parameter.name, []).append(slot)
    places: dict[str, Place] = {name: tuple(entries) for name, entries in named.items()}
    if body is not None:
        places.setdefault(body.name, WHOLE)
        places.setdefault("body", WHOLE)
        for name in view.properties:
            places.setdefault(name, name)
    return places
