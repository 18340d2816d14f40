"""Links of responses: which value of a reply another operation takes.

The platform has two things that say so: pages (the reply names the URL of the next one) and choices for a parameter (a
list operation gives them). What lives here makes these of the links that say them beyond doubt; others are noted.

A link makes pages when it leads from a GET to itself by ``nextLink`` or ``@odata.nextLink`` of the reply, which is a
URL. It makes choices for a parameter when its value stands in an object of the one list in the reply, the list can be
asked for with what the other operation has asked for already, and no other list is linked to the parameter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...model import JsonObject, keys_of_pointer
from .callback_url import URL_FORMATS
from .definitions import flat
from .lowering import Lowering, Part
from .media import JSON, kind_of_media
from .operations import Entry
from .place import Place
from .plan import Apart, Key, Plan
from .schemas import lower_schema
from .values import SCALARS, scalar_kind

NEXT_LINKS = ("nextLink", "@odata.nextLink")
"""Properties that name the next page; the platform's checks let no other pass (reference: extensions, section 2)."""

ALWAYS_URL = "@odata.nextLink"
"""That of them which is a URL by its own definition (OData JSON Format 4.01, section 4.6.5)."""

TITLES = ("name", "title", "displayName", "display_name", "label", "summary", "full_name", "username", "email")
"""Properties that people know an element of a list by, the best first."""

ELEMENTS = frozenset({"*", "[]", "-", "{index}", "[*]"})
"""How descriptions write any element of a list in a pointer; the standard knows numbers only, or leaves it out."""

BODY = "$response.body#"
"""How the expression for a value in the body of a reply begins."""

PLACES = ("path", "query", "header", "cookie")
"""What may stand before the name of a parameter in a link: ``path.id``."""

DYNAMIC = ("x-ms-dynamic-values", "x-ms-dynamic-list")
"""The two forms of choices (reference: extensions, section 3); both are given, as connectors do."""


class Link(NamedTuple):
    """One link of a response of an operation."""

    name: str
    at: Place
    value: JsonObject
    source: Entry
    response: Part

    def drop(self, low: Lowering, reason: str) -> None:
        """Note that it is not carried over, or not entirely."""
        low.notes.add("link-dropped", self.at, f'the link "{self.name}" is left out: {reason}')


class _Choices(NamedTuple):
    """The choices that a link gives for a parameter of an operation."""

    link: Link
    parameter: str
    extensions: JsonObject


def plan_links(entries: Sequence[Entry], low: Lowering) -> dict[Key, Plan]:
    """What operations are given by links. Findings are in the plan of the operation whose reply has the link."""
    with Apart(low):
        linked = [entry for entry in entries if _has_links(entry, low)]
    if not linked:
        return {}
    known = {entry.id: entry for entry in entries}
    known |= {f"{entry.method} {entry.path}": entry for entry in entries}
    extensions: dict[Key, JsonObject] = {}
    choices: dict[tuple[Key, str], list[_Choices]] = {}
    notes = {(entry.method, entry.path): Apart(low) for entry in linked}
    for entry in linked:
        key = (entry.method, entry.path)
        with notes[key]:
            for link in _links(entry, low):
                target = _target(link, known)
                if target is None:
                    link.drop(low, "the operation that it leads to is not there")
                elif target is entry:
                    extensions |= {key: pages} if (pages := _pages(link, low)) else {}
                else:
                    for one in _choices(link, target, low):
                        choices.setdefault(((target.method, target.path), one.parameter), []).append(one)
    parameters = _clear(choices, notes, low)
    return {
        key: Plan(
            extensions=extensions.get(key, {}),
            parameters=parameters.get(key, {}),
            findings=tuple(notes[key].notes) if key in notes else (),
        )
        for key in (*notes, *(key for key in parameters if key not in notes))
    }


# Finding links


def _has_links(entry: Entry, low: Lowering) -> bool:
    """Whether a response of an operation has links."""
    responses, at = low.members(entry.operation, "responses")
    for response in responses.values():
        if isinstance(response, dict) and "$ref" in response:
            found = low.follow(response, at)
            response = found[0] if found is not None else {}
        if isinstance(response, dict) and "links" in response:
            return True
    return False


def _links(entry: Entry, low: Lowering) -> Iterator[Link]:
    """The links of all responses of an operation."""
    responses = low.members(entry.operation, "responses")
    for code in responses[0]:
        response = low.members(responses, code) if not code.startswith("x-") else ({}, responses[1])
        links = low.members(response, "links")
        for name in links[0]:
            value, at = low.members(links, name)
            if not name.startswith("x-"):
                yield Link(name, at, value, entry, response)


def _target(link: Link, known: Mapping[str, Entry]) -> Entry | None:
    """The operation that a link leads to: by its id, or by a reference inside the document. Operations are ``known`` by
    id and by method and path."""
    id, ref = link.value.get("operationId"), link.value.get("operationRef")
    if isinstance(id, str):
        return known.get(id)
    if not isinstance(ref, str) or not ref.startswith("#/paths/"):
        return None
    _, path, *method = keys_of_pointer(ref[1:])
    return known.get(f"{method[0]} {path}") if len(method) == 1 else None


def _arguments(link: Link, low: Lowering) -> dict[str, Any]:
    """The parameters that a link gives, by name."""
    return low.object_at(link.value, link.at, "parameters")[0]


# Pages


def _pages(link: Link, low: Lowering) -> JsonObject:
    """``x-ms-pageable`` for a link from an operation to itself; empty, with a finding, when it makes no pages."""
    arguments = _arguments(link, low)
    keys = [_body_keys(expression) for expression in arguments.values()]
    name = keys[0][0] if len(keys) == 1 and len(keys[0]) == 1 else ""
    if link.source.method != "get" or name not in NEXT_LINKS:
        link.drop(low, 'the platform finds the next page by "nextLink" or "@odata.nextLink" of the reply alone')
        return {}
    found = _schema(link, low).get("properties", {}).get(name)
    schema = flat(found, low) if isinstance(found, dict) else {}
    is_url = schema.get("format") in URL_FORMATS or name == ALWAYS_URL
    if schema.get("type") != "string" or not is_url:
        link.drop(low, f'"{name}" of the reply is not said to be a URL (format "uri")')
        return {}
    low.notes.add("link-as-pages", link.at, f'"{link.source.id}" has pages: the next one is at "{name}" of the reply')
    return {"x-ms-pageable": {"nextLinkName": name}}


def _body_keys(expression: Any) -> tuple[str, ...]:
    """The keys of the value in the reply's body that an expression stands for; empty for another expression."""
    if not isinstance(expression, str):
        return ()
    text = expression.strip().removeprefix("{").removesuffix("}")
    return tuple(keys_of_pointer(text.removeprefix(BODY))) if text.startswith(BODY + "/") else ()


def _schema(link: Link, low: Lowering) -> JsonObject:
    """The (flat) schema of the JSON body of the response that has a link; open for none."""
    content, at = low.members(link.response, "content")
    name = JSON if JSON in content else next((name for name in content if kind_of_media(name) == "json"), "")
    if not name:
        return {}
    schema, place = low.object_at(*low.object_at(content, at, name), "schema")
    with Apart(low):
        return flat(low.once(lower_schema, schema, place), low)


# Choices


def _choices(link: Link, target: Entry, low: Lowering) -> list[_Choices]:
    """The choices that a link from one operation to another gives; what it gives besides is noted."""
    found: list[_Choices] = []
    given, schema = _given(target, low), _schema(link, low)
    needed = _needed(link.source, low)
    left: list[str] = [name for name in ("requestBody", "server") if name in link.value]
    for written, expression in _arguments(link, low).items():
        place, _, rest = written.partition(".")
        name = rest if place in PLACES and rest else written
        keys = _body_keys(expression)
        asked = _asked(needed, name, given)
        where = _in_list(schema, keys, low) if keys and asked is not None and _is_open(given.get(name)) else None
        extensions = _extensions(link.source, where, asked or []) if where is not None else {}
        if extensions:
            found.append(_Choices(link, name, extensions))
        else:
            left.append(name)
    passed = {one for choice in found for one in choice.extensions[DYNAMIC[0]].get("parameters", ())}
    left = [name for name in left if name not in passed or not _is_of_request(link, name, low)]
    if not found:
        link.drop(low, f'a value of the reply for "{target.id}" is not passed on by itself')
    elif left:
        names = ", ".join(f'"{name}"' for name in left)
        low.notes.add("link-dropped", link.at, f'left out of the link "{link.name}": {names}')
    return found


def _is_of_request(link: Link, name: str, low: Lowering) -> bool:
    """Whether a link gives for a parameter what the request had."""
    expression = _arguments(link, low).get(name)
    return isinstance(expression, str) and expression.strip().startswith("$request.")


class _InList(NamedTuple):
    """Where in a list a value stands."""

    items: tuple[str, ...]
    """From the body to the list."""
    value: tuple[str, ...]
    """From an element to the value."""
    title: str
    """What people know an element by, from an element."""


def _in_list(schema: JsonObject, keys: tuple[str, ...], low: Lowering) -> _InList | None:
    """Where a value stands if it is a single value in an object of a list; None when it is not."""
    items: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    element: JsonObject | None = None
    for key in keys:
        if schema.get("type") == "array":
            if element is not None:
                return None
            element = schema = flat(schema.get("items", {}), low)
            items, value = value, ()
            if key in ELEMENTS or key.isdecimal():
                continue
        if key not in schema.get("properties", {}):
            return None
        schema, value = flat(schema["properties"][key], low), (*value, key)
    if element is None or not value or scalar_kind(schema) not in SCALARS or "/" in "".join((*items, *value)):
        return None
    return _InList(items, value, _title(element, value, low))


def _title(element: JsonObject, value: tuple[str, ...], low: Lowering) -> str:
    """The property that people know an element by; the value itself when there is none."""
    properties = element.get("properties", {})
    for name in TITLES:
        if name in properties and flat(properties[name], low).get("type") == "string":
            return name
    return "/".join(value)


def _is_open(parameter: JsonObject | None) -> bool:
    """Whether there is a parameter, and it has no choices of its own."""
    if parameter is None:
        return False
    schema = parameter.get("schema")
    return not any(key in parameter or (isinstance(schema, dict) and key in schema) for key in DYNAMIC)


def _extensions(source: Entry, where: _InList, asked: list[str]) -> JsonObject:
    """The extensions of a parameter whose value is in a list, which is asked for with other parameters."""
    value_path = "/".join(where.value)
    old: JsonObject = {"operationId": source.id}
    old |= {"value-collection": "/".join(where.items)} if where.items else {}
    old |= {"value-path": value_path, "value-title": where.title}
    new: JsonObject = {"operationId": source.id}
    new |= {"itemsPath": "/".join(where.items)} if where.items else {}
    new |= {"itemValuePath": value_path, "itemTitlePath": where.title}
    if asked:
        old["parameters"] = {one: {"parameter": one} for one in asked}
        new["parameters"] = {one: {"parameterReference": one} for one in asked}
    return dict(zip(DYNAMIC, (old, new), strict=True))


def _written(entry: Entry, low: Lowering) -> dict[tuple[str, str], JsonObject]:
    """The parameters of an operation by name and place, as they are written."""
    found: dict[tuple[str, str], JsonObject] = {}
    with Apart(low):
        for value, at in (entry.item, entry.operation):
            for index, written in enumerate(low.list_at(value, at, "parameters")):
                part = low.follow(written, ((at, "parameters"), index))
                name, where = (part[0].get("name"), part[0].get("in")) if part is not None else (None, None)
                if part is not None and isinstance(name, str) and isinstance(where, str):
                    found[name, where] = part[0]
    return found


def _given(entry: Entry, low: Lowering) -> dict[str, JsonObject]:
    """The parameters of an operation by name; without those in cookies, and those whose name is used in two places."""
    found = _written(entry, low)
    names = Counter(name for name, _ in found)
    return {name: one for (name, where), one in found.items() if names[name] == 1 and where != "cookie"}


def _needed(source: Entry, low: Lowering) -> list[str] | None:
    """The parameters that a list must be asked for with; None when it cannot be asked for by a designer."""
    if source.method != "get" or source.operation[0].get("requestBody") is not None:
        return None
    given = _given(source, low)
    found = _written(source, low).items()
    needed = [name for (name, where), one in found if one.get("required") is True or where == "path"]
    return needed if all(name in given for name in needed) else None


def _asked(needed: list[str] | None, name: str, given: Mapping[str, JsonObject]) -> list[str] | None:
    """The same, if the operation with the parameter ``name`` asks for all of them too; None when not, and when the
    parameter itself is one of them."""
    if needed is None or name in needed:
        return None
    return needed if all(given.get(one, {}).get("required") is True for one in needed) else None


def _clear(
    choices: Mapping[tuple[Key, str], list[_Choices]], notes: Mapping[Key, Apart], low: Lowering
) -> dict[Key, dict[str, JsonObject]]:
    """The choices of parameters to which one list alone is linked; links from several are noted, as are those used."""
    out: dict[Key, dict[str, JsonObject]] = {}
    for (key, name), found in choices.items():
        clear = all(one.extensions == found[0].extensions for one in found)
        if clear:
            out.setdefault(key, {})[name] = found[0].extensions
        for one in found:
            link = one.link
            with notes[link.source.method, link.source.path]:
                if clear:
                    message = f'"{name}" can be chosen from what "{link.source.id}" gives'
                    low.notes.add("link-as-choices", link.at, message)
                else:
                    link.drop(low, f'several lists are linked to "{name}"')
    return out
