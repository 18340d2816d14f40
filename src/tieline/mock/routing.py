"""Which operations stand behind a method and a path.

What lives here: the tree of all paths of a connector, with and without the base path, routed by policies, below a
policy's host, and polling paths without their prefix. What must not: looking inside an operation. Only outlines and
policies are read, so that nothing is lowered that nobody asks for. Choosing among several operations of one place is
done by whoever can read the request (``backend``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from ..model import Connector, OperationKind, Outline, PolicyInstance
from ..policy import TEMPLATES
from ..policy.decode import decode
from ..policy.policy import Behaviour
from ..policy.route_request import ORIGINAL, RouteRequest
from ..policy.set_host_url import SetHostUrl
from .templates import EXPRESSION_NAME, Segment, Template, read, read_host, segments_of, shorter, variants

POLLING_PREFIX = "trigger"
"""First segment of polling triggers that the service never sees (reference: triggers, 2.1; inferred)."""
Origin = Literal["own", "routed", "polling", "asked"]
"""Why an operation answers at a place: its own path, where a policy sends it, its path without the polling prefix. Or
a policy of it asks there for a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One place at which one operation answers."""

    operation: str
    """operationId."""
    method: str
    """Upper-case HTTP method that is answered here; a policy may have changed it."""
    template: Template
    names: tuple[str, ...]
    """``template.names``, for speed."""
    origin: Origin = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An endpoint that fits a request."""

    endpoint: Endpoint
    values: tuple[str, ...]
    """Text of each gap of the template, as sent (percent-encoded)."""
    prefix: str = ""
    """What stood before the path: ``/v1`` or nothing."""

    def parameters(self) -> dict[str, str]:
        """Path parameters by name, as sent."""
        pairs = zip(self.endpoint.names, self.values, strict=True)
        return {name: value for name, value in pairs if not name.startswith(EXPRESSION_NAME)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look-up gives."""

    matches: tuple[Match, ...] = ()
    """All that fit equally well, in the order: own path, routed, polling; each in document order."""
    allowed: tuple[str, ...] = ()
    """Methods of this path, when none of them is the one that was asked for."""


@dataclass(slots=True)
class _Node:
    """One place in the tree of segments."""

    fixed: dict[str, _Node] = field(default_factory=dict)
    mixed: list[tuple[Segment, _Node]] = field(default_factory=list)
    wild: _Node | None = None
    ends: dict[str, list[Endpoint]] = field(default_factory=dict)
    """Endpoints by method."""

    def child(self, segment: Segment) -> _Node:
        """The node below, made when it is not there."""
        if (text := segment.fixed) is not None:
            return self.fixed.setdefault(text, _Node())
        if segment.wild:
            self.wild = self.wild or _Node()
            return self.wild
        for known, node in self.mixed:
            if known.literals == segment.literals:
                return node
        self.mixed.append((segment, _Node()))
        self.mixed.sort(key=lambda entry: -entry[0].weight)
        return self.mixed[-1][1] if self.mixed[-1][0] is segment else self.child(segment)

    def walk(self, segments: list[str], at: int, values: tuple[str, ...], fixed: int) -> Iterator[_Hit]:
        """All nodes that the segments from ``at`` on lead to, the most specific first."""
        if at == len(segments):
            if self.ends:
                yield _Hit(self, values, fixed)
            return
        raw = segments[at]
        text = unquote(raw) if "%" in raw else raw
        if (node := self.fixed.get(text)) is not None:
            yield from node.walk(segments, at + 1, values, fixed + 1)
        for segment, node in self.mixed:
            found = segment.match(raw) or segment.match(text)
            if found is not None:
                yield from node.walk(segments, at + 1, values + found, fixed)
        if self.wild is not None:
            yield from self.wild.walk(segments, at + 1, (*values, raw), fixed)


@dataclass(frozen=True, slots=True)
class _Hit:
    node: _Node
    values: tuple[str, ...]
    fixed: int


@dataclass(frozen=True, slots=True)
class _Prefix:
    """What may stand before a path."""

    segments: tuple[Segment, ...]
    operations: frozenset[str] | None
    """Operations for which it may; None for all."""

    def length(self, segments: list[str]) -> int:
        """How many segments of a path it takes, or -1."""
        if len(segments) < len(self.segments):
            return -1
        for segment, raw in zip(self.segments, segments, strict=False):
            if segment.match(unquote(raw)) is None:
                return -1
        return len(self.segments)


class Router:
    """Finds the operations of a connector by method and path."""

    __slots__ = ("_prefixes", "_root", "endpoints", "paths")

    def __init__(self, connector: Connector, endpoints: Iterable[Endpoint] | None = None) -> None:
        """Takes the connector; looks at outlines and policies only. ``endpoints`` are other ones than where its
        operations answer."""
        self._root = _Node()
        self.paths = tuple(outline.path for outline in connector.definition.operations.outlines)
        """Path templates of all operations, for suggestions."""
        self._prefixes = _prefixes(connector)
        outlines = connector.definition.operations.outlines
        self.endpoints = tuple(_endpoints(outlines, _routes(connector)) if endpoints is None else endpoints)
        """Every place at which an operation answers: own paths first, each group in document order."""
        for endpoint in self.endpoints:
            node = self._root
            for segment in endpoint.template.segments:
                node = node.child(segment)
            node.ends.setdefault(endpoint.method, []).append(endpoint)

    def find(self, method: str, path: str) -> Found:
        """The endpoints for a method and a path as sent (percent-encoded, without query)."""
        segments = segments_of(path)
        best: list[Match] = []
        most = -1
        allowed: dict[str, None] = {}
        for prefix in self._prefixes:
            length = prefix.length(segments)
            if length < 0:
                continue
            found = self._below(method, segments[length:], prefix, allowed)
            if found is None or found[1] + length < most:
                continue
            hit, fixed = found
            start = "".join("/" + segment for segment in segments[:length])
            matches = [Match(endpoint=endpoint, values=hit.values, prefix=start) for endpoint in hit.node.ends[method]]
            matches = [match for match in matches if _may(prefix, match.endpoint.operation)]
            best = best + matches if fixed + length == most else matches
            most = fixed + length
        return Found(matches=tuple(best), allowed=() if best else tuple(allowed))

    def _below(
        self, method: str, segments: list[str], prefix: _Prefix, allowed: dict[str, None]
    ) -> tuple[_Hit, int] | None:
        """The most specific place with that method, and how many of its segments are fixed."""
        for hit in self._root.walk(segments, 0, (), 0):
            if any(_may(prefix, endpoint.operation) for endpoint in hit.node.ends.get(method, ())):
                return hit, hit.fixed
            for other, endpoints in hit.node.ends.items():
                if any(_may(prefix, endpoint.operation) for endpoint in endpoints):
                    allowed[other] = None
        return None


def _may(prefix: _Prefix, operation: str) -> bool:
    return prefix.operations is None or operation in prefix.operations


def _endpoints(outlines: Iterable[Outline], moved: Mapping[str, tuple[Template, str]]) -> Iterator[Endpoint]:
    """All endpoints: first every own path, then what policies and the polling prefix add."""
    more: list[Endpoint] = []
    for outline in outlines:
        templates = variants(outline.path)
        for template in templates:
            yield _endpoint(outline, template, outline.method, "own")
        if outline.id in moved:
            template, method = moved[outline.id]
            more.append(_endpoint(outline, template, method or outline.method, "routed"))
            more.extend(_endpoint(outline, short, method or outline.method, "routed") for short in shorter(template))
        elif outline.kind is OperationKind.POLLING and _polling(templates[0]):
            template = Template(templates[0].segments[1:], templates[0].slash, templates[0].query)
            more.append(_endpoint(outline, template, outline.method, "polling"))
    yield from more


def behaviour_of(instance: PolicyInstance) -> Behaviour | None:
    """What a policy instance does; None for one that cannot run."""
    policy = TEMPLATES.get(instance.template)
    return None if policy is None else decode(policy, instance).behaviour


def _endpoint(outline: Outline, template: Template, method: str, origin: Origin) -> Endpoint:
    return Endpoint(operation=outline.id, method=method, template=template, names=template.names, origin=origin)


def _polling(template: Template) -> bool:
    return bool(template.segments) and template.segments[0].fixed == POLLING_PREFIX


def _routes(connector: Connector) -> dict[str, tuple[Template, str]]:
    """Where route policies send each operation: template, and method or "" for the operation's own.

    The last instance wins, as each replaces the path that the former left (reference: policy-templates, section 2).
    """
    out: dict[str, tuple[Template, str]] = {}
    for policy in connector.properties.policies:
        behaviour = behaviour_of(policy)
        if not isinstance(behaviour, RouteRequest):
            continue
        route = (read(behaviour.path.text), "" if behaviour.method == ORIGINAL else behaviour.method)
        for outline in connector.definition.operations.outlines:
            if policy.applies_to(outline.id):
                out[outline.id] = route
    return out


def _prefixes(connector: Connector) -> tuple[_Prefix, ...]:
    """Base path, nothing, then the paths of host policies, each once."""
    hosts: dict[str, tuple[Segment, ...]] = {}
    for policy in connector.properties.policies:
        behaviour = behaviour_of(policy)
        if isinstance(behaviour, SetHostUrl):
            segments = read_host(behaviour.template.text).segments
            for outline in connector.definition.operations.outlines:
                if policy.applies_to(outline.id):
                    hosts[outline.id] = segments
    below: dict[tuple[Segment, ...], set[str]] = {}
    for operation, segments in hosts.items():
        below.setdefault(segments, set()).add(operation)
    base = read(connector.definition.base_path).segments
    out = [_Prefix(base, None)]
    if base:
        out.append(_Prefix((), None))
    out.extend(_Prefix(segments, frozenset(ids)) for segments, ids in below.items() if segments not in ((), base))
    return tuple(out)
