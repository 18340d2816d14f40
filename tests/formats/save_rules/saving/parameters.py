"""Rules about parameters and media types (reference: limits-and-certification, sections 3, 4 and 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .api import Api, Keys, Node, Operation, obj, seq
from .documents import PLACEHOLDER

Faults = Iterator[tuple[Keys, str]]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
TOKEN = r"[A-Za-z0-9!#$&^_.+*-]+"
"""With ``*``: published connectors have types such as ``application/*+json``."""
MEDIA_TYPE = re.compile(rf'{TOKEN}/{TOKEN}(\s*;\s*{TOKEN}=({TOKEN}|"[^"]*"))*')
RESERVED = frozenset({"authorization", "host", "cookie", "connection", "origin", "referer", "date", "expect"}) | {
    *("range", "transfer-encoding", "content-encoding", "proxy-authorization", "location")
}
"""Headers that no published connector takes; the platform's own list is not published (section 9)."""
FETCHING = ("get", "head")
ON_BODY = frozenset({"type", "format", "items", "collectionFormat", "default", "maximum", "exclusiveMaximum"}) | {
    *("minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems"),
    *("enum", "multipleOf", "allowEmptyValue"),
}
"""Members of other parameters that a body must not have."""


def _groups(api: Api) -> Iterator[tuple[Operation, list[Node]]]:
    for one in api.operations:
        yield one, api.inputs(one)


def _names(nodes: list[Node], where: str) -> list[Any]:
    return [node.value.get("name") for node in nodes if node.value.get("in") == where]


def missing_in_list(api: Api) -> Faults:
    for one, nodes in _groups(api):
        declared = _names(nodes, "path")
        yield from ((one.keys, name) for name in PLACEHOLDER.findall(one.path) if name not in declared)


def not_in_template(api: Api) -> Faults:
    for one, nodes in _groups(api):
        template = PLACEHOLDER.findall(one.path)
        yield from ((one.keys, str(name)) for name in _names(nodes, "path") if name not in template)


def path_required(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "path" and node.value.get("required") is not True:
            yield node.keys, str(node.value.get("name"))


def _twins(api: Api, holder: dict[str, Any], keys: Keys) -> Faults:
    seen: set[tuple[Any, Any]] = set()
    for node in api.listed(holder, keys):
        key = (node.value.get("name"), node.value.get("in"))
        if key in seen and "name" in node.value:
            yield node.keys, str(key)
        seen.add(key)


def identical(api: Api) -> Faults:
    for one in api.operations:
        written = seq(one.value.get("parameters"))
        yield from ((one.keys, "") for index, value in enumerate(written) if value in written[:index])


def twins(api: Api) -> Faults:
    for one in api.operations:
        yield from _twins(api, one.value, one.keys)


def path_twins(api: Api) -> Faults:
    for item in api.items:
        yield from _twins(api, item.value, item.keys)


def one_body(api: Api) -> Faults:
    for one in api.operations:
        if len(_names(list(api.listed(one.value, one.keys)), "body")) > 1:
            yield one.keys, ""


def path_one_body(api: Api) -> Faults:
    for item in api.items:
        if len(_names(list(api.listed(item.value, item.keys)), "body")) > 1:
            yield item.keys, ""


def fetch_without_body(api: Api) -> Faults:
    for one, nodes in _groups(api):
        if one.method in FETCHING and (_names(nodes, "body") or _names(nodes, "formData")):
            yield one.keys, one.method


def form_or_body(api: Api) -> Faults:
    for one, nodes in _groups(api):
        if _names(nodes, "body") and _names(nodes, "formData"):
            yield one.keys, ""


def file_in_form(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("type") == "file" and node.value.get("in") != "formData":
            yield node.keys, str(node.value.get("in"))


def no_connection_id(api: Api) -> Faults:
    for node in api.written_parameters:
        if str(node.value.get("name")).lower() == "connectionid":
            yield node.keys, str(node.value.get("in"))


def not_reserved(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "header" and str(node.value.get("name")).lower() in RESERVED:
            yield node.keys, str(node.value["name"])


def empty_value(api: Api) -> Faults:
    for node in api.written_parameters:
        if "allowEmptyValue" in node.value and node.value.get("in") not in ("query", "formData"):
            yield node.keys, str(node.value.get("name"))


def collection_format(api: Api) -> Faults:
    for node in api.single_values:
        if node.value.get("collectionFormat", "csv") != "csv":
            yield node.keys, str(node.value["collectionFormat"])


def form_name(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "formData" and not str(node.value.get("name")).isascii():
            yield node.keys, str(node.value["name"])


def body_schema(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "body" and not isinstance(node.value.get("schema"), dict):
            yield node.keys, ""


def body_members(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") == "body":
            yield from (((*node.keys, key), key) for key in node.value.keys() & ON_BODY)


def schema_on_body_only(api: Api) -> Faults:
    for node in api.written_parameters:
        if node.value.get("in") != "body" and "schema" in node.value:
            yield node.keys, str(node.value.get("name"))


def _media_types(api: Api) -> Iterator[tuple[Keys, Any]]:
    for keys, holder in [((), api.root), *((one.keys, one.value) for one in api.operations)]:
        for key in ("consumes", "produces"):
            for index, name in enumerate(seq(holder.get(key))):
                yield (*keys, key, index), name


def media_type(api: Api) -> Faults:
    for keys, name in _media_types(api):
        if not isinstance(name, str) or not MEDIA_TYPE.fullmatch(name):
            yield keys, repr(name)


def _consumed(api: Api, one: Operation) -> list[Any]:
    return [
        str(name).partition(";")[0].strip().lower() for name in seq(one.value.get("consumes", api.root.get("consumes")))
    ]


def media_type_fits(api: Api) -> Faults:
    for one, nodes in _groups(api):
        consumed = _consumed(api, one)
        files = any(node.value.get("type") == "file" for node in nodes)
        if files and MULTIPART not in consumed:
            yield one.keys, f"a file in {consumed}"
        elif _names(nodes, "formData") and not {FORM, MULTIPART} & set(consumed):
            yield one.keys, f"a form in {consumed}"


def _binary(value: dict[str, Any]) -> bool:
    return value.get("type") == "string" and value.get("format") == "binary"


def urlencoded_binary(api: Api) -> Faults:
    for one, nodes in _groups(api):
        if _consumed(api, one) == [FORM]:
            for node in nodes:
                schema = api.followed(node.value.get("schema")) if node.value.get("in") == "body" else node.value
                if node.value.get("in") in ("body", "formData") and _binary(schema):
                    yield node.keys, str(node.value.get("name"))


def nested_binary(api: Api) -> Faults:
    for node in api.schemas:
        if node.kind == "inner" and _binary(api.followed(node.value)):
            yield node.keys, ""
    for node in api.single_values:
        whole = node.kind == "parameter" and node.value.get("in") == "formData"
        if _binary(obj(node.value)) and not whole:
            yield node.keys, ""


RULES = {
    "OperationMissingPathParameter": missing_in_list,
    "PathParameterNotDefinedInTemplate": not_in_template,
    "PathParameterMustBeRequired": path_required,
    "OperationParametersAreNotUnique": identical,
    "OperationParametersContainDuplicateParameter": twins,
    "PathParametersContainDuplicateParameter": path_twins,
    "OperationParametersContainMultipleBodyParameters": one_body,
    "PathParametersContainMultipleBodyParameters": path_one_body,
    "BodyOrFormDataParameterInFetchOperationNotAllowed": fetch_without_body,
    "ParameterListContainsFormDataAndBody": form_or_body,
    "FileParameterMustBeInFormData": file_in_form,
    "ConnectionIdParameterNotAllowed": no_connection_id,
    "ReservedParameterIsUsed": not_reserved,
    "AllowEmptyValueOnlyValidForQueryFormData": empty_value,
    "CollectionFormatValueNotSupported": collection_format,
    "InvalidFormDataParameterName": form_name,
    "BodyParameterSchemaRequired": body_schema,
    "BodyParameterPropertyNotValid": body_members,
    "NonBodyParameterSchemaNotValid": schema_on_body_only,
    "MimeTypeNotValid": media_type,
    "MimeTypeNotCompatibleWithRequestContentSchemaType": media_type_fits,
    "StringBinaryNotSupportedForFormUrlEncoded": urlencoded_binary,
    "InvalidStringBinaryProperty": nested_binary,
}
"""Code -> the places that break it."""
