"""Cookies: a header that a person fills in, and keys that travel in a cookie.

Swagger 2.0 has no cookies. A policy could put one together from inputs with names, but not leave out one that is not
given; and what it reads stays on the request. So the cookies of an operation are one header parameter, ``Cookie``,
typed as it is sent, and a key in a cookie is an API key in that header. Where both meet a policy joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...model import JsonObject
from ..policy_instances import instance_value
from .lowering import Lowering, Part
from .ways import alternatives

HEADER = "Cookie"
"""The header that cookies are sent in."""


def as_header(found: Sequence[Part], low: Lowering) -> list[Part]:
    """The parameters of an operation with one header in the place of its cookies, unless it declares that header."""
    cookies = [part for part in found if part[0]["in"] == "cookie"]
    rest = [part for part in found if part[0]["in"] != "cookie"]
    if not cookies:
        return rest
    typed = "; ".join(f"{parameter['name']}=VALUE" for parameter, _ in cookies)
    message = f'cookies are typed into the header "{HEADER}", as "{typed}"'
    low.notes.add("cookie-header", cookies[0][1], message)
    if any(parameter["in"] == "header" and parameter["name"].lower() == HEADER.lower() for parameter, _ in rest):
        return rest
    texts = [
        f"{parameter['name']}: {parameter['description']}" for parameter, _ in cookies if "description" in parameter
    ]
    header: JsonObject = {"name": HEADER, "in": "header"}
    if any(parameter.get("required") for parameter, _ in cookies):
        header["required"] = True
    header |= {"type": "string", "description": "\n".join([f'Cookies, as "{typed}".', *texts])}
    return [*rest, (header, cookies[0][1])]


def sends_cookies(holders: Sequence[Part], low: Lowering) -> bool:
    """Whether a path item or an operation has cookie parameters. Notes nothing."""
    for value, at in holders:
        written = value.get("parameters")
        for index, parameter in enumerate(written if isinstance(written, list) else ()):
            found = [(parameter, at)]
            if isinstance(parameter, dict) and isinstance(parameter.get("$ref"), str):
                found = low.peek((parameter, ((at, "parameters"), index)))
            if any(isinstance(one, dict) and one.get("in") == "cookie" for one, _ in found):
                return True
    return False


class Joined(NamedTuple):
    """The keys in cookies that a policy puts on a request."""

    keys: tuple[str, ...]
    """Names of schemes; none where there is nothing to join."""
    optional: bool = False
    """Whether the keys may be missing."""
    given: bool = False
    """Whether the header may hold other cookies."""


NOTHING = Joined(())


def joined(security: Any, definitions: JsonObject, cookies: Mapping[str, str], *, given: bool) -> Joined:
    """What a policy joins of the keys in cookies and of what is ``given`` in the header: nothing where one of them is
    alone, or where there are several ways of signing in."""
    found = alternatives(security, definitions)
    named = [way for way in found if way]
    keys = tuple(name for name in named[0] if name in cookies) if len(named) == 1 else ()
    return Joined(keys, len(found) > 1, given) if len(keys) > 1 or (keys and given) else NOTHING


def are_replaced(security: Any, definitions: JsonObject, cookies: Mapping[str, str]) -> bool:
    """Whether a key takes the place of cookies that are given: it is in one of several ways of signing in."""
    if not cookies:
        return False
    named = [way for way in alternatives(security, definitions) if way]
    return len(named) > 1 and any(name in cookies for way in named for name in way)


def joining(what: Joined, names: Mapping[str, str], operations: Sequence[str]) -> JsonObject:
    """The policy for operations. ``names`` are those of the connection parameters that have not the usual one."""
    default = ",''" if what.optional else ""
    parts = [f"@connectionParameters('{names.get(key, 'api_key')}'{default})" for key in what.keys]
    parts += [f"@headers('{HEADER}','')"] if what.given else []
    values = {"name": HEADER, "value": "; ".join(parts), "existsAction": "override"}
    return instance_value("setheader", values, title="Cookies", section="request", operations=operations)
