"""Rules about the platform's own extensions: what names another operation, pages and triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...model import JsonObject
from .judge import Judge, Keys, listing, mapping
from .schemas import MARK

DYNAMIC = ("x-ms-dynamic-values", "x-ms-dynamic-schema")
CONTENT = "x-ms-notification-content"
TRIGGER = "x-ms-trigger"
NEXT_LINKS = ("nextLink", "@odata.nextLink")
MOST_LEVELS = 4
"""How deep the properties of a body are named by dynamic extensions."""


def see_dynamics(inputs: Mapping[str, list[JsonObject]], judge: Judge) -> None:
    """Judge everything in the document that names another operation; ``inputs`` are the parameters of each."""
    sections = (section for section in ("paths", "parameters", "definitions", "responses"))
    stack: list[tuple[Any, Keys]] = [(judge.root.get(section), (section,)) for section in sections]
    while stack:
        value, keys = stack.pop()
        if isinstance(value, list):
            stack += [(child, (*keys, index)) for index, child in enumerate(value)]
        elif isinstance(value, dict):
            for key in DYNAMIC:
                if isinstance(value.get(key), dict):
                    _see_dynamic(value[key], (*keys, key), inputs, judge)
            stack += [(child, (*keys, key)) for key, child in value.items() if _holds(key)]


def _holds(key: str) -> bool:
    """Whether a member may hold parameters or schemas."""
    return key not in ("example", "examples", "default", "enum") and (not key.startswith("x-") or key == CONTENT)


def _see_dynamic(value: JsonObject, keys: Keys, inputs: Mapping[str, list[JsonObject]], judge: Judge) -> None:
    """Judge one of them."""
    id = value.get("operationId")
    if not isinstance(id, str):
        return
    if id not in inputs:
        judge.say("OperationIdNotFound", keys, f'there is no operation "{id}"', "correct the operationId")
        return
    known: set[str] = set()
    for parameter in inputs[id]:
        known.add(str(parameter.get("name")))
        if parameter.get("in") == "body":
            known |= set(_names(parameter.get("schema"), "", 0, judge))
    for name in mapping(value.get("parameters")):
        if name not in known:
            what = f'the operation "{id}" has no parameter "{name}"'
            judge.say("OperationParameterNameNotFound", keys, what, "correct the name")


def _names(schema: Any, before: str, level: int, judge: Judge) -> Iterator[str]:
    """The paths of the properties of a body."""
    parts = [judge.behind(schema)]
    for part in [*parts, *(judge.behind(one) for one in listing(parts[0].get("allOf")))]:
        for name, child in mapping(part.get("properties")).items():
            yield f"{before}{name}"
            if level < MOST_LEVELS:
                yield from _names(child, f"{before}{name}/", level + 1, judge)


def see_pages(operation: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge ``x-ms-pageable`` of an operation."""
    pages = operation.get("x-ms-pageable")
    if isinstance(pages, dict) and pages.get("nextLinkName") not in NEXT_LINKS:
        what = f'the next link is called "{pages.get("nextLinkName")}"'
        judge.say("InvalidNextLinkNameValue", (*keys, "x-ms-pageable"), what, f'use "{NEXT_LINKS[0]}"')


# Triggers


def see_trigger(item: JsonObject, keys: Keys, inputs: Mapping[str, list[JsonObject]], judge: Judge) -> None:
    """Judge the URL of the webhook trigger of a path, if it has one."""
    marked = False
    for method, operation in item.items():
        if not isinstance(operation, dict):
            continue
        for parameter in inputs.get(str(operation.get("operationId")), ()):
            if parameter.get("in") != "body":
                continue
            found = list(_marked(parameter.get("schema"), (), frozenset(), judge))
            marked = marked or (bool(found) and TRIGGER in operation)
            if found and CONTENT not in item:
                what = f'a body of the path has "{MARK}" and the path no "{CONTENT}"'
                code = "OperationMustHaveNotificationContentExtension"
                judge.say(code, (*keys, method), what, f'add "{CONTENT}" to the path')
            for chain in found:
                _see_mark(chain, (*keys, method), judge)
    if CONTENT in item and not marked:
        code = "WebhookOperationsMissingNotificationUrlProperty"
        judge.say(code, keys, f'no property of a body has "{MARK}"', "mark the property that carries the URL")


_Chain = tuple[tuple[str, JsonObject, bool], ...]
"""The properties that lead to a mark, from outside: name, schema, and whether it is required."""


def _marked(schema: Any, chain: _Chain, inside: frozenset[int], judge: Judge) -> Iterator[_Chain]:
    """The marked properties of a body."""
    here = judge.behind(schema)
    if id(here) in inside or not here:
        return
    if chain and here.get(MARK) is True:
        yield chain
    inner = inside | {id(here)}
    for name, child in mapping(here.get("properties")).items():
        written = child if isinstance(child, dict) and MARK in child else judge.behind(child)
        yield from _marked(child, (*chain, (name, written, name in listing(here.get("required")))), inner, judge)
    for part in listing(here.get("allOf")):
        yield from _marked(part, chain, inner, judge)
    if isinstance(here.get("items"), dict):
        yield from _marked(here["items"], chain, inner, judge)


def _see_mark(chain: _Chain, keys: Keys, judge: Judge) -> None:
    """Judge one marked property."""
    name, schema, _ = chain[-1]
    if schema.get("type") != "string":
        judge.say("NotificationUrlNotString", keys, f'"{name}" carries a URL and is no text', 'use "type": "string"')
    if not all(required for _, _, required in chain):
        judge.say("NotificationUrlNotRequired", keys, f'"{name}" carries a URL and is optional', "make it required")
    if not any(one.get("x-ms-visibility") == "internal" for _, one, _ in chain):
        what = f'"{name}" carries a URL and people are asked for it'
        judge.say("NotificationUrlNotInternal", keys, what, 'add "x-ms-visibility": "internal"')
