"""Which operation removes a hook (reference: triggers, section 1.2).

Three cases: the registration's ``Location`` leads to a DELETE operation of the connector; it leads elsewhere; there is
none. For the last, what the service replied is searched for the id that a DELETE operation asks for: the platform would
not do that, and leak the hook.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from ..mock.templates import Template, read, segments_of
from ..model import MISSING, Connector, Operation, Subscription
from ..policy.json_body import parse
from ..policy.url import below

_WORDS = re.compile(r"hook|subscri|callback|notif|listener|trigger", re.IGNORECASE)
"""What the path or name of an operation speaks of that removes hooks."""


LONGEST_ID = 128
"""Characters of a reply that may be an id as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remover:
    """A DELETE operation that may remove hooks."""

    operation: str
    path: str
    open: tuple[str, ...] = ()
    """Path parameters that the user's arguments do not fill."""
    query: tuple[str, ...] = ()
    """Names of its query parameters."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the subscription that are its parameters, too."""
    near: bool = False
    """Whether it removes hooks by what it is called or where it stands; others only answer for a ``Location``."""


def removers_of(connector: Connector, operation: Operation, subscription: Subscription) -> tuple[Remover, ...]:
    """All DELETE operations, those that are about this trigger's hooks first."""
    operations = connector.definition.operations
    deletes = [outline for outline in operations.outlines if outline.method == "DELETE"]
    ranked = sorted(deletes, key=lambda one: _distance(operation.path, one.path, one.id))
    found = []
    for outline in ranked:
        near = len(deletes) == 1 or _distance(operation.path, outline.path, outline.id) < 3
        found.append(_remover(operations[outline.id], subscription.arguments, near))
    return tuple(found)


def _distance(trigger: str, path: str, id: str) -> int:
    """How far an operation is from a trigger: below its path, on it, about hooks, elsewhere."""
    own, other = read(trigger).segments, read(path).segments
    if other[: len(own)] == own and len(other) == len(own) + 1 and other[-1].names:
        return 0
    if other == own:
        return 1
    return 2 if _WORDS.search(path) or _WORDS.search(id) else 3


def _remover(operation: Operation, arguments: Mapping[str, Any], near: bool) -> Remover:
    names = [parameter.name for parameter in operation.parameters if parameter.where in ("path", "query", "header")]
    given = {name: arguments[name] for name in names if name in arguments}
    return Remover(
        operation=operation.id,
        path=operation.path,
        open=tuple(one.name for one in operation.parameters if one.where == "path" and one.name not in given),
        query=tuple(one.name for one in operation.parameters if one.where == "query"),
        given=given,
        near=near,
    )


def by_location(removers: Sequence[Remover], bases: Sequence[str], url: str) -> tuple[Remover, dict[str, Any]] | None:
    """The operation that an absolute ``Location`` below one of the bases leads to, with its arguments."""
    rest = next((rest for base in bases if base and (rest := below(url, base)) is not None), None)
    if rest is None:
        return None
    path, _, query = rest.partition("#")[0].partition("?")
    texts = [unquote(part) for part in segments_of(path)]
    fitting = []
    for remover in removers:
        template = read(remover.path)
        values = _match(template, texts)
        if values is not None:
            weight = sum(segment.weight for segment in template.segments)
            fitting.append((weight, remover, values))
    if not fitting:
        return None
    _, remover, values = max(fitting, key=lambda one: one[0])
    said = {name: value for name, value in parse_qsl(query, keep_blank_values=True) if name in remover.query}
    return remover, {**remover.given, **said, **values}


def _match(template: Template, texts: Sequence[str]) -> dict[str, str] | None:
    if len(template.segments) != len(texts):
        return None
    values: dict[str, str] = {}
    for segment, text in zip(template.segments, texts, strict=True):
        found = segment.match(text)
        if found is None:
            return None
        values.update(zip(segment.names, found, strict=True))
    return values


def by_reply(removers: Sequence[Remover], reply: bytes) -> tuple[Remover, dict[str, Any]] | None:
    """The operation whose one open path parameter equals a value of the registration's reply, with its arguments.

    A value of the same name, in any case and with or without separators, comes before ``id``; at the top, or in an
    object there that stands for the whole reply or is named as hooks are. A reply that is nothing but an id is one.
    """
    body = parse(reply) if reply else MISSING
    near = [remover for remover in removers if remover.near and len(remover.open) == 1]
    if near and _is_bare_id(body):
        return near[0], {**near[0].given, near[0].open[0]: body}
    if not isinstance(body, Mapping):
        return None
    places = [body, *(inner for name, inner in body.items() if isinstance(inner, Mapping) and _wraps(name))]
    for exact in (True, False):
        for remover in near:
            value = _value(places, remover.open[0] if exact else "id")
            if value is not None:
                return remover, {**remover.given, remover.open[0]: value}
    return None


def why_not(removers: Sequence[Remover], reply: bytes) -> str:
    """Why no operation was found by a registration's reply."""
    if not removers:
        return "the connector has no DELETE operation"
    near = [remover for remover in removers if remover.near]
    if not near:
        return "no DELETE operation of the connector is about hooks"
    fit = [remover for remover in near if len(remover.open) == 1]
    if not fit:
        count = len(near[0].open)
        how = f"{count} values to fill in besides the arguments" if count else "no place for the id of a hook"
        return f'the path of "{near[0].operation}" has {how}'
    if not reply:
        return f'its reply has no body that could give "{fit[0].open[0]}" for "{fit[0].operation}"'
    wanted = " or ".join(f'"{name}"' for name in dict.fromkeys((fit[0].open[0], "id")))
    return f'its reply gives no {wanted} for "{fit[0].operation}"'


WRAPPERS = frozenset({"data", "result", "response", "d"})
"""Names, in lower case, of an object that is all that a service has to say."""


def _wraps(name: str) -> bool:
    """Whether what a property of that name holds is the hook: the id of another thing would remove another hook."""
    return name.casefold() in WRAPPERS or _WORDS.search(name) is not None


def _is_bare_id(body: Any) -> bool:
    """Whether a whole reply is an id: a number, or a text that has a digit and no spaces, since words are no ids."""
    if isinstance(body, str):
        return len(body) <= LONGEST_ID and any(one.isdigit() for one in body) and not any(map(str.isspace, body))
    return isinstance(body, int) and not isinstance(body, bool)


def _value(places: Sequence[Mapping[str, Any]], wanted: str) -> str | int | None:
    for place in places:
        for name, value in place.items():
            usable = isinstance(value, (str, int)) and not isinstance(value, bool) and value != ""
            if usable and _folded(name) == _folded(wanted):
                found: str | int = value
                return found
    return None


def _folded(name: str) -> str:
    """``connectId`` and ``connect_id`` are the same name."""
    return name.replace("_", "").replace("-", "").casefold()
