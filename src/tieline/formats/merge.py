"""Three versions of one JSON value become one: what it was, what an author made of it, and what it is now elsewhere.

What lives here compares values and knows nothing of connectors; ``connector_merge`` tells it what is special there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model import MISSING, JsonObject

Keys = tuple[str | int, ...]

IDENTITIES: tuple[tuple[str, ...], ...] = (
    ("$ref",),
    ("in", "name"),
    ("templateId", "title"),
    ("operationId",),
    ("propertyName",),
    ("name",),
    ("value",),
)
"""What tells an element of a list from the others, the first that it has: references, parameters, policies, metadata
of a connector, tags and the like, choices. Elements with nothing of it are told by their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A value that the author and the others changed, each differently."""

    ours: Any = field(repr=False)
    """The author's value; MISSING where he took it out."""
    theirs: Any = field(repr=False)
    """The other value; MISSING where it is not there any more."""
    our_keys: Keys
    """Where it stands, or stood, in the author's version."""
    their_keys: Keys
    """Where it stands, or stood, in the other version."""


def never(keys: Keys) -> bool:
    """That nothing is special."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What is special about some places of the values that are merged."""

    theirs: bool = False
    """Whether the other value is taken where there is a conflict; the author's otherwise."""
    stays_out: Callable[[Keys], bool] = never
    """Where something that the author took out stays out, whatever becomes of it, and is no conflict."""
    gathers: Callable[[Keys], bool] = never
    """Objects that only gather others: one that is not there is one with nothing in it."""
    completed: Callable[[JsonObject, JsonObject], JsonObject] = lambda merged, whole: merged
    """What becomes of such an object where one version has it not; ``whole`` is that of the other version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What three versions became."""

    value: Any = field(repr=False)
    """The merged value; MISSING when nothing is left."""
    conflicts: tuple[Conflict, ...] = ()
    left_out: tuple[Keys, ...] = ()
    """Places where the author took something out that has changed since then."""


def merge(base: Any, ours: Any, theirs: Any, manners: Manners = Manners()) -> Merged:
    """The author's version with the changes that lead from ``base`` to ``theirs``.

    Keys keep the author's order, new ones come behind. Without a base (MISSING), what only one version has is kept,
    and every value that differs is a conflict. No version is changed; the result may share parts with all three.
    """
    merging = _Merging(manners)
    value = merging.value(base, ours, theirs, _At((), ()))
    return Merged(value=value, conflicts=tuple(merging.conflicts), left_out=tuple(merging.left_out))


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1, 1.0 and true differ, the order of keys does not count."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@dataclass(frozen=True, slots=True)
class _At:
    """A place in the author's version and in the other one."""

    ours: Keys
    theirs: Keys

    def down(self, ours: str | int, theirs: str | int) -> _At:
        return _At((*self.ours, ours), (*self.theirs, theirs))


class _Merging:
    """The state of one merge."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self.conflicts: list[Conflict] = []
        self.left_out: list[Keys] = []

    def value(self, base: Any, ours: Any, theirs: Any, at: _At) -> Any:
        """The merged value, or MISSING for none."""
        if same(ours, theirs):
            return ours
        if isinstance(ours, dict) and isinstance(theirs, dict):
            return self._object(base, ours, theirs, at)
        if isinstance(ours, list) and isinstance(theirs, list):
            return self._list(base if isinstance(base, list) else [], ours, theirs, at)
        if same(base, ours):
            return theirs
        if same(base, theirs):
            return ours
        if self._manners.gathers(at.ours) and all(_gathering(value) for value in (base, ours, theirs)):
            return self._gathered(base, ours, theirs, at)
        if ours is MISSING and self._manners.stays_out(at.ours):
            self.left_out.append(at.ours)
            return MISSING
        self.conflicts.append(Conflict(ours=ours, theirs=theirs, our_keys=at.ours, their_keys=at.theirs))
        return theirs if self._manners.theirs else ours

    def _object(self, base: Any, ours: JsonObject, theirs: JsonObject, at: _At) -> JsonObject:
        """Two objects, member by member."""
        before = base if isinstance(base, dict) else {}
        merged: JsonObject = {}
        for key in (*ours, *(key for key in theirs if key not in ours)):
            known, own, other = (version.get(key, MISSING) for version in (before, ours, theirs))
            value = self.value(known, own, other, at.down(key, key))
            if value is not MISSING:
                merged[key] = value
        return merged

    def _gathered(self, base: Any, ours: Any, theirs: Any, at: _At) -> Any:
        """An object that only gathers others, where one version has it not."""
        whole = theirs if ours is MISSING else ours
        merged = self._object(base, ours or {}, theirs or {}, at)
        return self._manners.completed(merged, whole) if merged else MISSING

    def _list(self, base: list[Any], ours: list[Any], theirs: list[Any], at: _At) -> list[Any]:
        """Two lists, element by element as their identities pair them."""
        before, own, other = identified(base), identified(ours), identified(theirs)
        merged: dict[Hashable, Any] = {}
        for identity in (*own, *(identity for identity in other if identity not in own)):
            known = before.get(identity, ABSENT)
            mine = own.get(identity, (len(ours), MISSING))
            yours = other.get(identity, (len(theirs), MISSING))
            value = self.value(known[1], mine[1], yours[1], at.down(mine[0], yours[0]))
            if value is not MISSING:
                merged[identity] = value
        order = (other, own) if list(before) == list(own) else (own, other)
        return [merged[identity] for identity in _woven(*order) if identity in merged]


Identified = dict[Hashable, tuple[int, Any]]
"""Identity of an element -> its index and itself."""

ABSENT = (-1, MISSING)
"""What is there for an element that is not."""


def _gathering(value: Any) -> bool:
    return value is MISSING or isinstance(value, dict)


def identified(elements: list[Any]) -> Identified:
    """The elements of a list by identity, in their order; of several with the same one each has its number."""
    found: Identified = {}
    times: Counter[Hashable] = Counter()
    for index, element in enumerate(elements):
        identity = _identity(element)
        times[identity] += 1
        found[identity, times[identity]] = (index, element)
    return found


def _identity(element: Any) -> Hashable:
    """What tells an element from the others."""
    if isinstance(element, list):
        return list
    if not isinstance(element, dict):
        return type(element), element
    for fields in IDENTITIES:
        values = tuple(element.get(name, MISSING) for name in fields)
        if not any(value is MISSING or isinstance(value, (dict, list)) for value in values):
            return fields, values
    return dict


def _woven(order: Mapping[Hashable, Any], others: Iterable[Hashable]) -> Iterator[Hashable]:
    """The identities in one order; those that only another order has come behind what they follow there, the first ones
    before what they precede, and at the end where both have nothing in common."""
    followers: dict[Hashable, list[Hashable]] = {}
    first: list[Hashable] = []
    last: Hashable = None
    anchor: Hashable = None
    for identity in others:
        if identity in order:
            anchor = anchor or identity
            last = identity
        else:
            (followers.setdefault(last, []) if anchor else first).append(identity)
    for identity in order:
        yield from first if identity == anchor else ()
        yield identity
        yield from followers.get(identity, ())
    yield from () if anchor else first
