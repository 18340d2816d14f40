"""Operations: which requests are one, what it is called, and the Swagger operation object.

What lives here brings the parts together; each kind of part has a module of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from ...model import JsonObject, Route
from ...model.media_type import is_json_type
from ..openapi2 import METHODS
from .bodies import NAMES, Content, body_parameter, content_of, media_types
from .collection import Asked
from .entries import Entry
from .examples import Examples
from .hosts import Base, Target
from .media import FORM, JSON, MULTIPART
from .names import RESERVED, operation_id, plain, summary
from .notes import Notes, listed
from .paths import Path, Template, hidden, path_of, rows_of, template_of
from .replies import replies_of
from .signing import Requirement, Signed, Signing, combined
from .url import query_of
from .values import Row, gathered
from .variables import VARIABLE

TRANSPORT = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "expect", "upgrade", "keep-alive", "te", "trailer"}
) | frozenset({"accept-encoding", "postman-token", "proxy-authorization", "proxy-connection"})
"""Headers (lower case) that whoever sends a request sets itself."""

UNUSUAL = frozenset({"cookie", "origin", "referer", "date", "range", "content-encoding", "location"})
"""Headers (lower case) that the platform may refuse as parameters: its list is not published, no published connector
has one of these (reference: limits-and-certification, section 9: ``ReservedParameterIsUsed``)."""

SPOKEN_FOR = frozenset({"accept", "content-type", "authorization"})
"""Headers (lower case) that media types and sign-in say."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(slots=True)
class Call:
    """One request with what was found out about it."""

    asked: Asked
    base: Base
    path: Path
    content: Content
    signed: Signed
    extra_query: str = ""


@dataclass(slots=True)
class Draft:
    """An operation that is being made: its requests, in order of writing."""

    calls: list[Call]
    prefix: int = 0
    """Segments of its path that the base path of the connector has."""
    id: str = ""
    template: str = ""
    """Path template below the base path, as the service knows it."""
    path: str = ""
    """The same as the connector knows it: of its own where another operation has the template already."""
    names: tuple[str, ...] = field(default=())
    """Of the path parameters."""
    sent_as: str = ""
    """The media type of a JSON body that is called something else; empty for what ``consumes`` can say."""

    @property
    def first(self) -> Call:
        """The request that it is called by."""
        return self.calls[0]

    @property
    def method(self) -> str:
        """Upper case."""
        return self.first.asked.method

    @property
    def route(self) -> Route:
        """Where its first request stands."""
        return self.first.asked.route


def calls_of(targets: Sequence[Target], signing: Signing, examples: Examples, notes: Notes) -> list[Call]:
    """The requests that a connector can make. Those with a method that it does not have are noted and left out."""
    found: list[Call] = []
    for target in targets:
        asked = target.asked
        if asked.method.lower() not in METHODS:
            message = f'the request "{plain(asked.name)}" has the method "{asked.method}"; it is left out'
            notes.add("method-dropped", asked.route / "request", message)
            continue
        found.append(
            Call(
                asked=asked,
                base=target.base,
                path=_path(target, examples, notes),
                content=content_of(asked, examples, notes),
                signed=signing.of(asked),
                extra_query=target.extra_query,
            )
        )
    return found


def _path(target: Target, examples: Examples, notes: Notes) -> Path:
    """The path of a request, without the secrets that its segments hold."""
    path = path_of(target.asked, target.path)
    hides = {
        index: any(isinstance(piece, str) and examples.hides(piece) for piece in segment)
        for index, segment in enumerate(path.segments)
    }
    if any(hides.values()):
        notes.add("secret-in-path", target.asked.url.route, "a secret in the path becomes a parameter")
    return hidden(path, hides, target.asked)


def drafts_of(calls: Sequence[Call], notes: Notes) -> list[Draft]:
    """The operations that requests are: those with one host, method and path, whose bodies are of one kind."""
    groups: dict[tuple[object, ...], list[Call]] = {}
    for call in calls:
        groups.setdefault((call.base.key, call.asked.method, call.path.key), []).append(call)
    _join_values(groups)
    order = {id(call): index for index, call in enumerate(calls)}
    drafts = [Draft(calls=part) for group in groups.values() for part in _by_body(group)]
    drafts.sort(key=lambda draft: order[id(draft.first)])
    for draft in drafts:
        names = list(dict.fromkeys(plain(call.asked.name) for call in draft.calls))
        if len(draft.calls) > 1:
            notes.add("requests-merged", draft.route, f"{len(draft.calls)} requests are one operation: {listed(names)}")
    return drafts


def _join_values(groups: dict[tuple[object, ...], list[Call]]) -> None:
    """Put requests with a value in the path to those that have a variable in its place."""
    for key in list(groups):
        calls = groups[key]
        path = calls[0].path
        for index, _ in path.literals():
            shape = (*path.key[:index], "{}", *path.key[index + 1 :])
            other = groups.get((*key[:2], shape))
            if other is not None and other is not calls:
                like = other[0].path
                for call in calls:
                    call.path = call.path.opened(index, like)
                other.extend(calls)
                del groups[key]
                break


def _by_body(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """Requests whose bodies one operation can have; those without a body go to the first of them."""
    parts: dict[tuple[str, str], list[Call]] = {}
    for call in calls:
        if call.content.kind != "none":
            parts.setdefault((call.content.kind, call.content.variant), []).append(call)
    bare = [call for call in calls if call.content.kind == "none"]
    if not parts:
        yield bare
        return
    first, *others = parts.values()
    order = {id(call): index for index, call in enumerate(calls)}
    yield sorted([*first, *bare], key=lambda call: order[id(call)])
    yield from others


def name_all(drafts: Sequence[Draft], examples: Examples) -> list[Draft]:
    """Give every operation its template, id and path. Returns those whose path is not their template, since another
    operation has it, or has one that differs in case only, which the platform takes for the same."""
    ids: set[str] = set()
    spelt: dict[tuple[str, ...], Template] = {}
    places: set[tuple[str, tuple[str, ...]]] = set()
    moved: list[Draft] = []
    for draft in drafts:
        path = draft.first.path
        key = tuple(part.casefold() for part in path.key[draft.prefix :])
        known = spelt.get(key)
        template = template_of(path, draft.prefix, known.names if known else ())
        draft.template, draft.names = draft.path, _ = template
        draft.id = _free_id(draft, examples.text(draft.first.asked.name), ids)
        ids.add(draft.id.lower())
        if (draft.method, key) in places or (known is not None and known != template):
            draft.path = f"/{draft.id}{template.text}"
            moved.append(draft)
            continue
        spelt.setdefault(key, template)
        places.add((draft.method, key))
    return moved


def _free_id(draft: Draft, name: str, taken: set[str]) -> str:
    """An id for an operation: of the name of its first request, else of its method and path, else with a number."""
    wanted = [operation_id(text, draft.method, draft.template) for text in (name, "")]
    free = next((id for id in wanted if id.lower() not in taken), "")
    number = 2
    while not free:
        free = f"{wanted[0]}{number}" if f"{wanted[0]}{number}".lower() not in taken else ""
        number += 1
    return free


def operation_of(draft: Draft, security: list[Requirement], examples: Examples, notes: Notes) -> JsonObject:
    """The Swagger operation of a draft, without its ``security`` where that is what the connector's root says."""
    requests = [call.asked for call in draft.calls]
    contents = [call.content for call in draft.calls]
    parameters = _parameters(draft, examples, notes)
    if any(content.kind not in ("none", "form", "multipart") for content in contents):
        names = {parameter["name"] for parameter in parameters}
        name = next((name for name in NAMES if name not in names), NAMES[0])
        parameters.append(body_parameter(contents, name, examples, notes))
    replies = replies_of(requests, examples, notes)
    if replies.made_up:
        notes.count("missing-responses", draft.route, draft.id)
    out = _texts(draft, requests, examples)
    consumes = _consumes(contents, parameters, notes)
    if consumes and not is_json_type(consumes[0]) and any(content.kind == "json" for content in contents):
        draft.sent_as, consumes = consumes[0], [JSON]
    if consumes not in ([], [JSON]):
        out["consumes"] = consumes
    if replies.media_types not in ([], [JSON]):
        out["produces"] = replies.media_types
    if parameters:
        out["parameters"] = parameters
    out["responses"] = replies.responses
    own = combined([call.signed for call in draft.calls], draft.route, notes)
    return out if own == security else {**out, "security": own}


def _texts(draft: Draft, requests: Sequence[Asked], examples: Examples) -> JsonObject:
    """Tags, summary, description and id of an operation."""
    out: JsonObject = {}
    tags = list(dict.fromkeys(examples.text(name) for asked in requests for name in asked.folders))
    if tags:
        out["tags"] = tags
    out["summary"] = summary(examples.text(requests[0].name), draft.id)
    description = next((asked.description for asked in requests if asked.description), "")
    if description:
        out["description"] = examples.text(description)
    return {**out, "operationId": draft.id}


def _consumes(contents: Sequence[Content], parameters: Sequence[JsonObject], notes: Notes) -> list[str]:
    """The media type of the body; that of files for a form which has one."""
    found = media_types(contents, notes)
    file = any(parameter.get("type") == "file" for parameter in parameters)
    return [MULTIPART] if file and found == [FORM] else found


def _parameters(draft: Draft, examples: Examples, notes: Notes) -> list[JsonObject]:
    """The parameters of an operation: path, query, headers, form."""
    calls = draft.calls
    seen = gathered("path", [rows_of(call.path, draft.names, call.asked, draft.prefix) for call in calls])
    seen += gathered("query", [_query(call, notes) for call in calls])
    seen += gathered("header", [_headers(call, notes) for call in calls])
    seen += gathered("formData", [_form(call, notes) for call in calls if call.content.kind in ("form", "multipart")])
    out: list[JsonObject] = []
    for parameter in seen:
        if parameter.where != "path" and examples.hides(parameter.name):  # those in the path are named there already
            notes.add("parameter-without-name", parameter.route, "a parameter with a secret in its name is left out")
            continue
        if parameter.where != "path" and parameter.name.lower() in RESERVED:
            notes.add("connection-id", parameter.route, f'the parameter "{parameter.name}" is left out')
            continue
        if parameter.where == "header" and parameter.name.lower() in UNUSUAL:
            message = f'the platform may refuse a parameter for the header "{parameter.name}"'
            notes.add("reserved-parameter", parameter.route, message)
        if parameter.several and parameter.file:
            notes.add("file-list", parameter.route, f'one file can be sent as "{parameter.name}"')
        elif parameter.several:
            notes.add("collection-format", parameter.route, f'"{parameter.name}" becomes a list, sent one by one')
        out.append(parameter.parameter(examples))
    return out


def _query(call: Call, notes: Notes) -> list[tuple[str, Row]]:
    """The query parameters of a request that do not sign in."""
    written = (*call.asked.url.query, *query_of(call.extra_query, call.asked.url.route))
    entries = [
        replace(entry, name=unquote(entry.name), value=None if entry.value is None else unquote(entry.value))
        for entry in written
        if ("query", entry.name) not in call.signed.taken
    ]
    return list(_named(entries, call, notes))


def _headers(call: Call, notes: Notes) -> list[tuple[str, Row]]:
    """The headers of a request that are inputs."""
    rows: list[tuple[str, Row]] = []
    for name, row in _named(call.asked.headers, call, notes):
        lower = name.lower()
        if ("header", lower) in call.signed.taken or lower in SPOKEN_FOR:
            if lower == "content-type" and call.content.kind == "none" and row.entry.enabled:
                notes.count("content-type-without-body", row.entry.route, plain(call.asked.name))
        elif lower in TRANSPORT:
            notes.count("transport-header", row.entry.route, name)
        elif not _TOKEN.fullmatch(name):
            if row.entry.enabled:
                notes.add("parameter-without-name", row.entry.route, f'"{name}" is no name of a header')
        else:
            rows.append((name, row))
    return rows


def _form(call: Call, notes: Notes) -> list[tuple[str, Row]]:
    """The fields of a form."""
    rows: list[tuple[str, Row]] = []
    for name, row in _named(call.content.entries, call, notes):
        if not name.isascii():
            notes.add("form-field-name", row.entry.route, f'the field "{name}" is left out')
            continue
        if row.entry.files > 1:
            notes.add("file-list", row.entry.route, f'one file can be sent as "{name}"')
        if row.entry.media_type and call.content.kind == "multipart":
            notes.add("part-encoding", row.entry.route, f'the media type of "{name}" is left out')
        rows.append((name, row))
    return rows


def _named(entries: Sequence[Entry], call: Call, notes: Notes) -> Iterator[tuple[str, Row]]:
    """Rows with the names that they have on the wire; what has none is noted and left out, but for empty rows."""
    for entry in entries:
        name = call.asked.variables.fill(entry.name).text.strip()
        if VARIABLE.search(name):
            notes.add("variable-name", entry.route, f'the parameter "{name}" is left out')
        elif name:
            yield name, Row(entry, call.asked.variables)
        elif entry.value and entry.enabled:
            notes.add("parameter-without-name", entry.route, "a parameter without a name is left out")
