"""The way from an author's value to the merged one, in steps that a patch of his text can follow.

A patch pairs the elements of two lists by their places, so that comments and indentation would go to a neighbour where
an element comes, goes or moves. What lives here takes out, moves and adds elements first; it knows values, no texts.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from .merge import Keys, identified


def nearer(old: Any, new: Any) -> Any:
    """``old`` with what of the way to ``new`` one patch can do to lists: from each, or to each, elements that stand
    together. ``old`` itself where there is nothing more to do; elements that have to move first are not looked into."""
    if old is new:
        return old
    if isinstance(old, dict) and isinstance(new, dict):
        found = {key: nearer(value, new[key]) for key, value in old.items() if key in new}
        changed = {key: value for key, value in found.items() if value is not old[key]}
        return {**old, **changed} if changed else old
    if isinstance(old, list) and isinstance(new, list):
        return _nearer_list(old, new)
    return old


def _nearer_list(old: list[Any], new: list[Any]) -> list[Any]:
    before, after = identified(old), identified(new)
    order, wanted = list(before), list(after)
    gone = [at for at, identity in enumerate(order) if identity not in after]
    if len(gone) == len(old):
        return old
    if gone:
        first = last = gone[-1]
        while first - 1 in gone:
            first -= 1
        return [*old[:first], *old[last + 1 :]]
    if _order(order, wanted) is not None:
        return old
    if order != wanted:
        first = next(at for at, identity in enumerate(wanted) if identity not in before)
        last = next((at for at in range(first, len(wanted)) if wanted[at] in before), len(wanted))
        return [*old[:first], *new[first:last], *old[first:]]
    found = [nearer(value, other) for value, other in zip(old, new, strict=True)]
    return found if any(value is not own for value, own in zip(found, old, strict=True)) else old


def misplaced(old: Any, new: Any, keys: Keys = ()) -> dict[Keys, list[int]]:
    """The lists in ``old`` whose elements stand in another order in ``new``, none of them inside of another: for the
    keys of each the indices of its elements as they shall stand."""
    if old is new:
        return {}
    if isinstance(old, dict) and isinstance(new, dict):
        found = [misplaced(value, new[key], (*keys, key)) for key, value in old.items() if key in new]
        return {place: order for orders in found for place, order in orders.items()}
    if not isinstance(old, list) or not isinstance(new, list):
        return {}
    before, after = identified(old), identified(new)
    order = _order(list(before), list(after))
    if order is not None:
        return {keys: order}
    pairs = ((at, value, after[identity][1]) for identity, (at, value) in before.items() if identity in after)
    found = [misplaced(value, other, (*keys, at)) for at, value, other in pairs]
    return {place: order for orders in found for place, order in orders.items()}


def _order(own: list[Hashable], wanted: list[Hashable]) -> list[int] | None:
    """The indices of elements as they shall stand, where those that both lists have stand otherwise; else None."""
    index = {identity: at for at, identity in enumerate(own)}
    shared = iter([index[identity] for identity in wanted if identity in index])
    both = index.keys() & set(wanted)
    order = [next(shared) if identity in both else at for at, identity in enumerate(own)]
    return order if order != list(range(len(own))) else None
