"""Bodies: what kind each is of, and the parameters that those of one operation become.

What lives here decides by what a body holds, then by what Postman's editor was told, then by its ``Content-Type``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_plus

from ...model import MISSING, DocumentError, JsonObject, Route
from ...model.media_type import bare, is_json_type
from .collection import Asked, Body
from .entries import Entry
from .examples import Examples
from .inference import Inference
from .media import FORM, JSON, MULTIPART, OCTETS, is_media_type
from .notes import Notes
from .secret_values import says_secret
from .texts import is_whole, value_of
from .variables import VARIABLE

Kind = Literal["none", "json", "form", "multipart", "text", "binary"]

BODILESS = frozenset({"GET", "HEAD"})
"""Methods with which the platform sends no body."""

LANGUAGES = {
    "json": JSON,
    "xml": "application/xml",
    "html": "text/html",
    "javascript": "application/javascript",
    "text": "text/plain",
}
"""What Postman's editor calls the language of a body -> the media type that Postman sends with it."""

NAMES = ("body", "requestBody", "request_body")
"""Names for a body, which has none in Postman; the first that no parameter has is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The body of one request, looked at."""

    kind: Kind
    media_type: str = ""
    """As it is sent; empty for none."""
    value: Any = MISSING
    """Of JSON: its value, unknown variables marked; MISSING where it cannot be read."""
    text: str = ""
    """Of a text, known variables filled in."""
    entries: tuple[Entry, ...] = ()
    """Of a form."""
    variant: str = ""
    """What tells bodies apart that cannot be one operation's: for JSON whether it is a list, for GraphQL the query."""
    route: Route = Route()


NO_CONTENT = Content(kind="none")


def content_of(asked: Asked, examples: Examples, notes: Notes) -> Content:
    """The body of a request as its operation sends it; of a method without bodies none, with a finding."""
    body = asked.body
    if body is None or _is_empty(body):
        return NO_CONTENT
    if asked.method in BODILESS:
        rule = "body-dropped" if asked.sends_body else "body-not-sent"
        notes.add(rule, body.route, f"the body of a {asked.method} is left out")
        return NO_CONTENT
    said = _content_type(asked, examples)
    match body.mode:
        case "raw":
            return _raw(asked, body, said, notes)
        case "graphql":
            return _graph(asked, body, notes)
        case "urlencoded":
            return Content(kind="form", media_type=FORM, entries=body.entries, route=body.route)
        case "formdata":
            return Content(kind="multipart", media_type=MULTIPART, entries=body.entries, route=body.route)
        case "file":
            return Content(kind="binary", media_type=said or OCTETS, route=body.route)
        case mode:
            notes.add("unknown-body-mode", body.route, f'a body of the mode "{mode}" is left out')
            return NO_CONTENT


def _is_empty(body: Body) -> bool:
    """Whether there is nothing to send; Postman saves an empty body with every request that once had a tab for it."""
    return body.mode in ("raw", "urlencoded", "formdata", "graphql") and not body.text.strip() and not body.entries


def _content_type(asked: Asked, examples: Examples) -> str:
    """The media type that a request says itself; empty for none and for what is none."""
    for entry in asked.headers:
        if entry.enabled and entry.name.lower() == "content-type":
            said = asked.variables.peek(entry.value or "").strip()
            return said if is_media_type(said) and not examples.hides(said) else ""
    return ""


def _raw(asked: Asked, body: Body, said: str, notes: Notes) -> Content:
    """A text that is typed as it is sent."""
    text = asked.variables.fill(body.text).text
    media_type = said or LANGUAGES.get(body.language, "")
    value = _json(text)
    wanted = is_json_type(media_type) or (body.language == "json" and not said)
    if value is not MISSING and (wanted or isinstance(value, (dict, list))):
        if not is_json_type(media_type) and (not said or bare(said) == MULTIPART):
            media_type = JSON
        return Content(kind="json", media_type=media_type, value=value, variant=_root(value), route=body.route)
    if wanted:
        notes.add("unreadable-body", body.route, "the body should be JSON, but cannot be read as such")
        return Content(kind="json", media_type=media_type if is_json_type(media_type) else JSON, route=body.route)
    if bare(media_type) == FORM:
        return Content(kind="form", media_type=FORM, entries=_fields(text, body.route), route=body.route)
    if bare(media_type) == MULTIPART:
        notes.add("unknown-body-mode", body.route, "a multipart form that is written out by hand is left out")
        return NO_CONTENT
    media_type = media_type or LANGUAGES["text"]
    return Content(kind="text", media_type=media_type, text=text, variant=bare(media_type), route=body.route)


def _fields(text: str, route: Route) -> tuple[Entry, ...]:
    """The fields of a form that is written as it is sent."""
    pairs = (pair.partition("=") for pair in text.strip().split("&"))
    return tuple(Entry(name=unquote_plus(name), value=unquote_plus(value), route=route) for name, _, value in pairs)


def _json(text: str) -> Any:
    """The value of a JSON text; MISSING when it is none."""
    try:
        return value_of(text)
    except DocumentError:
        return MISSING


def _root(value: Any) -> str:
    """What tells JSON bodies apart: lists from all others."""
    return "list" if isinstance(value, list) else ""


def _graph(asked: Asked, body: Body, notes: Notes) -> Content:
    """A GraphQL call: a JSON object with the query, and its variables where it has any."""
    query = asked.variables.fill(body.text).text
    value: JsonObject = {"query": query}
    arguments = asked.variables.fill(body.arguments).text
    if arguments.strip():
        read = _json(arguments)
        if isinstance(read, dict):
            value["variables"] = read
        else:
            notes.add("unreadable-body", body.route, "the variables of the query are no JSON object")
    if body.operation_name:
        value["operationName"] = body.operation_name
    return Content(kind="json", media_type=JSON, value=value, variant=f"query {query.strip()}", route=body.route)


def body_parameter(contents: Sequence[Content], name: str, examples: Examples, notes: Notes) -> JsonObject:
    """The body parameter of an operation whose requests have these bodies, all of one kind; some may have none."""
    sent = [content for content in contents if content.kind != "none"]
    out: JsonObject = {"name": name, "in": "body"}
    if len(sent) == len(contents):
        out["required"] = True
    match sent[0].kind:
        case "json":
            schema = _json_schema(sent, examples, notes)
        case "binary":
            schema = {"type": "string", "format": "binary"}
        case _:
            known = [content for content in sent if VARIABLE.search(content.text) is None]
            schema = {"type": "string", **examples.first([content.text for content in known], sent[0].route, notes)}
    return {**out, "schema": schema}


def _json_schema(sent: list[Content], examples: Examples, notes: Notes) -> JsonObject:
    """The schema of JSON bodies with the first of them that is known altogether as its example."""
    values = [examples.scrubbed(content.value) for content in sent if content.value is not MISSING]
    schema = inferred(values, sent[0].route, notes)
    if len(values) < len(sent):
        return {}
    query = sent[0].value.get("query") if sent[0].variant.startswith("query ") else None
    if isinstance(query, str) and VARIABLE.search(query) is None and not (examples.hides(query) or says_secret(query)):
        schema["properties"]["query"] |= {"default": query, "x-ms-visibility": "advanced"}
    return {
        **schema,
        **examples.first([content.value for content in sent if is_whole(content.value)], sent[0].route, notes),
    }


def inferred(values: Sequence[Any], route: Route, notes: Notes) -> JsonObject:
    """The schema of several values, with findings for what it cannot say."""
    inference = Inference()
    schema = inference.schema(values)
    if inference.mixed:
        places = ", ".join(f'"{place}"' for place in dict.fromkeys(inference.mixed[:6]))
        notes.add("several-types", route, f"values of several types: {places}; anything is accepted there")
    if inference.deep:
        notes.add("too-deep", route, "the value has too many levels; from some depth on anything is accepted")
    return schema


def media_types(contents: Iterable[Content], notes: Notes) -> list[str]:
    """The media type of an operation's bodies: the most frequent one. Others are noted."""
    found = [content for content in contents if content.media_type]
    if not found:
        return []
    counted = Counter(content.media_type for content in found).most_common()
    chosen = counted[0][0]
    for content in found:
        if content.media_type != chosen:
            message = f'"{content.media_type}" is left out; "{chosen}" is used'
            notes.add("content-type-dropped", content.route, message)
    return [chosen]
