"""Names of arguments that are not simply the name of an input: other case, ``query.id``, ``body.address.city``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..model import DocumentError, Operation, Schema, did_you_mean
from .payload import View
from .plan import RESERVED_PARAMETER, WHOLE, Place, Plan, Slot

BODY_PREFIX = "body."


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyPath:
    """A property of the body, by the names that lead to it."""

    names: tuple[str, ...]
    schema: Schema | None
    """What is declared of it, resolved; None for nothing."""


def find(plan: Plan, operation: Operation, name: str) -> tuple[Slot, ...] | PropertyPath | None:
    """What an argument's name stands for, where ``plan.places`` does not say; None for the whole body.

    Tried in order: ``path.id``, ``query.id``, …; ``body.`` and a property; a name in another case, if only one fits; a
    path into the body. Raises DocumentError ``unknown-argument``, which suggests names.
    """
    where, dot, rest = name.partition(".")
    if dot and (slots := tuple(slot for slot in plan.slots if _is_prefixed(slot, where, rest))):
        return slots
    if plan.body is not None and name.startswith(BODY_PREFIX):
        return inside(plan, operation, name, tuple(name.removeprefix(BODY_PREFIX).split(".")))
    place = plan.places.get(_any_case(name, plan.places) or "")
    if place is not None:
        return settled(plan, place)
    first = _any_case(where, plan.view.properties) if dot and plan.body is not None else None
    if first is not None:
        return inside(plan, operation, name, (first, *rest.split(".")))
    raise _unknown(operation, name, list(plan.places))


def settled(plan: Plan, place: Place) -> tuple[Slot, ...] | PropertyPath | None:
    """A place of the plan in the words of this module."""
    if place is WHOLE:
        return None
    if isinstance(place, str):
        return PropertyPath(names=(place,), schema=plan.view.properties[place].schema)
    return place if isinstance(place, tuple) else None


def _is_prefixed(slot: Slot, where: str, name: str) -> bool:
    return slot.parameter.where.lower() == where.lower() and slot.parameter.name == name


def inside(plan: Plan, operation: Operation, typed: str, names: tuple[str, ...]) -> PropertyPath:
    """The property that ``names`` lead to; names match exactly, else in any case.

    Raises DocumentError where a name is not declared and the object around it has no room for others.
    """
    whole = ".".join(names)
    if whole in plan.view.properties:  # a name with dots in it
        return PropertyPath(names=(whole,), schema=plan.view.properties[whole].schema)
    view: View | None = plan.view
    schema: Schema | None = None
    found: list[str] = []
    for name in names:
        declared = None if view is None else _any_case(name, view.properties)
        if view is not None and declared is not None:
            schema = view.properties[declared].schema
        elif view is None or view.open:
            schema = None if view is None else view.extra
        else:
            prefix = ".".join((*found, ""))
            raise _unknown(operation, typed, [prefix + known for known in view.properties])
        view = None if schema is None else plan.views.of(schema)
        found.append(declared or name)
    return PropertyPath(names=tuple(found), schema=schema)


def _any_case(name: str, known: Iterable[str]) -> str | None:
    """``name`` as it is known: exactly, else the only one that differs in case alone."""
    fitting = [candidate for candidate in known if candidate.casefold() == name.casefold()]
    if name in fitting:
        return name
    return fitting[0] if len(fitting) == 1 else None


def _unknown(operation: Operation, name: str, known: list[str]) -> DocumentError:
    """The error for a name that nothing has."""
    return DocumentError(
        "unknown-argument",
        f'operation "{operation.id}" has no argument "{name}"',
        remedy=did_you_mean(name, known) or "the operation takes no arguments",
        route=operation.route,
    )


def is_reserved(plan: Plan, name: str) -> bool:
    """Whether an argument is for the parameter that the platform fills in itself."""
    return plan.reserved and name == RESERVED_PARAMETER
