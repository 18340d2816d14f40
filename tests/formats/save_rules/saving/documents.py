"""Rules about the root of a document: host, paths, ids, tags, addresses (reference: limits-and-certification, sections
2, 3 and 9)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from .api import Api, Keys, Node, obj, seq

Faults = Iterator[tuple[Keys, str]]

SCHEMES = ("http", "https", "ws", "wss")
CALLED = ("http", "https")
HOST = re.compile(r"[^\s{}/?#@\\]+")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
MOST_OPERATIONS = 256


def version(api: Api) -> Faults:
    if api.root.get("swagger") != "2.0":
        yield ("swagger",), repr(api.root.get("swagger"))


def host(api: Api) -> Faults:
    value = api.root.get("host")
    if not isinstance(value, str) or not HOST.fullmatch(value):
        yield ("host",), repr(value)


def base_path(api: Api) -> Faults:
    value = api.root.get("basePath", "/")
    if not isinstance(value, str) or not value.startswith("/"):
        yield ("basePath",), repr(value)


def _schemes(api: Api) -> Iterator[tuple[Keys, Any]]:
    for keys, holder in [((), api.root), *((one.keys, one.value) for one in api.operations)]:
        if "schemes" in holder:
            yield (*keys, "schemes"), holder["schemes"]


def scheme_known(api: Api) -> Faults:
    for keys, value in _schemes(api):
        yield from ((keys, repr(one)) for one in seq(value) if one not in SCHEMES)


def scheme_called(api: Api) -> Faults:
    for keys, value in _schemes(api):
        yield from ((keys, one) for one in seq(value) if one in SCHEMES and one not in CALLED)


def some_scheme(api: Api) -> Faults:
    yield from ((keys, "[]") for keys, value in _schemes(api) if value == [])


def path_item_reference(api: Api) -> Faults:
    yield from (((*item.keys, "$ref"), "") for item in api.items if "$ref" in item.value)


def path_with_slash(api: Api) -> Faults:
    yield from ((item.keys, "") for item in api.items if not str(item.keys[-1]).startswith("/"))


def path_without_query(api: Api) -> Faults:
    yield from ((item.keys, "") for item in api.items if re.search(r"[?#]", PLACEHOLDER.sub("", str(item.keys[-1]))))


def path_characters(api: Api) -> Faults:
    yield from ((item.keys, "") for item in api.items if "*" in str(item.keys[-1]))


def path_template(api: Api) -> Faults:
    for item in api.items:
        rest = PLACEHOLDER.sub(lambda match: "" if match[1] and "/" not in match[1] else "{", str(item.keys[-1]))
        if "{" in rest or "}" in rest:
            yield item.keys, "braces"


def path_defaults(api: Api) -> Faults:
    for item in api.items:
        yield from ((item.keys, name) for name in PLACEHOLDER.findall(str(item.keys[-1])) if "=" in name)


def path_redefined(api: Api) -> Faults:
    seen: Counter[str] = Counter()
    for item in api.items:
        seen[str(item.keys[-1]).lower()] += 1
        if seen[str(item.keys[-1]).lower()] > 1:
            yield item.keys, "differs in case only"


def duplicate_path(api: Api) -> Faults:
    seen: set[tuple[str, str]] = set()
    for one in api.operations:
        key = (one.method, PLACEHOLDER.sub("{}", one.path).lower())
        if key in seen:
            yield one.keys, "differs in names of variables only"
        seen.add(key)


def id_required(api: Api) -> Faults:
    for one in api.operations:
        if not isinstance(one.value.get("operationId"), str) or not one.value["operationId"].strip():
            yield one.keys, ""


def id_unique(api: Api) -> Faults:
    seen: set[str] = set()
    for one in api.operations:
        id = str(one.value.get("operationId"))
        if "operationId" in one.value and id in seen:
            yield one.keys, id
        seen.add(id)


def has_response(api: Api) -> Faults:
    for one in api.operations:
        if not any(not code.startswith("x-") for code in obj(one.value.get("responses"))):
            yield one.keys, ""


def response_code(api: Api) -> Faults:
    for one in api.operations:
        for code in obj(one.value.get("responses")):
            if not (code.startswith("x-") or code == "default" or re.fullmatch("[1-5][0-9][0-9]", code)):
                yield (*one.keys, "responses", code), code


def response_headers(api: Api) -> Faults:
    for response in api.written_responses:
        seen = Counter(name.lower() for name in obj(response.value.get("headers")))
        yield from ((response.keys, name) for name, count in seen.items() if count > 1)


def example_produced(api: Api) -> Faults:
    for one in api.operations:
        produced = [str(name).lower() for name in seq(one.value.get("produces", api.root.get("produces")))]
        for code, written in obj(one.value.get("responses")).items():
            for name in obj(api.followed(written).get("examples")):
                if name.lower() not in produced and not code.startswith("x-"):
                    yield (*one.keys, "responses", code, "examples"), name


def tags_once(api: Api) -> Faults:
    seen: set[Any] = set()
    for index, tag in enumerate(seq(api.root.get("tags"))):
        name = obj(tag).get("name")
        if name in seen:
            yield ("tags", index), str(name)
        seen.add(name)


def count(api: Api) -> Faults:
    if len(api.operations) > MOST_OPERATIONS:
        yield ("paths",), str(len(api.operations))


def _pages(api: Api) -> Iterator[Node]:
    info = obj(api.root.get("info"))
    for key in ("contact", "license"):
        yield Node(obj(info.get(key)), ("info", key))
    holders = [((), api.root), *((one.keys, one.value) for one in api.operations)]
    holders += [(("tags", index), obj(tag)) for index, tag in enumerate(seq(api.root.get("tags")))]
    holders += [(node.keys, node.value) for node in api.schemas]
    for keys, holder in holders:
        yield Node(obj(holder.get("externalDocs")), (*keys, "externalDocs"))


def url(api: Api) -> Faults:
    for node in _pages(api):
        value = node.value.get("url")
        if "url" in node.value and not _absolute(value):
            yield (*node.keys, "url"), repr(value)


def _absolute(value: Any) -> bool:
    """Whether a value is a URL with scheme and host."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return bool(parts.scheme and parts.netloc) and not re.search(r"\s", value)


def email(api: Api) -> Faults:
    contact = obj(obj(api.root.get("info")).get("contact"))
    value = contact.get("email")
    if "email" in contact and not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", str(value)):
        yield ("info", "contact", "email"), repr(value)


RULES = {
    "SpecificationVersionIncorrect": version,
    "HostNameNotValid": host,
    "BasePathNotValid": base_path,
    "SchemeNotValid": scheme_known,
    "SchemeNotSupported": scheme_called,
    "SchemesArrayEmpty": some_scheme,
    "PathItemRefNotSuppored": path_item_reference,
    "OperationPathMustStartWithSlash": path_with_slash,
    "OperationPathMayNotContainQueryOrFragment": path_without_query,
    "OperationPathContainsUnsupportedCharacters": path_characters,
    "OperationPathTemplateNotValid": path_template,
    "OperationPathVariablesContainDefaults": path_defaults,
    "PathRedefined": path_redefined,
    "DuplicateOperationPath": duplicate_path,
    "OperationIdRequired": id_required,
    "OperationIdNotUnique": id_unique,
    "OperationMustHaveResponse": has_response,
    "ResponseMustBeDefaultOrHttpStatusCode": response_code,
    "ResponseHeadersAreNotUnique": response_headers,
    "ResponseExampleMustBeProducedByOperation": example_produced,
    "TagRedefined": tags_once,
    "TotalOperationsCountExceedsMaxAllowed": count,
    "UrlNotValid": url,
    "ContactEmailNotValid": email,
}
"""Code -> the places that break it."""
