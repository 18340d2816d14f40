"""Pages: the link to the next one, and what several pages hold together (reference: openapi-extensions, section 2)."""

from __future__ import annotations

from typing import Any

import orjson

from ..model import Exchange, Operation, Reply
from .media import decoded_body, parsed_json


def next_link(operation: Operation, reply: Reply) -> str:
    """The next page's URL as the reply's root property has it (any case); empty for no next page."""
    if not operation.next_link or not 200 <= reply.status < 300:
        return ""
    try:
        body = parsed_json(reply)
    except orjson.JSONDecodeError:
        return ""
    wanted = operation.next_link.casefold()
    members = body.items() if isinstance(body, dict) else ()
    return next((value for name, value in members if name.casefold() == wanted and isinstance(value, str)), "")


def pages(exchange: Exchange) -> tuple[Reply, ...]:
    """The replies of all pages that a call fetched, in order; of a call without pages its one reply."""
    checked = [entry.after for entry in exchange.trace if entry.step == "check"]
    found = tuple(
        reply for reply in checked if isinstance(reply, Reply) and 200 <= reply.status < 300 and reply.status != 202
    )
    if len(found) > 1:
        return found
    return () if exchange.reply is None else (exchange.reply,)


def merged(exchange: Exchange) -> Any:
    """The bodies of all pages as one: the last page's object with the elements of all pages in its array.

    The array is ``value``, else the only array among the root's members. What is no such object stays as it is: of
    one page its body, of several a list of their bodies.
    """
    bodies = [decoded_body(reply) for reply in pages(exchange)]
    if len(bodies) < 2:
        return bodies[0] if bodies else None
    names = {_array(body) for body in bodies}
    name = names.pop() if len(names) == 1 else None
    if name is None:
        return bodies
    return {**bodies[-1], name: [element for body in bodies for element in body[name]]}


def _array(body: Any) -> str | None:
    """The name of the array that a page's elements stand in."""
    if not isinstance(body, dict):
        return None
    arrays = [name for name, value in body.items() if isinstance(value, list)]
    if "value" in arrays:
        return "value"
    return arrays[0] if len(arrays) == 1 else None
