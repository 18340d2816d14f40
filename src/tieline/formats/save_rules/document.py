"""A whole document: its root, its operations, and everything together."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...model import Finding, JsonObject, Route
from ..openapi2.outline import METHODS
from .extensions import see_dynamics, see_pages, see_trigger
from .judge import Judge, Keys, listing, mapping, repeated
from .members import (
    CONTACT,
    CONTENT,
    INFO,
    ITEM,
    LICENCE,
    OPERATION,
    ROOT,
    TAG,
    see_docs,
    see_members,
    see_needed,
    see_url,
)
from .parameters import see_codes, see_inputs, see_list, see_media_types, see_parameter, see_response
from .paths import see_path, see_placeholders, see_twins
from .schemas import see_loops, see_schema
from .security import see_requirements, see_schemes

_HOST = re.compile(r"[^\s{}/?#@\\]+")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
CALLED = ("http", "https")


class _Operation(NamedTuple):
    """One operation with all that it takes."""

    path: str
    method: str
    value: JsonObject
    keys: Keys
    parameters: list[JsonObject]
    """Its own and those of its path that it does not override, behind their references."""


def check(root: JsonObject, route: Route) -> tuple[Finding, ...]:
    """A finding for each place of a Swagger 2.0 value, which stands at ``route``, that the platform refuses."""
    judge = Judge(root, route)
    _see_root(judge)
    operations = _operations(judge)
    inputs = {str(one.value.get("operationId")): one.parameters for one in operations}
    for path, item in mapping(root.get("paths")).items():
        if isinstance(item, dict) and not path.startswith("x-"):
            _see_item(path, item, ("paths", path), judge)
            see_trigger(item, ("paths", path), inputs, judge)
    for operation in operations:
        _see_operation(operation, judge)
    _see_ids(operations, judge)
    see_twins([(one.path, one.method, one.keys) for one in operations], judge)
    _see_shared(judge)
    see_dynamics(inputs, judge)
    return tuple(judge.found.values())


def check_extensions(root: JsonObject, route: Route) -> tuple[Finding, ...]:
    """The same for what the platform's own extensions say of other operations and of triggers alone."""
    judge = Judge(root, route)
    inputs = {str(one.value.get("operationId")): one.parameters for one in _operations(judge)}
    for path, item in mapping(root.get("paths")).items():
        if isinstance(item, dict):
            see_trigger(item, ("paths", path), inputs, judge)
    see_dynamics(inputs, judge)
    return tuple(judge.found.values())


def _see_root(judge: Judge) -> None:
    """Judge the root and its small parts."""
    root = judge.root
    see_members(root, (), ROOT, judge)
    see_needed(root, (), ("info", "paths"), judge)
    see_docs(root, (), judge)
    if root.get("swagger") != "2.0":
        judge.say("SpecificationVersionIncorrect", ("swagger",), 'the version is not the text "2.0"', 'write "2.0"')
    host, base = root.get("host"), root.get("basePath", "/")
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        judge.say("HostNameNotValid", ("host",), f'"{host or ""}" is no host', 'write it like "api.example.com"')
    if not isinstance(base, str) or not base.startswith("/"):
        judge.say("BasePathNotValid", ("basePath",), f'"{base}" does not start with a slash', "add the slash")
    _see_schemes(root, (), judge)
    see_media_types(root, (), judge)
    see_requirements(root, (), judge)
    see_schemes(judge)
    _see_info(mapping(root.get("info")), judge)
    _see_tags(judge)


def _see_schemes(holder: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge ``schemes`` of the root or of an operation."""
    if holder.get("schemes") == []:
        judge.say("SchemesArrayEmpty", (*keys, "schemes"), '"schemes" names nothing', 'write ["https"]')
    if repeated(listing(holder.get("schemes"))):
        judge.say("ArrayDuplicateValue", (*keys, "schemes"), '"schemes" names something twice', "name it once")
    for scheme in listing(holder.get("schemes")):
        if scheme not in CALLED:
            code = "SchemeNotSupported" if scheme in ("ws", "wss") else "SchemeNotValid"
            judge.say(code, (*keys, "schemes"), f'the scheme "{scheme}" cannot be called', "use http or https")


def _see_info(info: JsonObject, judge: Judge) -> None:
    """Judge ``info``."""
    see_members(info, ("info",), INFO, judge)
    see_needed(info, ("info",), ("title", "version"), judge)
    for key, known in (("contact", CONTACT), ("license", LICENCE)):
        value = mapping(info.get(key))
        see_members(value, ("info", key), known, judge)
        see_url(value, ("info", key), judge)
        if key == "contact" and "email" in value and not _EMAIL.fullmatch(str(value["email"])):
            what = f'"{value["email"]}" is no e-mail address'
            judge.say("ContactEmailNotValid", ("info", key, "email"), what, "correct the address")


def _see_tags(judge: Judge) -> None:
    """Judge the tags of the root."""
    tags = [mapping(tag) for tag in listing(judge.root.get("tags"))]
    for index, tag in enumerate(tags):
        see_members(tag, ("tags", index), TAG, judge)
        see_needed(tag, ("tags", index), ("name",), judge)
        see_docs(tag, ("tags", index), judge)
        if tag.get("name") in [other.get("name") for other in tags[:index]]:
            judge.say("TagRedefined", ("tags", index), f'the tag "{tag.get("name")}" occurred before', "take it out")


def _operations(judge: Judge) -> list[_Operation]:
    """All operations of a document."""
    found: list[_Operation] = []
    for path, item in mapping(judge.root.get("paths")).items():
        for method, value in mapping(item).items() if not path.startswith("x-") else ():
            if method in METHODS and isinstance(value, dict):
                own = [judge.behind(one) for one in listing(value.get("parameters"))]
                known = [(one.get("name"), one.get("in")) for one in own]
                shared = [judge.behind(one) for one in listing(item.get("parameters"))]
                taken = [one for one in shared if (one.get("name"), one.get("in")) not in known]
                found.append(_Operation(path, method, value, ("paths", path, method), own + taken))
    return found


def _see_item(path: str, item: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge a path item without its operations."""
    see_path(path, item, keys, judge)
    see_members(item, keys, ITEM, judge)
    _see_parameters(item, keys, judge, "Path")
    content = item.get("x-ms-notification-content")
    if isinstance(content, dict):
        place = (*keys, "x-ms-notification-content")
        see_members(content, place, CONTENT, judge)
        if isinstance(content.get("schema"), dict):
            see_schema(content["schema"], (*place, "schema"), "notification", judge)


def _see_parameters(holder: JsonObject, keys: Keys, judge: Judge, level: str) -> None:
    """Judge the parameters that a path item or an operation lists."""
    written = listing(holder.get("parameters"))
    see_list(written, keys, judge, level)
    for index, value in enumerate(written):
        if isinstance(value, dict):
            place = (*keys, "parameters", index)
            if "$ref" in value:
                judge.reference("Parameter", value, place)
            else:
                see_parameter(value, place, judge)


def _see_operation(one: _Operation, judge: Judge) -> None:
    """Judge an operation."""
    value, keys, root = one.value, one.keys, judge.root
    see_members(value, keys, OPERATION, judge)
    see_needed(value, keys, ("responses",), judge)
    see_docs(value, keys, judge)
    _see_schemes(value, keys, judge)
    see_media_types(value, keys, judge)
    see_requirements(value, keys, judge)
    see_pages(value, keys, judge)
    if repeated(listing(value.get("tags"))):
        judge.say("ArrayDuplicateValue", (*keys, "tags"), '"tags" names something twice', "name it once")
    _see_parameters(value, keys, judge, "Operation")
    see_placeholders(one.path, one.parameters, keys, judge)
    see_inputs(one.parameters, one.method, listing(value.get("consumes", root.get("consumes"))), keys, judge)
    responses = mapping(value.get("responses"))
    see_codes(responses, keys, judge)
    produced = [str(name).lower() for name in listing(value.get("produces", root.get("produces")))]
    for code, response in responses.items():
        if isinstance(response, dict) and not code.startswith("x-"):
            _see_answer(response, (*keys, "responses", code), produced, judge)


def _see_answer(response: JsonObject, keys: Keys, produced: list[str], judge: Judge) -> None:
    """Judge a response of an operation."""
    if "$ref" in response:
        judge.reference("Response", response, keys)
    else:
        see_response(response, keys, judge)
    for name in mapping(judge.behind(response).get("examples")):
        if name.lower() not in produced:
            what = f'there is an example for "{name}", which is not produced'
            judge.say("ResponseExampleMustBeProducedByOperation", (*keys, "examples"), what, 'add it to "produces"')


def _see_ids(operations: list[_Operation], judge: Judge) -> None:
    """Judge the ids of the operations."""
    seen: set[str] = set()
    for one in operations:
        id = one.value.get("operationId")
        if not isinstance(id, str) or not id.strip():
            judge.say("OperationIdRequired", one.keys, "the operation has no operationId", 'add "operationId"')
        elif id in seen:
            what = f'the operationId "{id}" occurred before'
            judge.say("OperationIdNotUnique", (*one.keys, "operationId"), what, "give it another one")
        seen.add(str(id))


def _see_shared(judge: Judge) -> None:
    """Judge shared parameters, responses and definitions."""
    for name, value in mapping(judge.root.get("parameters")).items():
        if isinstance(value, dict):
            keys: Keys = ("parameters", name)
            judge.reference("Parameter", value, keys) if "$ref" in value else see_parameter(value, keys, judge)
    for name, value in mapping(judge.root.get("responses")).items():
        if isinstance(value, dict):
            keys = ("responses", name)
            judge.reference("Response", value, keys) if "$ref" in value else see_response(value, keys, judge)
    for name, value in mapping(judge.root.get("definitions")).items():
        if isinstance(value, dict):
            see_schema(value, ("definitions", name), "definition", judge)
    see_loops(judge)
