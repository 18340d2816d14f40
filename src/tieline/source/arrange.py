"""Putting elements of arrays into another order, as they are written.

What lives here changes many arrays at once; moving one element of one is ``edits.move``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model import DocumentError, Route
from .document import SourceDocument, read
from .patch import NoPatch, Patch, apply, holder_of

Keys = tuple[str | int, ...]


def arrange(document: SourceDocument, orders: Mapping[Keys, Sequence[int]]) -> SourceDocument:
    """The document with the elements of some arrays in another order; the given document stays as it is.

    ``orders`` has for the keys of each array the indices of its elements as they shall stand; none of the arrays is
    inside of another. The elements change places as they are written, with comments inside them; what stands between
    them stays where it is. Raises DocumentError ``edit-not-possible`` where a text does not allow it.
    """
    try:
        patches = [patch for keys, order in orders.items() for patch in _exchange(document, keys, order)]
        arranged = read(document.text.encode(apply(document.text.raw, patches)), document.name, document.limits)
    except (NoPatch, DocumentError, UnicodeEncodeError) as reason:
        raise _not_possible(str(reason)) from None
    wanted = document.value
    for keys, order in orders.items():
        wanted = _arranged(wanted, keys, order)
    if repr(arranged.value) != repr(wanted):
        raise _not_possible("the patched text would not read as intended")
    return arranged


def _exchange(document: SourceDocument, keys: Keys, order: Sequence[int]) -> list[Patch]:
    """The patches that put the texts of an array's elements into another order. Raises NoPatch."""
    members = holder_of(document.root, (*keys, 0)).members
    if sorted(order) != list(range(len(members))):
        raise NoPatch("its elements have no places of their own in the text")
    raw = document.text.raw
    places = [(member.start, member.node.end) for member in members]
    return [
        Patch(*place, raw[slice(*places[at])])
        for index, (place, at) in enumerate(zip(places, order, strict=True))
        if index != at
    ]


def _arranged(value: Any, keys: Keys, order: Sequence[int]) -> Any:
    """The value with the elements of one array in another order."""
    if not keys:
        return [value[at] for at in order]
    copy = value.copy()
    copy[keys[0]] = _arranged(value[keys[0]], keys[1:], order)
    return copy


def _not_possible(reason: str) -> DocumentError:
    return DocumentError(
        "edit-not-possible",
        f"the elements cannot be put into another order: {reason}",
        remedy="change the file by hand",
        route=Route(),
    )
