"""Changing a document: edits as patches of the author's text, checked by reading the result.

Here stand the meaning of an edit, its smallest steps, and the guard. How one step looks in a text is the business of
``json_edits`` and ``yaml_edits``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from ..model import DocumentError, Edit, Route
from . import json_edits, yaml_edits
from .document import SourceDocument, read
from .patch import Change, NoPatch, Patch, apply, holder_of

Keys = tuple[str | int, ...]


def edit(document: SourceDocument, edits: Sequence[Edit]) -> SourceDocument:
    """The document with the edits made in order; the given document stays as it is.

    Only the text of the edited values changes: comments, order, indentation, line ends, encoding and all other bytes
    stay. Raises DocumentError ``no-such-place`` for a route whose parent does not exist, and ``edit-not-possible``
    when the patched text would not read as intended (such as a value that an alias shares).
    """
    for one in edits:
        document = _edited(document, one)
    return document


def move(document: SourceDocument, route: Route, to: int) -> SourceDocument:
    """The document with the array element at ``route`` at index ``to``; the given document stays as it is.

    The elements change places as they are written, with comments inside them; what stands between them stays where it
    is. Raises DocumentError ``no-such-place`` and ``edit-not-possible`` as ``edit`` does.
    """
    *above, index = _settle(document.value, Edit(route=route, action="remove"))
    value = document.value
    for key in above:
        value = value[key]
    if not isinstance(value, list) or not 0 <= to < len(value):
        raise _no_place(Edit(route=route, action="set"), f"it cannot be moved to index {to} of an array")
    order = list(range(len(value)))
    order.insert(to, order.pop(int(index)))
    wanted = Edit(route=route.parent, action="set", value=[value[at] for at in order])
    try:
        moved = _reread(document, apply(document.text.raw, _exchange(document, (*above, index), order)))
    except NoPatch as reason:
        raise _not_possible(document, wanted, str(reason)) from None
    if not _same(moved.value, _changed(document.value, tuple(above), wanted), order=False):
        raise _not_possible(document, wanted, "the patched text would not read as intended")
    return moved


def _exchange(document: SourceDocument, keys: Keys, order: list[int]) -> list[Patch]:
    """The patches that put the texts of an array's elements into another order. Raises NoPatch."""
    members = holder_of(document.root, keys).members
    if len(members) != len(order):
        raise NoPatch("its elements have no places of their own in the text")
    raw = document.text.raw
    places = [(member.start, member.node.end) for member in members]
    return [Patch(*place, raw[slice(*places[at])]) for place, at in zip(places, order, strict=True)]


def _edited(document: SourceDocument, one: Edit) -> SourceDocument:
    """The document with one edit made, or the same one where the edit changes nothing."""
    if one.route.document not in ("", document.name):
        raise _no_place(one, f'it is a place in "{one.route.document}", not in "{document.name}"')
    keys = _settle(document.value, one)
    steps = _steps(document.value, keys, one)
    if not steps:
        return document
    try:
        patched = _patched(document, steps)
    except NoPatch as reason:
        raise _not_possible(document, one, str(reason)) from None
    if not _same(patched.value, _changed(document.value, keys, one), order=False):
        raise _not_possible(document, one, "the patched text would not read as intended")
    return patched


def _patched(document: SourceDocument, steps: Sequence[Change]) -> SourceDocument:
    """The document after some steps, as many of them at once as do not get in each other's way. Raises NoPatch."""
    if len(steps) > 1:
        done = _patched_at_once(document, steps)
        if done is not None:
            return done
        half = len(steps) // 2
        return _patched(_patched(document, steps[:half]), steps[half:])
    return _reread(document, apply(document.text.raw, _patches(document, steps[0])))


def _patched_at_once(document: SourceDocument, steps: Sequence[Change]) -> SourceDocument | None:
    """The document after steps whose patches are all worked out on its text as it is; None where that is not what the
    steps give one after the other."""
    try:
        patches = [patch for change in steps for patch in _patches(document, change)]
        done = _reread(document, apply(document.text.raw, patches))
    except NoPatch:
        return None
    wanted = document.value
    for change in steps:
        wanted = _changed(wanted, change.keys, change)
    repairs = Counter(finding.rule for finding in done.findings)
    spoilt = repairs - Counter(finding.rule for finding in document.findings)
    return done if not spoilt and _same(done.value, wanted, order=True) else None


def _patches(document: SourceDocument, change: Change) -> list[Patch]:
    """The patches of one step. Raises NoPatch."""
    find = json_edits.patches if document.format == "json" else yaml_edits.patches
    return find(document.text, document.root, change)


def _reread(document: SourceDocument, raw: str) -> SourceDocument:
    """The document that a patched text is. Raises NoPatch."""
    try:
        patched = read(document.text.encode(raw), document.name, document.limits)
    except (DocumentError, UnicodeEncodeError) as error:
        raise NoPatch(f"the patched text could not be read: {error}") from None
    if document.format == "json" != patched.format:
        raise NoPatch("the patched text would be no JSON any more")
    return patched


def _settle(value: Any, one: Edit) -> Keys:
    """The edit's keys with array indices as numbers. Raises DocumentError when the place does not exist."""
    keys: list[str | int] = []
    last = len(one.route.keys) - 1
    if last < 0 and one.action == "remove":
        raise _no_place(one, "the whole document cannot be removed")
    for depth, key in enumerate(one.route.keys):
        adding = depth == last and one.action == "set"
        if isinstance(value, dict):
            keys.append(str(key))
            if str(key) not in value and not adding:
                raise _no_place(one, f'there is no "{key}"')
            value = value.get(str(key))
        elif isinstance(value, list):
            index = int(key) if str(key).isascii() and str(key).isdigit() and len(str(key)) < 10 else -1
            keys.append(index)
            if not 0 <= index < len(value) + adding:
                raise _no_place(one, f"the array has {len(value)} elements")
            value = value[index] if index < len(value) else None
        else:
            raise _no_place(one, f'what should hold "{key}" is no object and no array')
    return tuple(keys)


def _changed(value: Any, keys: Keys, one: Edit | Change) -> Any:
    """The value that a document shall have after an edit or a step; what is not on the way to the place is shared, not
    copied."""
    if not keys:
        return one.value
    copy = value.copy()
    key: Any = keys[0]
    if len(keys) > 1:
        copy[key] = _changed(value[key], keys[1:], one)
    elif one.action == "remove":
        del copy[key]
    elif isinstance(copy, list) and (one.action == "insert" or key == len(copy)):
        copy.insert(key, one.value)
    else:
        copy[key] = one.value
    return copy


def _steps(value: Any, keys: Keys, one: Edit) -> list[Change]:
    """The smallest changes that make the edit; a container set anew keeps what is the same in the old."""
    if one.action == "remove":
        return [Change("remove", keys)]
    for key in keys:
        holder: Any = value
        if key not in holder if isinstance(holder, dict) else key == len(holder):
            return [Change("insert", keys, one.value)]
        value = holder[key]
    return list(_difference(value, one.value, keys))


def _difference(old: Any, new: Any, keys: Keys) -> Iterator[Change]:
    """Changes that turn one value into another."""
    if _same(old, new, order=True):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        kept = [key for key in old if key in new]
        if kept and list(new) == kept + [key for key in new if key not in old]:
            yield from (Change("remove", (*keys, key)) for key in old if key not in new)
            for key in kept:
                yield from _difference(old[key], new[key], (*keys, key))
            yield from (Change("insert", (*keys, key), new[key]) for key in new if key not in old)
            return
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        yield from _list_difference(old, new, keys)
        return
    yield Change("set", keys, new)


def _list_difference(old: list[Any], new: list[Any], keys: Keys) -> Iterator[Change]:
    """Changes that turn one list into another: what both begin and end with stays."""
    shorter = min(len(old), len(new))
    begin = next((at for at in range(shorter) if not _same(old[at], new[at], order=True)), shorter)
    rest = range(shorter - begin)
    end = next((at for at in rest if not _same(old[-1 - at], new[-1 - at], order=True)), shorter - begin)
    paired = shorter - begin - end
    for index in reversed(range(begin + paired, len(old) - end)):
        yield Change("remove", (*keys, index))
    for index in range(begin, begin + paired):
        yield from _difference(old[index], new[index], (*keys, index))
    for index in range(begin + paired, len(new) - end):
        yield Change("insert", (*keys, index), new[index])


def _same(one: Any, other: Any, *, order: bool) -> bool:
    """Whether two values are the same JSON: 1, 1.0 and true differ, and so does the order of keys if asked."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if not isinstance(one, dict | list):
        return bool(one == other)
    try:
        option = 0 if order else orjson.OPT_SORT_KEYS
        return orjson.dumps(one, option=option) == orjson.dumps(other, option=option)
    except TypeError:
        return json.dumps(one, sort_keys=not order) == json.dumps(other, sort_keys=not order)


def _no_place(one: Edit, reason: str) -> DocumentError:
    return DocumentError(
        "no-such-place",
        f'cannot {one.action} "{one.route.pointer or one.route.document}": {reason}',
        remedy="name a place whose parent exists; make the parent first",
        route=one.route,
    )


def _not_possible(document: SourceDocument, one: Edit, reason: str) -> DocumentError:
    return DocumentError(
        "edit-not-possible",
        f'cannot {one.action} "{one.route.pointer}" without changing more of the text: {reason}',
        remedy="change the file by hand",
        route=one.route,
        position=document.position(Route("", one.route.keys)),
    )
