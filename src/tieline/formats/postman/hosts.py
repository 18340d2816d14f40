"""Hosts: which one becomes the connector's, and how requests to others reach theirs.

A collection may call many hosts and a Swagger 2.0 definition has one. What lives here picks it and makes policies of
the others: a fixed URL for a host that is known, connection parameters for variables that only an environment has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...model import JsonObject, Route
from .collection import Asked
from .names import label, unique
from .notes import Notes, listed
from .secret_values import Secrets
from .url import joined, parts_of, without_second_scheme
from .variables import VARIABLE

NO_HOST = "localhost"
"""The host of a collection that names none. The platform wants a host; this one is nobody else's, so that nothing is
sent to a stranger before the right one is put in."""

SCHEMES = ("https", "http")
"""Schemes that the platform calls; a host without a known scheme gets the first."""

NOWHERE = f"{SCHEMES[0]}://{NO_HOST}"
"""Where requests go whose URL has no host that can be called; not to the connector's host, which is another service."""

PLAIN_SCHEME = "http"
"""What Postman sends with when a URL names no scheme."""

EMPTY = "''"
"""The default of an expression that may come to nothing."""

_HOST = re.compile(r"[^{}/ :\\@?#\[\]\x00-\x20]+(:[0-9]{1,5})?")
_NAME = re.compile(r"[^0-9A-Za-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where one request goes."""

    scheme: str
    host: str
    """Host and port; empty when the collection does not say it."""
    open: str
    """What is written where the host is not known, known variables filled in; empty for nothing at all."""

    @property
    def key(self) -> str:
        """What is the same for all requests to one service."""
        return self.host or self.open


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A request and where it goes."""

    asked: Asked
    base: Base
    path: str
    """The path, with what the base adds before it; with its first slash."""
    extra_query: str
    """A query that the base brings along."""


def target_of(asked: Asked, notes: Notes, secrets: Secrets) -> Target:
    """Where a request goes. A host that is none is noted, and not known then."""
    text = without_second_scheme(asked.variables.peek(asked.url.base))
    parts = parts_of(text)
    scheme = parts.scheme or PLAIN_SCHEME
    path = parts.path.rstrip("/") + asked.url.path if asked.url.path else parts.path
    base = Base(scheme=scheme, host=parts.authority.lower(), open="")
    bare = joined(parts._replace(user=""))
    if not parts.authority or (VARIABLE.search(bare) and not secrets.within(bare)):
        scheme = parts.scheme if parts.scheme in SCHEMES else SCHEMES[0]
        base = Base(scheme=scheme, host="", open=bare if VARIABLE.search(bare) else "")
    elif scheme not in SCHEMES or not _HOST.fullmatch(parts.authority) or secrets.within(bare):
        notes.add("bad-server-url", asked.url.route, "the URL of the request has no host that can be called")
        base = Base(scheme=SCHEMES[0], host="", open=NOWHERE)
    return Target(asked=asked, base=base, path=path, extra_query=parts.query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """All hosts of a collection."""

    main: str
    """Key of the one that becomes the connector's."""
    host: str
    schemes: tuple[str, ...]
    prefix: tuple[str, ...]
    """Segments that a given base URL puts before the paths of the main host."""

    def is_main(self, base: Base) -> bool:
        """Whether requests to a base go to the connector's host. One that says nothing does."""
        return base.key in ("", self.main)


def chosen(targets: Sequence[Target], base_url: str, route: Route, notes: Notes) -> Hosts:
    """The host of a connector: the one that most requests go to, the first of several.

    ``base_url`` stands in for the one that is not known and that most of the unknown ones go to. Without it that
    becomes ``localhost``, with a finding, if most requests go there.
    """
    counted = Counter(target.base.key for target in targets if target.base.key)
    main = counted.most_common(1)[0][0] if counted else ""
    known = [target.base.scheme for target in targets if target.base.host == main and main]
    if known:
        schemes = tuple(scheme for scheme, _ in Counter(known).most_common())
        if len(schemes) > 1:
            notes.add("mixed-schemes", route, f'requests to "{main}" are sent with "{schemes[0]}"')
        return Hosts(main=main, host=main, schemes=schemes, prefix=())
    given = parts_of(base_url)
    if given.authority and _HOST.fullmatch(given.authority) and given.scheme in ("", *SCHEMES):
        segments = tuple(segment for segment in given.path.split("/") if segment)
        return Hosts(main=main, host=given.authority, schemes=(given.scheme or SCHEMES[0],), prefix=segments)
    if targets:
        named = main not in ("", NOWHERE)
        said = f'the host of most requests, "{main}", is not in the collection' if named else "no request names a host"
        notes.add("missing-server", route, f'{said}; the host becomes "{NO_HOST}"')
    schemes = tuple(dict.fromkeys(target.base.scheme for target in targets if target.base.key == main))
    return Hosts(main=main, host=NO_HOST, schemes=schemes[:1] or (SCHEMES[0],), prefix=())


@dataclass(slots=True)
class Policies:
    """The policies of a connector, and the connection parameters that they need."""

    taken: set[str]
    """Names of connection parameters (lower case) that sign-in has."""
    routes: list[JsonObject] = field(default_factory=list)
    """Policy instances that send an operation to another path, and those that set what it is sent as."""
    operations: dict[str, tuple[Base, list[str]]] = field(default_factory=dict)
    """Key of a base -> the base and the operations that are sent there."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Name of a variable -> name of the connection parameter for it."""
    optional: dict[str, bool] = field(default_factory=dict)
    """Name of a variable -> whether it may be empty: it only ever follows another variable, as a path does a host."""

    def send_elsewhere(self, operation_id: str, base: Base) -> None:
        """Send an operation to another host."""
        self.operations.setdefault(base.key, (base, []))[1].append(operation_id)

    def route(self, operation_id: str, path: str) -> None:
        """Send an operation to another path than its own."""
        self.routes.append(
            _instance("routerequesttoendpoint", f"Path of {operation_id}", [operation_id], {"newPath": path})
        )

    def content_type(self, operation_id: str, media_type: str) -> None:
        """Send the body of an operation as another media type than its own."""
        parameters = {"name": "Content-Type", "value": media_type, "existsAction": "override"}
        self.routes.append(_instance("setheader", f"Content type of {operation_id}", [operation_id], parameters))

    def instances(self, notes: Notes, route: Route) -> list[JsonObject]:
        """All policy instances, those for hosts first; each host is noted."""
        found: list[JsonObject] = []
        for base, ids in self.operations.values():
            if base.host or base.open == NOWHERE:
                url = f"{base.scheme}://{base.host or NO_HOST}"
                notes.add("other-host", route, f'"{url}" is called by {listed(ids)}', about=ids)
            else:
                url = VARIABLE.sub(self._token, base.open)
                names = listed([self._parameter(name) for name in VARIABLE.findall(base.open)])
                message = f'"{base.open}" is called by {listed(ids)}; the connection asks for {names}'
                notes.add("host-parameter", route, message, about=ids)
            found.append(_instance("dynamichosturl", f"Host {base.key}", ids, {"urlTemplate": url}))
        return found + self.routes

    def _token(self, match: re.Match[str]) -> str:
        """The expression for a variable in a URL."""
        variable = match[1].strip()
        follows = match.string[: match.start()].endswith("}}")
        self.optional[variable] = self.optional.get(variable, True) and follows
        return f"@connectionParameters('{self._parameter(variable)}'{',' + EMPTY if follows else ''})"

    def _parameter(self, variable: str) -> str:
        """The connection parameter for a variable."""
        variable = variable.strip()
        if variable not in self.parameters:
            made = _NAME.sub("_", variable).strip("_") or "host"
            while made.lower() in self.taken:
                made = unique(f"{made}_host", self.taken)
            self.taken.add(made.lower())
            self.parameters[variable] = made
        return self.parameters[variable]

    def connection_parameters(self) -> JsonObject:
        """The connection parameters that the policies need, by name."""
        return {
            name: _text_parameter(variable, required=not self.optional[variable])
            for variable, name in self.parameters.items()
        }


def _instance(template: str, title: str, operations: Iterable[str], parameters: dict[str, str]) -> JsonObject:
    """A policy instance as the platform's wizard writes it (reference: policy-templates, section 1)."""
    return {
        "templateId": template,
        "title": title,
        "parameters": {
            **{f"x-ms-apimTemplateParameter.{name}": value for name, value in parameters.items()},
            "x-ms-apimTemplate-policySection": "Request",
            "x-ms-apimTemplate-operationName": list(operations),
        },
    }


def _text_parameter(variable: str, *, required: bool) -> JsonObject:
    """A text that a person gives when making a connection."""
    shown = label(variable)
    return {
        "type": "string",
        "uiDefinition": {
            "displayName": shown,
            "description": f'The value of "{variable}" in the URLs of the service',
            "tooltip": f"Provide your {shown}",
            "constraints": {"clearText": True, "required": "true" if required else "false"},
        },
    }


def base_segments(targets: Sequence[Target], hosts: Hosts, secrets: Secrets) -> tuple[str, ...]:
    """The base path of a connector: what the base URL of its requests adds before their paths, if all paths of the
    main host begin with it and it holds no secret."""
    found = Counter(_own_prefix(target) for target in targets if hosts.is_main(target.base))
    found.pop((), None)
    for prefix, _ in found.most_common():
        everywhere = all(_begins(target.path, prefix) for target in targets if hosts.is_main(target.base))
        if everywhere and not secrets.within("/".join(prefix)):
            return prefix
    return ()


def _own_prefix(target: Target) -> tuple[str, ...]:
    """The segments that the base of a request adds, as far as they are literal."""
    length = len(target.path) - len(target.asked.url.path)
    text = target.path[:length] if target.asked.url.path else target.path
    return () if VARIABLE.search(text) else tuple(segment for segment in text.split("/") if segment)


def _begins(path: str, prefix: tuple[str, ...]) -> bool:
    """Whether a path begins with these segments."""
    return tuple(path.lstrip("/").split("/")[: len(prefix)]) == prefix
