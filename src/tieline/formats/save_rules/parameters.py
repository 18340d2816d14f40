"""Rules about parameters, responses and media types."""

from __future__ import annotations

import re
from typing import Any

from ...model import JsonObject
from ...model.media_type import bare
from .judge import Judge, Keys, listing, mapping, repeated
from .members import HEADER, ITEMS, PARAMETER, RESPONSE, see_members, see_needed
from .schemas import MARK, is_bytes, see_keywords, see_schema

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
RESERVED = frozenset(
    {"authorization", "host", "cookie", "connection", "origin", "referer", "date", "expect"}
) | frozenset({"range", "transfer-encoding", "content-encoding", "proxy-authorization", "location"})
"""Headers (lower case) that no published connector has as parameters; the platform's own list is not published."""
PLACES = ("path", "query", "header", "formData", "body")
FORMATS = ("csv", "ssv", "tsv", "pipes", "multi")

_TOKEN = r"[A-Za-z0-9!#$&^_.+*-]+"
_MEDIA = re.compile(rf'{_TOKEN}/{_TOKEN}(\s*;\s*{_TOKEN}=({_TOKEN}|"[^"]*"))*')
_CODE = re.compile(r"[1-5][0-9][0-9]|default|x-.*")


def see_parameter(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge one parameter object, which is no reference."""
    see_members(value, keys, PARAMETER, judge)
    see_needed(value, keys, ("name", "in"), judge)
    name, where = str(value.get("name")), value.get("in")
    if "in" in value and where not in PLACES:
        judge.say(
            "JsonValueNotInEnum", keys, f'"{where}" is no place of a parameter', "use one of " + ", ".join(PLACES)
        )
    if name.lower() == "connectionid":
        what = f'the platform has a parameter "{name}" of its own'
        judge.say("ConnectionIdParameterNotAllowed", keys, what, "give it another name, in a path for example")
    if where == "header" and name.lower() in RESERVED:
        what = f'senders set the header "{name}" themselves'
        judge.say("ReservedParameterIsUsed", keys, what, 'set it by the policy "setheader"')
    if where == "path" and value.get("required") is not True:
        judge.say("PathParameterMustBeRequired", keys, f'"{name}" is not required', 'add "required": true')
    if where == "formData" and not name.isascii():
        judge.say("InvalidFormDataParameterName", keys, f'the name "{name}" is not ASCII', "give it another name")
    if "allowEmptyValue" in value and where not in ("query", "formData"):
        what = '"allowEmptyValue" is for the query and forms'
        judge.say("AllowEmptyValueOnlyValidForQueryFormData", keys, what, "take it out")
    for key in value:
        if where == "body" and key.startswith("x-ms-dynamic-"):
            what = f'"{key}" stands beside the schema of the body'
            judge.say("DynamicExtensionDefinitionNotAllowedInParameter", (*keys, key), what, "move it into the schema")
    if where == "body":
        _see_body(value, keys, judge)
    else:
        _see_value_parameter(value, keys, judge)


def _see_body(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge what is special about a body."""
    schema = value.get("schema")
    if isinstance(schema, dict):
        see_schema(schema, (*keys, "schema"), "body", judge)
    else:
        judge.say("BodyParameterSchemaRequired", keys, 'a body without "schema"', 'add "schema"')
    for key in value.keys() & (ITEMS.keys() | {"allowEmptyValue"}):
        judge.say("BodyParameterPropertyNotValid", (*keys, key), f'"{key}" stands on a body', "move it into the schema")


def _see_value_parameter(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge what is special about any other parameter."""
    where = value.get("in")
    if "schema" in value:
        what = 'a parameter that is no body has a "schema"'
        judge.say("NonBodyParameterSchemaNotValid", keys, what, "move its keywords into the parameter")
    if value.get("type") == "file" and where != "formData":
        judge.say("FileParameterMustBeInFormData", keys, f'a file in "{where}"', 'use "in": "formData"')
    if is_bytes(value) and where != "formData":
        judge.say("InvalidStringBinaryProperty", keys, "bytes are no parameter", 'use the format "byte"')
    _see_values(value, keys, judge)


def _see_values(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge a single value or list and its elements."""
    here: Any = value
    while isinstance(here, dict):
        if here is not value:
            see_members(here, keys, ITEMS, judge)
            if is_bytes(here):
                judge.say("InvalidStringBinaryProperty", keys, "bytes in a list", 'use the format "byte"')
        see_needed(here, keys, ("type",), judge)
        see_keywords(here, keys, judge)
        if here.get("type") == "object":
            judge.say("JsonValueNotInEnum", keys, '"object" is no type of a parameter', 'use "string"')
        if MARK in here:
            judge.say("NotificationUrlNotAllowedInThisPosition", keys, f'"{MARK}" is for bodies', "take it out")
        _see_collection(here, keys, judge)
        here, keys = here.get("items"), (*keys, "items")


def _see_collection(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge how a list is written."""
    kind = value.get("collectionFormat", "csv")
    if kind not in FORMATS:
        judge.say("JsonValueNotInEnum", keys, f'"{kind}" is no collectionFormat', 'use "csv"')
    if kind != "csv":
        what = f'the collectionFormat "{kind}" is written in another way than joined with commas'
        judge.say("CollectionFormatValueNotSupported", keys, what, "check it on the platform")


def see_response(value: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge one response object, which is no reference."""
    see_members(value, keys, RESPONSE, judge)
    see_needed(value, keys, ("description",), judge)
    if isinstance(value.get("schema"), dict):
        see_schema(value["schema"], (*keys, "schema"), "response", judge)
    headers = mapping(value.get("headers"))
    for name in repeated([name.lower() for name in headers]):
        judge.say("ResponseHeadersAreNotUnique", keys, f'the header "{name}" is declared twice', "declare it once")
    for name, header in headers.items():
        if isinstance(header, dict):
            place = (*keys, "headers", name)
            see_members(header, place, HEADER, judge)
            if is_bytes(header):
                judge.say("InvalidStringBinaryProperty", place, "bytes are no header", 'use the format "byte"')
            _see_values(header, place, judge)


def see_media_types(holder: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge ``consumes`` and ``produces`` of the root or of an operation."""
    for key in ("consumes", "produces"):
        if repeated(listing(holder.get(key))):
            judge.say("ArrayDuplicateValue", (*keys, key), f'"{key}" names something twice', "name it once")
        for index, name in enumerate(listing(holder.get(key))):
            if not isinstance(name, str) or not _MEDIA.fullmatch(name):
                what = f'"{name}" is no media type'
                judge.say("MimeTypeNotValid", (*keys, key, index), what, 'write it like "application/json"')


def see_list(written: list[Any], keys: Keys, judge: Judge, level: str) -> None:
    """Judge a list of parameters; ``level`` is Operation or Path."""
    parameters = [judge.behind(one) for one in written]
    for name, where in repeated([(one.get("name"), one.get("in")) for one in parameters if "name" in one]):
        what = f'the {where} parameter "{name}" is declared twice'
        judge.say(f"{level}ParametersContainDuplicateParameter", keys, what, "declare it once")
    if level == "Operation" and repeated(written):
        judge.say("OperationParametersAreNotUnique", keys, "a parameter stands there twice", "take one of them out")
    if [one.get("in") for one in parameters].count("body") > 1:
        judge.say(f"{level}ParametersContainMultipleBodyParameters", keys, "there are several bodies", "leave one")


def see_inputs(parameters: list[JsonObject], method: str, consumed: list[Any], keys: Keys, judge: Judge) -> None:
    """Judge all parameters of an operation together, those of its path among them."""
    places = [one.get("in") for one in parameters]
    form, body = "formData" in places, "body" in places
    types = [bare(str(name)) for name in consumed]
    if method in ("get", "head") and (form or body):
        code = "BodyOrFormDataParameterInFetchOperationNotAllowed"
        judge.say(code, keys, f"a {method.upper()} has a body", "offer the operation under POST")
    if form and body:
        judge.say("ParameterListContainsFormDataAndBody", keys, "there are a body and a form", "leave one of them")
    wanted = MULTIPART if any(one.get("type") == "file" for one in parameters) else FORM
    if form and wanted not in types and MULTIPART not in types:
        code = "MimeTypeNotCompatibleWithRequestContentSchemaType"
        judge.say(code, keys, f'a form is not sent as "{wanted}"', f'add "{wanted}" to "consumes"')
    for one in parameters if types == [FORM] else ():
        if (
            is_bytes(judge.behind(one.get("schema")) if one.get("in") == "body" else one)
            and one.get("in") in PLACES[3:]
        ):
            what = f'bytes ("{one.get("name")}") in a form that is urlencoded'
            judge.say("StringBinaryNotSupportedForFormUrlEncoded", keys, what, f'use "{MULTIPART}"')


def see_codes(responses: JsonObject, keys: Keys, judge: Judge) -> None:
    """Judge the codes of an operation's responses."""
    if not any(not code.startswith("x-") for code in responses):
        judge.say("OperationMustHaveResponse", keys, "there is no response", "declare what the service answers")
    for code in responses:
        if not _CODE.fullmatch(code):
            what = f'"{code}" is no code of a response'
            judge.say("ResponseMustBeDefaultOrHttpStatusCode", (*keys, "responses", code), what, "correct the code")
