"""Calling a member of an object something else, with all that is written in it.

What lives here changes one key; adding, replacing and taking out is the business of ``edits``.
"""

from __future__ import annotations

from ..model import DocumentError, Route
from .document import SourceDocument, read
from .json_edits import style_of
from .patch import NoPatch, Patch, apply, holder_of
from .tree import Member
from .yaml_render import scalar


def rename(document: SourceDocument, route: Route, key: str) -> SourceDocument:
    """The document with the member at ``route`` called ``key``; the given document stays as it is.

    Its place, its value and every other byte stay. Raises DocumentError ``edit-not-possible`` where no such member is,
    where one is called so already, and for what an alias shares.
    """
    try:
        member = _member(document, route)
        patch = Patch(member.start, member.key_end, _written(document, member, key))
        data = document.text.encode(apply(document.text.raw, [patch]))
        renamed = read(data, document.name, document.limits)
    except (NoPatch, DocumentError, UnicodeEncodeError) as reason:
        raise _not_possible(document, route, str(reason)) from None
    if not _is_renamed(document.value, renamed.value, route.keys, key):
        raise _not_possible(document, route, "the patched text would not read as intended")
    return renamed


def _member(document: SourceDocument, route: Route) -> Member:
    """The one member that a route names. Raises NoPatch."""
    holder = holder_of(document.root, route.keys)
    found = [member for member in holder.members if member.key == route.keys[-1]]
    if holder.kind != "object" or len(found) != 1:
        raise NoPatch("it has no place of its own in the text")
    return found[0]


def _written(document: SourceDocument, member: Member, key: str) -> str:
    """A key as the document writes keys."""
    if document.format == "json":
        return style_of(document.text, document.root).scalar(key)
    quote = document.text.text[member.start : member.start + 1]
    return scalar(key, flow=True, ascii=document.text.ascii_only, quote=quote if quote in ("'", '"') else "")


def _is_renamed(before: object, after: object, keys: tuple[str | int, ...], key: str) -> bool:
    """Whether two values differ in the name of one member alone, which stands where it stood."""
    name, *rest = keys
    if isinstance(before, list) and isinstance(after, list) and isinstance(name, int) and rest:
        others = before[:name] == after[:name] and before[name + 1 :] == after[name + 1 :]
        return others and _is_renamed(before[name], after[name], tuple(rest), key)
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    if not rest:
        return list(after.items()) == [(key if own == name else own, value) for own, value in before.items()]
    if list(before) != list(after) or any(before[own] != after[own] for own in before if own != name):
        return False
    return _is_renamed(before[name], after[name], tuple(rest), key)


def _not_possible(document: SourceDocument, route: Route, reason: str) -> DocumentError:
    return DocumentError(
        "edit-not-possible",
        f'cannot rename "{route.pointer}": {reason}',
        remedy="change the file by hand",
        route=route,
        position=document.position(Route("", route.keys)),
    )
