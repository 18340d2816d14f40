"""Paths: where an operation stands in a Swagger 2.0 document, and where its requests go.

The platform refuses paths with a query, a fragment or ``*``, and paths that are equal but for case and the names of
their placeholders (reference: limits-and-certification, section 3). What lives here gives each of them a path that it
takes; a policy sends requests to the real one (reference: policy-templates, section 4: ``routerequesttoendpoint`` is
used to give several operations on one endpoint unique paths).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from ...model import JsonObject
from ..policy_instances import instance_value

PLACEHOLDER = re.compile(r"\{([^{}/]+)\}")
"""A placeholder in a path."""

KEEP_METHOD = "@Request.OriginalHTTPMethod"
"""The ``httpMethod`` of a route that changes the path alone."""

ANY = "any"
"""What stands for ``*`` in a path of the definition."""

CONNECTION_ID = "connectionid"
"""In lower case, the name that no parameter may have: the platform adds one of it (reference: limits-and-certification,
section 3: ``ConnectionIdParameterNotAllowed``)."""

_ODD = re.compile(r"[=*?#]")
_STARS = re.compile(r"\{[^{}]*\}|\*")
_BRACES = re.compile(r"\{[^{}/]+\}|[{}]")
_REFUSED = re.compile(r"[?#*]")
_WORDS = re.compile(r"\{[^{}/]+\}|[^\s{}?#&=/*;,:%]+")


def with_braces_encoded(path: str) -> str:
    """A path in which braces stand for placeholders alone."""
    return _BRACES.sub(lambda match: quote(match[0]) if len(match[0]) == 1 else match[0], path)


def variable(name: str) -> str:
    """What a placeholder and its parameter are called in a definition; the name is never sent."""
    return "connection_id" if name.lower() == CONNECTION_ID else _ODD.sub("_", name)


def with_variables(path: str) -> str:
    """A path with its placeholders as they are called in a definition."""
    return PLACEHOLDER.sub(lambda match: f"{{{variable(match[1])}}}", path)


def shape(path: str) -> str:
    """What the platform compares paths by. That a slash at the end makes no difference is inferred: gateways route both
    to one operation."""
    return PLACEHOLDER.sub("{}", path).lower().rstrip("/")


def placed(paths: Iterable[str]) -> dict[str, str]:
    """Real paths -> paths of the definition: the same where the platform takes it."""
    written = list(dict.fromkeys(paths))
    out: dict[str, str] = {}
    taken: set[str] = set()
    for path in written:
        if _REFUSED.search(PLACEHOLDER.sub("", path)) is None and shape(path) not in taken:
            taken.add(shape(path))
            out[path] = path
    for path in written:
        if path not in out:
            out[path] = _free(_plain(path), taken)
            taken.add(shape(out[path]))
    return {path: out[path] for path in written}


def _plain(path: str) -> str:
    """A path without what the platform refuses; words of its query and its fragment become segments."""
    cut = re.search(r"[?#]", path)
    end = len(path) if cut is None else cut.start()
    head = _STARS.sub(lambda match: ANY if match[0] == "*" else match[0], path[:end])
    words = _WORDS.findall(path[end:])
    return "/".join([head.rstrip("/"), *words]) if words else head


def _free(path: str, taken: set[str]) -> str:
    """The path, or the first of ``path/2``, ``path/3``, … that is not taken."""
    candidate, number = path, 1
    while shape(candidate) in taken:
        number += 1
        candidate = f"{path.rstrip('/')}/{number}"
    return candidate


def target(path: str) -> str:
    """The path, with its query, to which requests go: a fragment is never sent."""
    return path.partition("#")[0] or "/"


def routes(moved: Mapping[str, Sequence[str]]) -> list[JsonObject]:
    """The policies for operations (ids) whose requests go to other paths than those of the definition."""
    return [
        instance_value(
            "routerequesttoendpoint",
            {"newPath": path, "httpMethod": KEEP_METHOD},
            title=f"Path {path}",
            section="request",
            operations=ids,
        )
        for path, ids in moved.items()
    ]
